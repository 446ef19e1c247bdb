r"""Errands to the tools of a study: made-up runs, and real networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mxnet
import numpy
from mxnet import autograd, gluon, init, np

from d2l_bn.exercises.messages import Wrong
from d2l_bn.networks.lenet import lenet

__all__ = [
    "known_network",
    "of_a_network",
    "of_made_up_runs",
    "outputs_with_dropout",
    "train_frozen",
]


def known_network(
    seed: int, norm: str | None, pooling: str = "max"
) -> tuple[gluon.Block, np.ndarray, np.ndarray]:
    r"""A LeNet, six images and their labels, all of a seed: the same in every process.

    MXNet's own maximum has a wrong gradient where it was recorded in prediction mode: oneDNN keeps
    no note of the places then. Where an answer may do that, ``pooling='avg'`` is right everywhere.
    """
    rng, net = numpy.random.default_rng(seed), lenet(norm=norm, pooling=pooling)
    net.initialize(init.Zero())
    X = np.array(rng.uniform(0, 1, (6, 1, 28, 28)), dtype="float32")
    net(X)
    for parameter in net.collect_params().values():
        deviation = 0.1 if parameter.name.endswith("weight") else 0.5
        if parameter.name.endswith(("weight", "bias")):
            drawn = rng.normal(0, deviation, parameter.shape)
            parameter.set_data(np.array(drawn, dtype="float32"))
        elif parameter.name.endswith(("gamma", "var")):
            parameter.set_data(np.array(rng.uniform(0.5, 2, parameter.shape), dtype="float32"))
    return net, X, np.array(rng.integers(0, 10, 6), dtype="int32")


def of_a_network(function: Callable, seed: int, norm: str | None) -> Any:
    r"""What ``function(net, X, y)`` returns."""
    return function(*known_network(seed, norm, pooling="avg"))


def of_made_up_runs(function: Callable, runs: Mapping[tuple, float], arguments: Sequence) -> Any:
    r"""What ``function(run, *arguments)`` returns; the outcomes of ``run(a, b)`` are known."""

    def run(first: Any, second: Any) -> float:
        if (first, second) not in runs:
            raise KeyError(f"run({first!r}, {second!r}) is none of the runs that were asked for")
        return runs[first, second]

    return function(run, *arguments)


def train_frozen(freeze: Callable, seed: int, norm: str) -> dict[str, list[str]]:
    r"""Names of the parameters that ``freeze(net)`` changed, and that a step of training moved."""
    net, X, y = known_network(seed, norm)
    before = _values(net)
    freeze(net)
    frozen = _values(net)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5}, kvstore=None)
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y)
    if any(parameter.grad_req != "null" for parameter in net.collect_params().values()):
        loss.backward()
        trainer.step(len(y))
    after = _values(net)
    changed = [name for name in before if (frozen[name] != before[name]).any()]
    moved = [name for name in before if (after[name] != frozen[name]).any()]
    return {"all": list(before), "changed": changed, "moved": moved}


def outputs_with_dropout(
    make_net: Callable, rate: float, weights: Sequence[numpy.ndarray], X: numpy.ndarray, seed: int
) -> dict[str, Any]:
    r"""The shapes of a network's parameters and, with those ``weights``, its outputs in both modes.

    Each parameter is given the weight of its shape; other parameters stay as they are.
    """
    net, X = make_net(rate), np.array(X, dtype="float32")
    if not isinstance(net, gluon.Block):
        raise Wrong(f"dropout_net returns a {type(net).__name__}; expected a network.")
    net.initialize(init.Zero(), force_reinit=True)
    net(X[:1])
    by_shape = {weight.shape: weight for weight in weights}
    parameters = net.collect_params().values()
    for parameter in parameters:
        if parameter.shape in by_shape:
            parameter.set_data(np.array(by_shape[parameter.shape], dtype="float32"))
    mxnet.random.seed(seed)
    with autograd.train_mode():
        training = net(X)
    shapes = [tuple(parameter.shape) for parameter in parameters]
    return {"shapes": shapes, "prediction": net(X), "training": training}


def _values(net: gluon.Block) -> dict[str, numpy.ndarray]:
    return {name: p.data().asnumpy().copy() for name, p in net.collect_params().items()}


ERRANDS = (of_a_network, of_made_up_runs, train_frozen, outputs_with_dropout)
