r"""Measurements through training, over seeds: lines with their range, bands of losses, dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .style import BLACK, COLOURS, LINES, MARKERS, new_axes, styled

HATCHES = ("", "///", "...", "xxx", "\\\\\\")  # beside the colour, for a black and white print


@styled
def draw_over_seeds(
    lines: Mapping[str, Any],
    x: Sequence[float],
    *,
    xlabel: str = "training step",
    ylabel: str = "",
    title: str = "",
    log: bool = False,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    r"""For each name the mean over seeds as a line, and from the least to the greatest as a shade.

    Arguments:
        lines: from a name to its values, (seeds, len(x)); NaN leaves a gap.
        x: what the second axis counts.
        log: a logarithmic y axis.
    """
    ax = ax or new_axes(height=3.6)
    for number, (label, values) in enumerate(lines.items()):
        values = np.asarray(values, dtype=float)
        look = {"color": COLOURS[number % 8], "linestyle": LINES[number % 8]}
        ax.plot(x, values.mean(axis=0), label=label, **look)
        low, high = values.min(axis=0), values.max(axis=0)
        ax.fill_between(x, low, high, color=look["color"], alpha=0.2, linewidth=0)
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if legend:
        ax.legend()
    return ax


@styled
def draw_bands(
    bands: Mapping[str, tuple[Any, Any]],
    x: Sequence[float],
    *,
    xlabel: str = "training step",
    ylabel: str = "",
    title: str = "",
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    r"""For each name the band between two curves, each the mean over seeds, one over the other.

    Arguments:
        bands: from a name to ``(low, high)``, each (seeds, len(x)). Thin bars show how far the two
            borders reach over the seeds.
        x: what the second axis counts.
        log: a logarithmic y axis.
    """
    ax = ax or new_axes(height=3.6)
    for number, (label, borders) in enumerate(bands.items()):
        colour = COLOURS[number % 8]
        low, high = (np.asarray(border, dtype=float) for border in borders)
        look = {"facecolor": colour, "edgecolor": colour, "hatch": HATCHES[number % 5]}
        ax.fill_between(x, low.mean(axis=0), high.mean(axis=0), alpha=0.35, label=label, **look)
        for border in (low, high):
            mean = border.mean(axis=0)
            reach = np.abs(np.stack([border.min(axis=0), border.max(axis=0)]) - mean)
            ax.errorbar(x, mean, reach, color=colour, linewidth=1, capsize=2)
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.legend()
    return ax


@styled
def draw_dots(
    values: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    ylabel: str = "",
    title: str = "",
    log: bool = False,
    number_format: str = "{:.3f}",
    ax: Axes | None = None,
) -> Axes:
    r"""Draw ``values[way][group]`` as a dot for each seed, and their mean with its number.

    Arguments:
        values: from the name of a way (a colour and a mark) to its values in each group.
        log: a logarithmic axis.
    """
    ax = ax or new_axes(height=3.6)
    groups = list(next(iter(values.values())))
    width = 0.8 / len(values)
    for number, (way, by_group) in enumerate(values.items()):
        look = {"color": COLOURS[number % 8], "marker": MARKERS[number % 8]}
        for place, group in enumerate(groups):
            where = place + (number - (len(values) - 1) / 2) * width
            seeds = np.asarray(by_group[group], dtype=float)
            spread = where + np.linspace(-0.2, 0.2, len(seeds)) * width
            label = None if place else way
            ax.plot(spread, seeds, linestyle="", markersize=6, label=label, **look)
            mean = seeds.mean()
            ax.hlines(mean, where - 0.4 * width, where + 0.4 * width, color=BLACK, linewidth=1.2)
            text = number_format.format(mean)
            ends = {"textcoords": "offset points", "xytext": (0, 7), "ha": "center"}
            ax.annotate(text, (where, seeds.max()), fontsize=8, **ends)
    if log:
        ax.set_yscale("log")
    ax.set_xticks(range(len(groups)), groups)
    ax.set(ylabel=ylabel, title=title)
    ax.margins(y=0.15)
    ax.grid(axis="x", visible=False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
