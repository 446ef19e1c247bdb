r"""Measurements through training, over seeds: lines with intervals, bands of losses, dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .intervals import noted, over_seeds
from .style import BLACK, looks, new_axes, styled

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
    r"""For each name the mean over seeds as a line, and its 95 % interval as a shade.

    Arguments:
        lines: from a name to its values, (seeds, len(x)); NaN leaves a gap.
        x: what the second axis counts.
        log: a logarithmic y axis; the means are then geometric ones.
    """
    ax = ax or new_axes(height=3.6)
    for look, (label, values) in zip(looks(lines), lines.items()):
        mean, low, high = over_seeds(values, log)
        ax.plot(x, mean, label=label, color=look["color"], linestyle=look["linestyle"])
        ax.fill_between(x, low, high, color=look["color"], alpha=0.2, linewidth=0)
    if log:
        ax.set_yscale("log")
    seeds = [len(values) for values in lines.values()]
    ax.set(xlabel=noted(xlabel, seeds, "bands"), ylabel=ylabel, title=title)
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
        bands: from a name to ``(low, high)``, each (seeds, len(x)). Thin bars show the 95 %
            intervals of the two borders.
        x: what the second axis counts.
        log: a logarithmic y axis; the means are then geometric ones.
    """
    ax = ax or new_axes(height=3.6)
    for number, (own, (label, borders)) in enumerate(zip(looks(bands), bands.items())):
        colour = own["color"]
        lower, upper = (over_seeds(border, log) for border in borders)
        look = {"facecolor": colour, "edgecolor": colour, "hatch": HATCHES[number % 5]}
        ax.fill_between(x, lower[0], upper[0], alpha=0.35, label=label, **look)
        for mean, low, high in (lower, upper):
            ax.errorbar(x, mean, [mean - low, high - mean], color=colour, linewidth=1, capsize=2)
    if log:
        ax.set_yscale("log")
    seeds = [len(border) for borders in bands.values() for border in borders]
    ax.set(xlabel=noted(xlabel, seeds), ylabel=ylabel, title=title)
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
    for number, (own, (way, by_group)) in enumerate(zip(looks(values), values.items())):
        look = {"color": own["color"], "marker": own["marker"]}
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
            ax.annotate(text, (where, seeds.max()), fontsize=9, **ends)
    if log:
        ax.set_yscale("log")
    ax.set_xticks(range(len(groups)), groups)
    ax.set(ylabel=ylabel, title=title)
    ax.margins(y=0.15)
    ax.grid(axis="x", visible=False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
