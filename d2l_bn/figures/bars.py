r"""Bars side by side: a group for each thing measured, a colour for each way of doing it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from .style import COLOURS, new_axes, styled

HATCHES = ("", "//", "..", "xx")  # beside the colour, for a black and white print


@styled
def draw_bars(
    values: Mapping[str, Mapping[str, float]],
    *,
    ylabel: str = "",
    title: str = "",
    log: bool = False,
    number_format: str = "{:.3g}",
    ax: Axes | None = None,
) -> Axes:
    r"""Draw ``values[way][group]`` as bars, with the number above each.

    Arguments:
        values: from the name of a way (a colour) to its value in each group; the groups of the
            first way are those of all.
        log: a logarithmic axis.
    """
    ax = ax or new_axes(height=3.6)
    groups = list(next(iter(values.values())))
    width = 0.8 / len(values)
    for number, (way, by_group) in enumerate(values.items()):
        heights = np.array([float(by_group[group]) for group in groups])
        where = np.arange(len(groups)) + (number - (len(values) - 1) / 2) * width
        look = {"color": COLOURS[number % 8], "hatch": HATCHES[number % 4], "edgecolor": "white"}
        bars = ax.bar(where, heights, 0.94 * width, label=way, **look)
        texts = [number_format.format(height) for height in heights]
        ax.bar_label(bars, texts, padding=2, fontsize=9)
    if log:
        ax.set_yscale("log")
    ax.set_xticks(range(len(groups)), groups)
    ax.set(ylabel=ylabel, title=title)
    ax.margins(y=0.12)
    ax.grid(axis="x", visible=False)
    if len(values) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
