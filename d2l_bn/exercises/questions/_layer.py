r"""Questions about a Block: does it train, predict, learn, survive saving?

``BatchNorm`` below is the student's class, called as ``BatchNorm(num_features, num_dims, eps=...,
momentum=...)``; it has ``gamma``, ``beta``, ``moving_mean`` and ``moving_var``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
from mxnet import autograd, gluon, np
from mxnet.base import MXNetError
from mxnet.gluon import nn

from d2l_bn.exercises.asking import value
from d2l_bn.exercises.messages import Wrong, expect
from d2l_bn.exercises.mistakes import MISTAKES, batch_norm

__all__ = ["keeps_no_graph", "learns", "predicts", "survives_saving", "trains"]

EPS, MOMENTUM = 0.3, 0.75
Shape = tuple[int, ...]


def trains(BatchNorm: Callable, rng: Any, shape: Shape) -> None:
    r"""A fresh layer's output in training mode, and its averages after two batches."""
    layer = _made(BatchNorm, shape)
    zero, one = _constants(shape)
    mean, var, from_zero = zero, one, zero
    for _ in range(2):
        X = _batch(rng, shape)
        with autograd.train_mode():
            Y = layer(np.array(X, dtype="float32"))
        expected = batch_norm(X, one, zero, mean, var, EPS, MOMENTUM)
        names = ("eps_outside", "eps_missing", "unbiased", "no_root", "pooled", "per_example")
        known = [
            (batch_norm(X, one, zero, mean, var, EPS, recipe=m.recipe)[0], m.reason, m.credit)
            for m in (MISTAKES[name] for name in (*names, "average_in_training"))
        ]
        expect(f"the output for X {shape} in training mode", Y, expected[0], known)
        from_zero = batch_norm(X, one, zero, mean, from_zero, EPS, MOMENTUM)[2]
        mean, var = expected[1:]
    for name, right, start in (("moving_mean", mean, zero), ("moving_var", var, one)):
        known = [
            (start, "It has not moved: store what batch_norm returns.", 0.3),
            (var if name == "moving_mean" else mean, "Mean and variance are exchanged.", 0.4),
        ]
        if name == "moving_var":
            known.append((from_zero, MISTAKES["starts_at_zero"].reason, 0.5))
        expect(f"{name} after two batches", _state(layer, name), right, known)


def predicts(BatchNorm: Callable, rng: Any, shape: Shape) -> None:
    r"""An untrained layer passes its input through; a trained one uses its averages."""
    layer, X = _made(BatchNorm, shape), _batch(rng, shape)
    zero, one = _constants(shape)
    Y = layer(np.array(X, dtype="float32"))
    known = [
        (X / numpy.sqrt(EPS), "The moving variance starts at 0: start it at 1.", 0.4),
        (
            batch_norm(X, one, zero, zero, one, EPS)[0],
            MISTAKES["batch_in_prediction"].reason,
        ),
    ]
    expect("the output of an untrained layer, prediction", Y, X / numpy.sqrt(1 + EPS), known)
    with autograd.train_mode():
        layer(np.array(_batch(rng, shape), dtype="float32"))
    mean, var = _state(layer, "moving_mean"), _state(layer, "moving_var")
    Y = layer(np.array(X, dtype="float32"))
    expected = (X - mean) / numpy.sqrt(var + EPS)
    expect("the output after one batch of training, prediction", Y, expected, known[1:])
    for name, before in (("moving_mean", mean), ("moving_var", var)):
        if not numpy.array_equal(_state(layer, name), before):
            why = "only training moves the averages: ask autograd.is_training()."
            raise Wrong(f"{name} moved in a prediction; {why}", credit=0.5)


