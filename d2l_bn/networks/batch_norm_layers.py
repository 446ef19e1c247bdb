r"""The batch normalizations in a network, this package's and Gluon's alike: find, read, keep."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mxnet import autograd, gluon
from mxnet.gluon import nn

from d2l_bn.norms.batch import BatchNorm

__all__ = ["averages", "batch_norms", "blocks", "channel_axis", "kept_averages", "uncompiled"]


def blocks(net: gluon.Block) -> dict[str, gluon.Block]:
    r"""``net`` and all below it, each once, by names such as ``features.norm1``.

    >>> list(blocks(nn.Flatten(prefix="flat_")))
    ['flat']
    """
    found: dict[int, tuple[str, gluon.Block]] = {}

    def visit(block: gluon.Block, name: str) -> None:
        if id(block) in found:
            return
        found[id(block)] = name or block.name, block
        for key, child in block._children.items():
            visit(child, f"{name}.{key}" if name else key)

    visit(net, "")
    return dict(found.values())


def batch_norms(net: gluon.Block) -> dict[str, gluon.Block]:
    r"""Every batch normalization in ``net`` whose averages may move, by name.

    Gluon's layers with ``use_global_stats=True`` are frozen on purpose, and left out.

    Raises:
        ValueError: there is none.

    >>> import d2l_bn
    >>> list(batch_norms(d2l_bn.lenet()))
    ['norm1', 'norm2', 'norm3', 'norm4']
    """
    found = _batch_norms(net)
    if not found:
        raise ValueError(
            f"no batch normalization in this {type(net).__name__}; expected a network with layers "
            "of d2l_bn.BatchNorm or gluon.nn.BatchNorm"
        )
    return found


def _batch_norms(net: gluon.Block) -> dict[str, gluon.Block]:
    return {
        name: block
        for name, block in blocks(net).items()
        if isinstance(block, BatchNorm)
        or (isinstance(block, nn.BatchNorm) and not block._kwargs["use_global_stats"])
    }


def averages(layer: gluon.Block) -> tuple[gluon.Parameter, gluon.Parameter]:
    """The parameters that hold the moving mean and variance: Gluon has other names for them."""
    if isinstance(layer, BatchNorm):
        return layer.moving_mean, layer.moving_var
    return layer.running_mean, layer.running_var


def channel_axis(layer: gluon.Block) -> int:
    """The axis that the layer does not average over."""
    return 1 if isinstance(layer, BatchNorm) else layer._kwargs["axis"]


@contextlib.contextmanager
def kept_averages(net: gluon.Block) -> Iterator[None]:
    r"""Whatever happens inside, the moving averages are afterwards what they were before.

    A network without any has nothing to keep.

    To predict with the statistics of the *batch*, and leave no trace:

    >>> from mxnet import np
    >>> layer = BatchNorm(1, num_dims=2)
    >>> layer.initialize()
    >>> with kept_averages(layer), autograd.train_mode():
    ...     Y = layer(np.array([[1.0], [3.0]]))
    >>> layer.moving_mean.data()
    array([[0.]])
    """
    parameters = [p for layer in _batch_norms(net).values() for p in averages(layer)]
    saved = [(data, data.copy()) for p in parameters for data in p.list_data()]
    try:
        yield
    finally:
        with autograd.pause():
            for data, before in saved:
                data[:] = before


@contextlib.contextmanager
def uncompiled(net: gluon.Block) -> Iterator[None]:
    r"""Run hybridized blocks layer by layer: inside a compiled graph no hook is called.

    ``net.hybridize(False)`` would throw the graphs and their settings away; this keeps them.
    """
    compiled = [b for b in blocks(net).values() if getattr(b, "_active", False)]
    for block in compiled:
        block._active = False
    try:
        yield
    finally:
        for block in compiled:
            block._active = True
