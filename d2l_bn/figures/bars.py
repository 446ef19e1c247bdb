r"""Bars side by side, or marks: a group for each thing measured, a colour for each way of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from .style import looks, new_axes, styled

HATCHES = ("", "//", "..", "xx")  # beside the colour, for a black and white print


Values = Mapping[str, Mapping[str, float]]


@styled
def draw_bars(
    values: Values,
    *,
    ylabel: str = "",
    title: str = "",
    number_format: str = "{:.3g}",
    ax: Axes | None = None,
) -> Axes:
    r"""Draw ``values[way][group]`` as bars from 0, with the number above each.

    There are none on a logarithmic axis, which has no 0 for a length to begin at:
    :func:`draw_marks`.

    Arguments:
        values: from the name of a way (a colour) to its value in each group; the groups of the
            first way are those of all.
    """
    ax = ax or new_axes(height=3.6)
    groups = list(next(iter(values.values())))
    width = 0.8 / len(values)
    for number, (look, (way, by_group)) in enumerate(zip(looks(values), values.items())):
        heights = [float(by_group[group]) for group in groups]
        where = _places(number, len(values), len(groups))
        fill = {"color": look["color"], "hatch": HATCHES[number % 4], "edgecolor": "white"}
        bars = ax.bar(where, heights, 0.94 * width, label=way, **fill)
        texts = [number_format.format(height) for height in heights]
        ax.bar_label(bars, texts, padding=2, fontsize=9)
    _name(ax, values, groups, ylabel, title)
    return ax


@styled
def draw_marks(
    values: Values,
    *,
    ylabel: str = "",
    title: str = "",
    log: bool = True,
    number_format: str = "{:.3g}",
    ax: Axes | None = None,
) -> Axes:
    r"""Draw ``values[way][group]`` as marks, with the number beside each; for values far apart.

    Arguments:
        values: as in :func:`draw_bars`.
        log: a logarithmic axis.
    """
    ax = ax or new_axes(height=3.6)
    groups = list(next(iter(values.values())))
    for number, (look, (way, by_group)) in enumerate(zip(looks(values), values.items())):
        heights = [float(by_group[group]) for group in groups]
        where = _places(number, len(values), len(groups))
        mark = {"color": look["color"], "marker": look["marker"], "linestyle": ""}
        ax.plot(where, heights, markersize=9, label=way, **mark)
        for x, height in zip(where, heights):
            text, beside = number_format.format(height), {"textcoords": "offset points"}
            ax.annotate(text, (x, height), (8, 0), va="center", fontsize=9, **beside)
    if log:
        ax.set_yscale("log")
    ax.margins(x=0.12)
    _name(ax, values, groups, ylabel, title)
    return ax


def _places(number: int, ways: int, groups: int) -> np.ndarray:
    return np.arange(groups) + (number - (ways - 1) / 2) * 0.8 / ways


def _name(ax: Axes, values: Values, groups: list[str], ylabel: str, title: str) -> None:
    ax.set_xticks(range(len(groups)), groups)
    ax.set(ylabel=ylabel, title=title)
    ax.margins(y=0.12)
    ax.grid(axis="x", visible=False)
    if len(values) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
