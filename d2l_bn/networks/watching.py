r"""The layers of a network by name, and a look at what goes into them and comes out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping

from mxnet import gluon, np

__all__ = ["blocks", "named_blocks", "uncompiled", "watched"]


def blocks(net: gluon.Block) -> dict[str, gluon.Block]:
    r"""``net`` and all below it, each once, by names such as ``features.norm1``.

    >>> from mxnet.gluon import nn
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


def named_blocks(net: gluon.Block, names: Iterable[str]) -> dict[str, gluon.Block]:
    """Those of :func:`blocks` that have these names; a ``ValueError`` for a name without one."""
    known, chosen = blocks(net), {}
    for name in [names] if isinstance(names, str) else names:
        if name not in known:
            raise ValueError(f"no layer {name!r} in net; expected some of {', '.join(known)}")
        chosen[name] = known[name]
    return chosen


@contextlib.contextmanager
def watched(
    layers: Mapping[str, gluon.Block], look: Callable[[str, np.ndarray, np.ndarray], None]
) -> Iterator[None]:
    r"""Inside, ``look(name, X, Y)`` is called after each pass through one of ``layers``.

    X is the first input of the layer and Y its output. Inside a compiled graph no layer calls: see
    :func:`uncompiled`.

    >>> from mxnet.gluon import nn
    >>> with watched({"flat": (layer := nn.Flatten())}, lambda name, X, Y: print(name, Y.shape)):
    ...     _ = layer(np.ones((2, 3, 4)))
    flat (2, 12)
    """
    handles = [
        layer.register_forward_hook(
            lambda _, inputs, output, name=name: look(name, inputs[0], output)
        )
        for name, layer in layers.items()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.detach()


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
