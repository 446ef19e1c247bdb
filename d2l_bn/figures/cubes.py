r"""A batch of images as a cube of cells, coloured by who shares a mean and a variance.

The picture of Wu & He 2018, *Group Normalization*, figure 2, but drawn from arrays: C runs to the
right, N into the depth, and H and W together downwards (W fastest).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon

from .axes_of_arrays import group_numbers
from .style import BLUE, GREEN, GREY, ORANGE, PINK, VERMILION, WIDTH, YELLOW, new_axes, styled

DEPTH = np.array([0.5, 0.38])  # what a step along N is on paper; one along C is (1, 0)
SHADES = {"front": 0.0, "top": 0.35, "side": -0.18}  # towards white, or black
EMPTY, EDGE = "#F4F4F4", "#8C8C8C"
HUES = (BLUE, ORANGE, GREEN, PINK, VERMILION, YELLOW)


@styled
def draw_cubes(sets: Mapping[str, Any], *, only: tuple[int, int, int, int] | None = None):
    r"""A cube for each normalizer; cells of one colour share one mean and one variance.

    Arguments:
        sets: from a title to an array (N, C, H, W) that numbers the index set of each cell, such as
            :func:`index_sets` gives; -1 leaves a cell without colour. Of a mask, the true cells
            are coloured.
        only: a cell; only the set that it belongs to is coloured. The cell nearest to the reader
            is ``(0, -1, 0, 0)``: the first example, the last channel, the first pixel.

    Returns:
        The Axes, one for each cube.
    """
    numbers = {title: _numbers(array, only) for title, array in sets.items()}
    sizes = [_corner(*_flat(array).shape) for array in numbers.values()]
    width, height = np.max(sizes, axis=0) + (1.6, 1.4)  # room for the names of the axes
    scale = min(WIDTH / len(sets) / width, 0.34)
    axes = np.atleast_1d(new_axes(len(sets), height=scale * height + 0.6))
    for ax, (title, array) in zip(axes, numbers.items()):
        _draw_cube(ax, _flat(array), array)
        ax.set(xlim=(-0.9, width - 0.9), ylim=(-0.9, height - 0.9), aspect="equal")
        ax.set_title(title, fontsize=11)
        ax.axis("off")
    return axes


def index_sets(
    shape: tuple[int, ...], axes: tuple[int, ...], num_groups: int | None = None
) -> np.ndarray:
    r"""For each cell of an array, the number of the set that its mean and variance are taken over.

    Arguments:
        shape: of the array.
        axes: those that the statistics run over.
        num_groups: split axis 1 in so many groups of neighbours first; ``axes`` then count axis 1
            as the channels *inside* a group.

    >>> index_sets((2, 4), axes=(1,))  # each example over all its features
    array([[0, 0, 0, 0],
           [1, 1, 1, 1]])
    >>> index_sets((2, 4), axes=(1,), num_groups=2)
    array([[0, 0, 1, 1],
           [2, 2, 3, 3]])
    """
    if num_groups is None:
        return group_numbers(shape, axes)
    n, channels, *pixels = shape
    grouped = (n, num_groups, channels // num_groups, *pixels)  # (N, G, C/G, H, W)
    return group_numbers(grouped, tuple(a + (a > 0) for a in axes)).reshape(shape)


def _numbers(array: Any, only: tuple[int, ...] | None) -> np.ndarray:
    array = np.asarray(array.asnumpy() if hasattr(array, "asnumpy") else array)
    if array.ndim != 4:
        raise ValueError(f"shape {array.shape}; expected (N, C, H, W): a number for each cell")
    numbers = np.where(array, 0, -1) if array.dtype == bool else array.astype(int)
    return numbers if only is None else np.where(numbers == numbers[only], 0, -1)


def _flat(array: np.ndarray) -> np.ndarray:
    return array.reshape(*array.shape[:2], -1)  # (N, C, H * W)


def _corner(n: int, channels: int, pixels: int) -> np.ndarray:
    return np.array([channels, pixels]) + n * DEPTH


def _draw_cube(ax: Axes, cells: np.ndarray, array: np.ndarray) -> None:
    n, channels, pixels = cells.shape
    colours = _colours(array)

    def face(kind: str, number: int, start: np.ndarray, *edges: np.ndarray) -> None:
        corners = [start, start + edges[0], start + edges[0] + edges[1], start + edges[1]]
        colour = _shade(colours[number] if number >= 0 else to_rgb(EMPTY), SHADES[kind])
        ax.add_patch(Polygon(corners, facecolor=colour, edgecolor=EDGE, linewidth=0.6))

    right, up = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    for c in range(channels):
        for p in range(pixels):
            face("front", cells[0, c, p], c * right + (pixels - 1 - p) * up, right, up)
        for i in range(n):
            face("top", cells[i, c, 0], c * right + pixels * up + i * DEPTH, right, DEPTH)
    for i in range(n):
        for p in range(pixels):
            start = channels * right + (pixels - 1 - p) * up + i * DEPTH
            face("side", cells[i, -1, p], start, DEPTH, up)
    name = {"color": GREY, "fontsize": 10, "ha": "center", "va": "center"}
    ax.text(channels / 2, -0.45, "C", **name)
    ax.text(-0.45, pixels / 2, "H, W", rotation=90, **name)
    ax.text(*(channels * right + n * DEPTH / 2 + (0.4, -0.35)), "N", **name)


def _colours(array: np.ndarray) -> list[tuple[float, float, float]]:
    r"""A colour for each set: a hue for each example, or for each channel if examples share."""
    sets = np.unique(array[array >= 0])
    if sets.size <= 1:
        return [to_rgb(BLUE)] * (1 + int(array.max()))
    per_example = max(1, np.unique(array[0]).size) if np.unique(array[:, 0]).size > 1 else 1
    colours = []
    for number in range(1 + int(array.max())):
        hue, lighter = HUES[(number // per_example) % len(HUES)], number % per_example
        colours.append(_shade(to_rgb(hue), 0.25 + 0.6 * lighter / per_example))
    return colours


def _shade(colour: tuple[float, float, float], amount: float) -> tuple[float, float, float]:
    target = 1.0 if amount > 0 else 0.0
    red, green, blue = (c + abs(amount) * (target - c) for c in colour)
    return red, green, blue
