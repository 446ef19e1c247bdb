r"""The trained weights of a network as one vector: read, moved and put back, and its gradient."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import mxnet as mx
import numpy
from mxnet import autograd, gluon, np

from d2l_bn.networks.batch_norm_layers import kept

__all__ = [
    "kept_parameters",
    "loss_and_gradient",
    "move_to",
    "trained_parameters",
    "weight_slices",
    "weights_of",
]


def loss_and_gradient(
    net: gluon.Block, X: np.ndarray, y: np.ndarray, seed: int | None = 0
) -> tuple[float, numpy.ndarray]:
    r"""The mean loss of a batch in training mode, and its gradient as one float64 vector (n,).

    Moving averages move, as in a training step; ``.grad`` is left alone. ``seed=None`` draws on
    from where MXNet's generator is.
    """
    if seed is not None:
        mx.random.seed(seed)
    parameters = trained_parameters(net)
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y).mean()
    gradients = autograd.grad(loss, [p.data(X.ctx) for p in parameters.values()])
    return loss.item(), _flat(gradients)


def weight_slices(net: gluon.Block) -> dict[str, slice]:
    """Where each layer's ``weight`` stands in :func:`weights_of`, by the name of the layer."""
    places, start = {}, 0
    for name, parameter in trained_parameters(net).items():
        end = start + math.prod(parameter.shape)
        layer, _, last = name.rpartition(".")
        if last == "weight":
            places[layer] = slice(start, end)
        start = end
    return places


def trained_parameters(net: gluon.Block) -> dict[str, gluon.Parameter]:
    r"""What the optimizer trains, by name and from the first layer to the last.

    >>> import d2l_bn
    >>> list(trained_parameters(d2l_bn.lenet()))[:5]
    ['conv1.weight', 'conv1.bias', 'norm1.gamma', 'norm1.beta', 'conv2.weight']
    """
    named = net._collect_params_with_prefix()
    return {name: p for name, p in named.items() if p.grad_req != "null"}


def weights_of(net: gluon.Block) -> numpy.ndarray:
    """All trained weights of ``net`` as one float64 vector (n,)."""
    return _flat(p.list_data()[0] for p in trained_parameters(net).values())


def move_to(net: gluon.Block, weights: numpy.ndarray) -> None:
    """Give ``net`` these trained weights, ordered as in :func:`weights_of`."""
    start = 0
    for parameter in trained_parameters(net).values():
        end = start + math.prod(parameter.shape)
        values = weights[start:end].reshape(parameter.shape)
        parameter.set_data(np.array(values, dtype=parameter.dtype))
        start = end


@contextlib.contextmanager
def kept_parameters(net: gluon.Block) -> Iterator[None]:
    r"""Whatever happens inside, parameters, averages and gradients are afterwards as before.

    >>> net = gluon.nn.Dense(1, in_units=2)
    >>> net.initialize()
    >>> with kept_parameters(net):
    ...     net.bias.set_data(np.ones((1,)))
    >>> net.bias.data()
    array([0.])
    """
    arrays = []
    for parameter in net.collect_params().values():
        arrays += parameter.list_data()
        if parameter.grad_req != "null":
            arrays += parameter.list_grad()
    with kept(arrays):
        yield


def _flat(arrays: Any) -> numpy.ndarray:
    return numpy.concatenate([a.asnumpy().ravel() for a in arrays]).astype("float64")
