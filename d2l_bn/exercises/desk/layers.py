r"""Errands to a class of layers, made as ``BatchNorm(num_features, num_dims, eps, momentum)``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy
from mxnet import autograd, gluon, np
from mxnet.base import MXNetError
from mxnet.gluon import nn

from d2l_bn.exercises.desk.functions import as_mx
from d2l_bn.exercises.messages import Wrong

__all__ = ["behind_a_dense_layer", "graph_of_averages", "life_of_a_layer"]

STATE = ("gamma", "beta", "moving_mean", "moving_var")


def life_of_a_layer(
    BatchNorm: Callable,
    made_with: Sequence,
    options: dict,
    days: Sequence[tuple],
    names: Sequence[str] = STATE,
) -> list[dict]:
    r"""What a layer does on each of its days, and its state at the end of each.

    A day is ``("train", X)``, a forward pass in training mode; ``("predict", X)``; ``("learn", X,
    dY, lr)``, a recorded pass, its gradient, and a step of plain descent; or ``("move",)``: its
    network is saved, and loaded by another one, which lives on. ``names`` are those of its state.
    """
    net = _network(BatchNorm, made_with, options)
    diary = []
    for kind, *data in days:
        layer, told = net[0], {}
        X: Any = as_mx(data[0]) if data else None
        if kind == "train":
            with autograd.train_mode():
                told["Y"] = layer(X)
        elif kind == "predict":
            told["Y"] = layer(X)
        elif kind == "learn":
            X.attach_grad()
            with autograd.record():
                told["Y"] = layer(X)
            told["Y"].backward(as_mx(data[1]))
            told["dX"] = X.grad
            told["averages"] = [_state(layer, name) for name in STATE[2:]]
            descent = {"learning_rate": data[2]}
            gluon.Trainer(layer.collect_params(), "sgd", descent, kvstore=None).step(1)
        elif kind == "move":
            net = _moved(net, _network(BatchNorm, made_with, options))
        diary.append({**told, **{name: _state(net[0], name) for name in names}})
    return diary


def behind_a_dense_layer(
    BatchNorm: Callable,
    made_with: Sequence,
    options: dict,
    weight: numpy.ndarray,
    batches: Sequence[tuple],
    lr: float,
) -> dict:
    r"""Train Dense → BatchNorm by plain descent down Σ dY·Y of each batch (X, dY)."""
    net = nn.Sequential()
    net.add(nn.Dense(len(weight), use_bias=False, in_units=weight.shape[1]))
    net.add(_layer(BatchNorm, made_with, options))
    net.initialize()
    net[0].weight.set_data(as_mx(weight))
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr}, kvstore=None)
    for X, dY in batches:
        with autograd.record():
            loss = (net(as_mx(X)) * as_mx(dY)).sum()
        loss.backward()
        trainer.step(1)
    state = {name: _state(net[1], name) for name in STATE}
    return {**state, "weight": net[0].weight.data(), "prediction": net(as_mx(batches[0][0]))}


def graph_of_averages(
    BatchNorm: Callable, made_with: Sequence, options: dict, X: numpy.ndarray
) -> dict:
    r"""After two recorded passes: which averages know of autograd, and what they are."""
    layer, given = _layer(BatchNorm, made_with, options), as_mx(X)
    layer.initialize()
    given.attach_grad()  # as behind a layer with weights: without it there is no graph to carry
    for _ in range(2):
        with autograd.record():
            layer(given)  # no backward, which would free the graph
    found = {name: _state(layer, name) for name in STATE}
    found["recorded"] = []
    for name in STATE[2:]:
        try:
            _array(layer, name).backward()
        except MXNetError:
            continue
        found["recorded"].append(name)
    return found


def _network(BatchNorm: Callable, made_with: Sequence, options: dict) -> nn.Sequential:
    net = nn.Sequential()
    net.add(_layer(BatchNorm, made_with, options), nn.Activation("sigmoid"))
    net.initialize()
    return net


def _layer(BatchNorm: Callable, made_with: Sequence, options: dict) -> gluon.Block:
    layer = BatchNorm(*made_with, **options)
    if not isinstance(layer, gluon.Block):
        raise Wrong(f"The class makes a {type(layer).__name__}; expected a subclass of nn.Block.")
    return layer


def _moved(net: nn.Sequential, other: nn.Sequential) -> nn.Sequential:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "net.params")
        net.save_parameters(path)
        other.load_parameters(path)
    return other


def _array(layer: Any, name: str) -> np.ndarray:
    if not hasattr(layer, name):
        raise Wrong(f"The layer has no attribute {name}; the task says which ones it is to have.")
    attribute = getattr(layer, name)
    return attribute.data() if callable(getattr(attribute, "data", None)) else attribute


def _state(layer: Any, name: str) -> np.ndarray:
    return _array(layer, name).copy()


ERRANDS = (life_of_a_layer, behind_a_dense_layer, graph_of_averages)
