r"""Dead ReLUs: units whose output is zero for every example, so that no gradient reaches them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy
from mxnet import autograd, gluon, np

from d2l_bn.networks.watching import named_blocks, uncompiled, watched

__all__ = ["dead_units"]


def dead_units(
    net: gluon.Block, data: Iterable[tuple[np.ndarray, Any]], layers: Iterable[str]
) -> dict[str, numpy.ndarray]:
    r"""Which units of some ReLU layers are dead: 0 for all of ``data``, in prediction mode.

    .. math:: \text{unit } c \text{ is dead} \iff
        \max_{n, h, w} \; \operatorname{ReLU}(z)_{nchw} = 0

    Where the output is 0 the slope is 0, and the gradients of the unit's weights and bias are 0,
    for each example: no step of descent on these data brings it back, only a change in the layers
    below can. A unit of a convolution is a channel, dead if it is 0 at all places.

    Arguments:
        net: an initialized network, hybridized or not.
        data: batches ``(X, y)``.
        layers: names of the ReLU layers in ``net``, such as ``["act1", "act2"]``.

    Returns:
        For each name a boolean array (C,), True for a dead unit.

    Raises:
        ValueError: a name that is not in ``net``, a layer whose output is below 0 (no ReLU), or
            ``data`` without a batch.

    >>> from mxnet.gluon import nn
    >>> net = nn.Sequential()
    >>> net.add(nn.Dense(2, in_units=1), nn.Activation("relu"))
    >>> net.initialize()
    >>> net[0].weight.set_data(np.array([[1.0], [1.0]]))
    >>> net[0].bias.set_data(np.array([0.0, -9.0]))
    >>> dead_units(net, [(np.array([[1.0], [2.0]]), None)], ["1"])
    {'1': array([False,  True])}
    """
    highest: dict[str, numpy.ndarray] = {}

    def note(name: str, X: np.ndarray, Y: np.ndarray) -> None:
        values = Y.asnumpy()
        if values.min() < 0:
            raise ValueError(f"{name} gives values below 0; expected a ReLU layer")
        over_all_but_channels = (0, *range(2, values.ndim))
        highest[name] = numpy.maximum(highest.get(name, 0), values.max(axis=over_all_but_channels))

    found = named_blocks(net, layers)
    with uncompiled(net), watched(found, note), autograd.pause(train_mode=False):
        for X, _ in data:
            net(X)
    if found and not highest:
        raise ValueError("data gave no batch; expected at least one (X, y)")
    return {name: highest[name] == 0 for name in found}
