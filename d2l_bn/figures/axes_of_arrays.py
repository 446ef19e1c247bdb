r"""Arrays as coloured grids: which cells a mean over some axes collapses into which result cell.

A cell and the result that it goes into have the same colour and the same letter. The last two axes
of an array are the rows and columns of a sheet; a third axis lays sheets side by side, a fourth one
below each other, and each sheet bears its index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .cells import Panel, draw_panels
from .style import BLUE, VERMILION, styled


@styled
def draw_mean(
    X: Any, axis: int | tuple[int, ...], name: str = "X", names: Sequence[str] = ()
) -> Axes:
    r"""``X`` with the cells that ``X.mean(axis)`` collapses coloured alike, and both results.

    Three panels: ``X``, the mean without ``keepdims``, the mean with it, where the axes that stay
    with length 1 are named in red.

    Arguments:
        names: what the axes count, such as ``("example", "channel")``.
    """
    X = _host(X)
    axes = tuple(a % X.ndim for a in np.atleast_1d(axis))
    kept = X.mean(axis=axes, keepdims=True)
    numbers = np.arange(kept.size).reshape(kept.shape)
    names = tuple(names) or tuple(f"axis {number}" for number in range(X.ndim))
    left = tuple(label for number, label in enumerate(names) if number not in axes)
    if names[0] == "axis 0":
        left = tuple(f"axis {number}" for number in range(len(left)))  # they are counted anew
    gone = kept.squeeze(axes), numbers.squeeze(axes)
    return draw_panels(
        [
            Panel(name, X, group_numbers(X.shape, axes), axes=names),
            Panel(f"{name}.mean(axis={axis})", *gone, axes=left),
            Panel("with keepdims=True", kept, numbers, axes=names, kept=axes),
        ],
        signs=["→", "or"],
        groups_along=_first_long_axis(kept.shape),
    )


@styled
def draw_chain(X: Any, axes: tuple[int, ...], name: str = "X") -> Axes:
    r"""A mean over several axes as one mean after the other, each axis kept with size 1."""
    X = _host(X)
    groups = group_numbers(X.shape, axes)
    panels = [Panel(name, X, groups)]
    for a in axes:
        X, groups = X.mean(axis=a, keepdims=True), groups.min(axis=a, keepdims=True)
        panels.append(Panel(f"mean over axis {a}", X, groups))
    return draw_panels(panels, ["→"] * len(axes), groups_along=_first_long_axis(X.shape))


@styled
def draw_broadcast(A: Any, b: Any, names: tuple[str, str] = ("A", "b")) -> Axes:
    r"""How ``A - b`` stretches ``b`` to the shape of the matrix ``A``; copied cells are hatched.

    The cells of ``A`` are coloured by row, those of ``b`` by the row that they were computed from:
    where the colours of the stretched ``b`` differ from those of ``A``, the wrong number is
    subtracted.
    """
    A, b = _host(A), _host(b)
    rows = group_numbers(A.shape, axes=(1,))
    own = np.arange(b.size).reshape(b.shape)
    stretched = np.broadcast_to(own, A.shape)
    copied = np.ones(A.shape, dtype=bool)
    copied[tuple(slice(n) for n in (1,) * (2 - b.ndim) + b.shape)] = False
    right = bool((stretched == rows).all())
    return draw_panels(
        [
            Panel(names[0], A, rows),
            Panel(names[1], b, own),
            Panel("stretched", np.broadcast_to(b, A.shape), stretched, hatched=copied),
            Panel("difference", A - b, rows),
        ],
        signs=["minus", "→", "="],
        groups_along=A.shape[0],
        note="each row loses its own mean"
        if right
        else f"the colours differ from those of {names[0]}: the wrong numbers",
        note_colour=BLUE if right else VERMILION,
    )


@styled
def draw_product(X: Any, name: str = "X") -> Axes:
    r"""The mean over the last axis of a matrix as a product with a column of ``1/n``."""
    X = _host(X)
    n = X.shape[1]
    rows = group_numbers(X.shape, axes=(1,))
    return draw_panels(
        [
            Panel(name, X, rows),
            Panel(f"ones / {n}", np.full((n, 1), 1 / n), np.full((n, 1), -1)),
            Panel("mean of each row", X.mean(axis=1, keepdims=True), rows[:, :1]),
        ],
        signs=["@", "="],
        groups_along=X.shape[0],
    )


def group_numbers(shape: tuple[int, ...], axes: tuple[int, ...]) -> np.ndarray:
    r"""For each cell of an array, the number of its result cell in a mean over ``axes``.

    >>> group_numbers((2, 3), axes=(0,))
    array([[0, 1, 2],
           [0, 1, 2]])
    """
    kept = tuple(1 if a in axes else n for a, n in enumerate(shape))
    return np.broadcast_to(np.arange(np.prod(kept, dtype=int)).reshape(kept), shape)


def _first_long_axis(shape: tuple[int, ...]) -> int:
    r"""The size of the first axis longer than 1: its indices get a hue each."""
    return next((n for n in shape if n > 1), 1)


def _host(array: Any) -> np.ndarray:
    return array.asnumpy() if hasattr(array, "asnumpy") else np.asarray(array)
