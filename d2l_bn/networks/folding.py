r"""Folding: in prediction a batch normalization is one more linear map, so it can be multiplied in.

With fixed statistics, :math:`y = \gamma (Wu + b - \mu) / \sqrt{\sigma^2 + \varepsilon} + \beta` is

.. math:: y = W'u + b', \qquad
    W' = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}\, W, \qquad
    b' = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}\, (b - \mu) + \beta

where the factor multiplies the weights of one output channel each. The layer costs nothing then.

Source: Jacob et al. 2018, *Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference*, arXiv:1712.05877, section 3.2.
"""

from __future__ import annotations

import collections
import copy
from typing import Any

import numpy
from mxnet import gluon, init, np
from mxnet.gluon import nn

from d2l_bn.networks.batch_norm_layers import averages, channel_axis
from d2l_bn.networks.convolution import Conv2D
from d2l_bn.networks.residual_block import HybridResidualBlock, ResidualBlock, Scale
from d2l_bn.networks.watching import blocks
from d2l_bn.norms.batch import BatchNorm
from d2l_bn.norms.compiled_batch import CompiledBatchNorm

__all__ = ["fold"]

SEQUENTIAL = (nn.Sequential, nn.HybridSequential)


def fold(net: nn.Sequential | nn.HybridSequential) -> nn.Sequential | nn.HybridSequential:
    r"""A copy of ``net`` for prediction, without the batch normalizations that can be folded.

    Folded is one of this package's or of Gluon's that comes right behind an ``nn.Conv2D`` or
    ``nn.Dense`` without activation of its own, in the same Sequential, at any depth of nesting; the
    branches of residual blocks (:mod:`d2l_bn.networks.residual`) are looked into, and the number
    that multiplies one is folded, too. One at the start of a network or behind an activation, a
    pooling or a sum stays, as do those inside of other blocks, whose order only their ``forward``
    knows. So a residual network of post-activation blocks folds as a whole; with pre-activation the
    first normalization of each block and the last of the network stay.

    Arguments:
        net: an initialized ``nn.Sequential`` or ``nn.HybridSequential``; it is not changed.

    Returns:
        A network with the layers' names and values of its own, without hooks and not hybridized; a
        HybridSequential if all of its layers allow that. Its outputs in prediction mode are those
        of ``net`` but for rounding. Training it is training without batch normalization.

    Raises:
        TypeError: ``net`` is another kind of block.

    >>> import d2l_bn
    >>> net = d2l_bn.lenet()
    >>> net.initialize()
    >>> X = np.random.uniform(size=(2, 1, 28, 28))
    >>> Y = net(X)
    >>> folded = fold(net)
    >>> len(net), len(folded), np.abs(folded(X) - Y).max().item() < 1e-5
    (15, 11, True)
    """
    if type(net) not in SEQUENTIAL:
        raise TypeError(
            f"net is a {type(net).__name__}; expected an nn.Sequential or nn.HybridSequential, in "
            "which each layer follows the one before: fold the Sequential blocks inside of it"
        )
    return _fold(_bare_copy(net), {})


def _fold(block: gluon.Block, made: dict[tuple[int, ...], gluon.Block]) -> gluon.Block:
    """Rebuild a Sequential from its layers, pairs of which become one; others come as they are.

    ``made`` has what was made, by what it was made from: what occurs twice stays one block.
    """
    if (id(block),) in made:
        return made[id(block),]
    if type(block) in (ResidualBlock, HybridResidualBlock):
        branch = _fold(block.branch, made)
        kind = HybridResidualBlock if isinstance(branch, gluon.HybridBlock) else ResidualBlock
        made[id(block),] = kind(branch, block.shortcut, block.act)
        return made[id(block),]
    if type(block) not in SEQUENTIAL:
        return block
    layers: list[tuple[str, gluon.Block]] = []
    for name, child in block._children.items():
        layer = _fold(child, made)
        before = layers[-1][1] if layers else None
        if _foldable(before, layer):
            pair = id(before), id(layer)
            if pair not in made:
                made[pair] = _merged(before, layer)
            layers[-1] = layers[-1][0], made[pair]
        else:
            layers.append((name, layer))
    hybrid = all(isinstance(layer, gluon.HybridBlock) for _, layer in layers)
    folded = (nn.HybridSequential if hybrid else nn.Sequential)(prefix=block.prefix)
    for name, layer in layers:
        if hasattr(block, name):  # reachable as net.name
            setattr(folded, name, layer)
        else:
            folded.register_child(layer, name)
    made[id(block),] = folded
    return folded


