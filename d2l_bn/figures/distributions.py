r"""Distributions of activations: their shapes, and what becomes of them when one value moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .style import BLACK, BLUE, GREY, ORANGE, VERMILION, new_axes, styled

BINS = 60


@styled
def draw_shapes(before: Mapping[str, Any], after: Mapping[str, Any]) -> np.ndarray:
    r"""A column for each name: the histogram of an array, and below it that of its normalization.

    Over the lower ones lies the density of the standard normal distribution, for comparison.

    Returns:
        The Axes, of shape (2, number of names).
    """
    panels = new_axes(len(before), rows=2, height=4.6, squeeze=False)
    bell = np.linspace(-4, 4, 200)
    for column, name in enumerate(before):
        upper, lower = panels[:, column]
        _draw_histogram(upper, before[name], BLUE)
        upper.set_title(name)
        _draw_histogram(lower, after[name], ORANGE)
        lower.plot(bell, np.exp(-(bell**2) / 2) / np.sqrt(2 * np.pi), "--", color=BLACK, lw=1.4)
        for ax in (upper, lower):
            ax.set_yticks([])
            ax.grid(False)
    panels[0, 0].set_ylabel("before")
    panels[1, 0].set_ylabel("after")
    return panels


@styled
def draw_through_training(
    panels: Mapping[str, tuple[Any, Any]],
    steps: Any,
    *,
    columns: int = 2,
    ylabel: str = "value",
) -> np.ndarray:
    r"""Histograms through training, one panel for each name: dark where many values lie.

    Arguments:
        panels: from a title to (edges (B + 1,), counts (T, B)): the histogram at each of T steps.
        steps: (T,) the numbers of the steps, ascending.
        columns: panels in a row.

    Returns:
        The Axes, one for each name. A line shows the mean, two thin ones a deviation around it.
    """
    rows = -(-len(panels) // columns)
    grid = new_axes(columns, rows=rows, height=0.4 + 1.8 * rows, squeeze=False, sharex=True)
    steps = np.asarray(steps, dtype=float)
    for ax, (title, (edges, counts)) in zip(grid.ravel(), panels.items()):
        edges, counts = (np.asarray(_host(a), dtype=float) for a in (edges, counts))
        share = counts / counts.sum(axis=1, keepdims=True)
        shade = np.sqrt(share.T / share.max())  # the root, so that one spike does not hide the rest
        ax.pcolormesh(_edges_around(steps), edges, shade, cmap="Blues", vmin=0, vmax=1.1)
        middle = (edges[1:] + edges[:-1]) / 2
        mean = share @ middle
        deviation = np.sqrt(np.maximum(share @ middle**2 - mean**2, 0))
        ax.plot(steps, mean, color=VERMILION)
        for sign in (-1, 1):
            ax.plot(steps, mean + sign * deviation, color=VERMILION, linewidth=0.9, linestyle="--")
        ax.set_title(title, fontsize=10)
        ax.grid(False)
    for ax in grid.ravel()[len(panels) :]:
        ax.remove()
    for ax in grid[-1]:
        ax.set_xlabel("training step")
    for ax in grid[:, 0]:
        ax.set_ylabel(ylabel)
    return grid.ravel()[: len(panels)]


@styled
def draw_moved(panels: Mapping[str, tuple[Any, Any]], *, xlabel: str = "example") -> np.ndarray:
    r"""Values before and after something changed, an arrow from each that moved to where it went.

    Arguments:
        panels: from a title to (before, after), a value for each example; one scale for each panel.

    Returns:
        The Axes, one for each panel.
    """
    axes = np.atleast_1d(new_axes(len(panels), height=3.4))
    for ax, (title, pair) in zip(axes, panels.items()):
        before, after = (np.asarray(_host(values), dtype=float).ravel() for values in pair)
        examples = np.arange(before.size)
        ax.plot(examples, before, "o", color=GREY, markerfacecolor="white", label="before")
        ax.plot(examples, after, "o", color=VERMILION, label="after")
        for example in np.flatnonzero(before != after):
            ends = (example, after[example]), (example, before[example])
            ax.annotate("", *ends, arrowprops={"arrowstyle": "->", "color": VERMILION})
        ax.set(title=title, xlabel=xlabel)
        ax.set_xticks(examples)
    axes[0].legend()
    return axes


def _edges_around(steps: np.ndarray) -> np.ndarray:
    r"""The borders of the columns of which ``steps`` are the middles."""
    between = (steps[1:] + steps[:-1]) / 2
    first, last = (steps[0] - 0.5, steps[-1] + 0.5) if not len(between) else (steps[0], steps[-1])
    return np.concatenate([[first], between, [last]])


def _draw_histogram(ax: Axes, array: Any, colour: str) -> None:
    r"""Density over the range that holds all but half a percent on each side."""
    values = np.asarray(_host(array), dtype=float).ravel()
    low, high = np.percentile(values, [0.5, 99.5])
    if low == high:
        low, high = low - 1, high + 1
    bins = min(BINS, max(13, values.size // 10))  # few values in many bins would be a comb
    ax.hist(values, bins=bins, range=(low, high), density=True, color=colour)


def _host(array: Any) -> np.ndarray:
    return array.asnumpy() if hasattr(array, "asnumpy") else np.asarray(array)