def learns(BatchNorm: Callable, rng: Any, shape: Shape) -> None:
    r"""A trainer's step moves γ and β; the averages move in the forward pass alone."""
    layer, X = _made(BatchNorm, shape), np.array(_batch(rng, shape), dtype="float32")
    upstream = np.array(rng.normal(size=shape), dtype="float32")
    with autograd.record():
        Y = layer(X)
    Y.backward(upstream)
    averages = _state(layer, "moving_mean"), _state(layer, "moving_var")
    gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 0.1}).step(1)
    zero, one = _constants(shape)
    axes = tuple(k for k in range(len(shape)) if k != 1)
    X_hat = batch_norm(X.asnumpy(), one, zero, zero, one, EPS)[0]
    dY = upstream.asnumpy()
    for name, start, gradient in (
        ("gamma", one, (dY * X_hat).sum(axis=axes, keepdims=True)),
        ("beta", zero, dY.sum(axis=axes, keepdims=True)),
    ):
        why = f"{name} has not moved: make it a parameter, self.params.get('{name}', …)."
        after = _state(layer, name)
        expect(f"{name} after a step of 0.1", after, start - 0.1 * gradient, [(start, why)])
    for name, before in zip(("moving_mean", "moving_var"), averages):
        why = "The trainer moved it: give that parameter grad_req='null'."
        if not numpy.array_equal(_state(layer, name), before):
            raise Wrong(f"{name} changed in the trainer's step. {why}", credit=0.5)


def survives_saving(BatchNorm: Callable, rng: Any, shape: Shape) -> None:
    r"""A network that was saved and loaded predicts what it predicted before."""
    X = np.array(_batch(rng, shape), dtype="float32")
    net, copy = _network(BatchNorm, shape), _network(BatchNorm, shape)
    for _ in range(3):
        with autograd.train_mode():
            net(X)
    _has_moved(net[0])
    before = net(X)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "net.params")
        net.save_parameters(path)
        copy.load_parameters(path)
    if numpy.allclose(copy(X).asnumpy(), before.asnumpy(), rtol=1e-4, atol=1e-5):
        return
    mean, var = _state(copy[0], "moving_mean"), _state(copy[0], "moving_var")
    message = "A network that was saved and loaded predicts something else."
    if not mean.any():
        why = f"The loaded moving_mean is 0 and moving_var {var.flat[0]:g}, as in a new layer. "
        raise Wrong(f"{message} {why}{MISTAKES['not_saved'].reason} Make them parameters with "
                    "grad_req='null'.")  # fmt: skip
    raise Wrong(f"{message} Is there anything else that the layer has to remember?")


def keeps_no_graph(BatchNorm: Callable, rng: Any, shape: Shape) -> None:
    r"""After recorded forward passes, the averages know nothing of autograd."""
    layer, X = _made(BatchNorm, shape), np.array(_batch(rng, shape), dtype="float32")
    X.attach_grad()  # as behind a layer with weights: without it there is no graph to carry
    for _ in range(2):
        with autograd.record():
            layer(X)  # no backward, which would free the graph
    _has_moved(layer)
    for name in ("moving_mean", "moving_var"):
        average = getattr(layer, name)
        average = average.data() if callable(getattr(average, "data", None)) else average
        try:
            average.backward()
        except MXNetError:
            continue
        raise Wrong(
            f"{name} carries the graph of the batches that went into it: each one stays in memory. "
            "Update it inside `with autograd.pause():`, from .detach()ed statistics."
        )


def _network(BatchNorm: Callable, shape: Shape) -> nn.Sequential:
    net = nn.Sequential()
    net.add(BatchNorm(shape[1], len(shape), eps=EPS, momentum=MOMENTUM), nn.Activation("sigmoid"))
    net.initialize()
    return net


def _made(BatchNorm: Callable, shape: Shape) -> Any:
    layer = BatchNorm(shape[1], len(shape), eps=EPS, momentum=MOMENTUM)
    if not isinstance(layer, gluon.Block):
        raise Wrong(f"BatchNorm makes a {type(layer).__name__}; expected a subclass of nn.Block.")
    layer.initialize()
    return layer


def _state(layer: Any, name: str) -> numpy.ndarray:
    if not hasattr(layer, name):
        raise Wrong(f"The layer has no attribute {name}; expected gamma, beta, moving_mean and "
                    "moving_var.")  # fmt: skip
    return value(getattr(layer, name))


def _has_moved(layer: Any) -> None:
    if not _state(layer, "moving_mean").any():
        raise Wrong("moving_mean is still 0 after training: there is nothing to look at yet.")


def _batch(rng: Any, shape: Shape) -> numpy.ndarray:
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    return rng.normal(rng.uniform(2, 5, small), rng.uniform(0.5, 2, small), shape)


def _constants(shape: Shape) -> tuple[numpy.ndarray, numpy.ndarray]:
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    return numpy.zeros(small), numpy.ones(small)