def _foldable(linear: Any, after: gluon.Block) -> bool:
    """Exact types: a subclass may compute something else from the same weights."""
    if type(after) not in (Scale, BatchNorm, CompiledBatchNorm, nn.BatchNorm):
        return False
    if type(after) is not Scale and channel_axis(after) != 1:
        return False
    if type(linear) in (nn.Conv2D, Conv2D):
        return linear.act is None and linear._kwargs["layout"] == "NCHW"
    return type(linear) is nn.Dense and linear.act is None and linear._flatten


def _merged(linear: nn.Conv2D | nn.Dense, after: gluon.Block) -> nn.Conv2D | nn.Dense:
    """A layer of its own: the two that it is made from may also stand elsewhere."""
    weight, contexts = linear.weight, linear.weight.list_ctx()
    factor, mean, shift = _linear_map(after)
    factor = numpy.broadcast_to(factor, weight.shape[:1])  # (C,)
    bias = 0.0 if linear.bias is None else _values(linear.bias)

    layer = _like(linear, prefix=f"{linear.prefix}{after.prefix}")
    layer.cast(weight.dtype)
    layer.initialize(init.Zero(), contexts)  # Gluon cannot draw float64, and nothing is drawn
    rows = (-1,) + (1,) * (len(weight.shape) - 1)  # axis 0 is the output channel
    new_weight = weight.data(contexts[0]).asnumpy().astype("float64") * factor.reshape(rows)
    new_bias = factor * (bias - mean) + shift
    for parameter, value in ((layer.weight, new_weight), (layer.bias, new_bias)):
        parameter.set_data(np.array(value, dtype=weight.dtype))
    return layer


def _linear_map(layer: gluon.Block) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Factor, mean and shift of factor · (x - mean) + shift, (C,) each or (1,)."""
    if isinstance(layer, Scale):
        return _values(layer.factor), numpy.zeros(1), numpy.zeros(1)
    gamma, beta, mean, var = map(_values, (layer.gamma, layer.beta, *averages(layer)))
    if not isinstance(layer, BatchNorm) and layer._kwargs["fix_gamma"]:
        gamma = numpy.ones_like(gamma)
    eps = layer.eps if isinstance(layer, BatchNorm) else layer._kwargs["eps"]
    return gamma / numpy.sqrt(var + eps), mean, beta


def _like(linear: nn.Conv2D | nn.Dense, prefix: str) -> nn.Conv2D | nn.Dense:
    """A new layer of the same configuration, with a bias."""
    channels, inputs = linear.weight.shape[:2]
    if isinstance(linear, nn.Dense):
        return nn.Dense(channels, in_units=inputs, prefix=prefix)
    options = linear._kwargs
    return type(linear)(
        channels,
        options["kernel"],
        strides=options["stride"],
        padding=options["pad"],
        dilation=options["dilate"],
        groups=options["num_group"],
        in_channels=inputs * options["num_group"],
        prefix=prefix,
    )


def _values(parameter: gluon.Parameter) -> numpy.ndarray:
    """(C,) in float64, so that the new weights are rounded once."""
    return parameter.data(parameter.list_ctx()[0]).asnumpy().astype("float64").reshape(-1)


def _bare_copy(net: gluon.Block) -> gluon.Block:
    """A deep copy without hooks and without compiled graphs, which cannot be copied."""
    instead: dict[int, object] = {}  # what copy.deepcopy is to believe it has copied already
    for block in blocks(net).values():
        for hooks in (block._forward_hooks, block._forward_pre_hooks):
            instead[id(hooks)] = collections.OrderedDict()
        if isinstance(block, gluon.HybridBlock):
            instead[id(block._cached_op)] = None
    bare = copy.deepcopy(net, instead)
    bare.hybridize(False)  # and forgets what else belonged to the graphs
    return bare
