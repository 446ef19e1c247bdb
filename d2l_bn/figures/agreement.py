r"""Does one quantity equal another? A mark for each pair, and the line where they would agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .style import BLACK, COLOURS, MARKERS, new_axes, styled

Pairs = Mapping[str, tuple[Any, Any]]


@styled
def draw_agreement(
    panels: Mapping[str, Pairs], *, xlabel: str = "", ylabel: str = ""
) -> np.ndarray:
    r"""A panel for each title: named groups of pairs as marks, and the line y = x.

    Arguments:
        panels: from a title to groups, from the name of a group to its (x, y), two arrays of one
            size. A group has the same colour and mark in every panel.

    Returns:
        The Axes, one for each panel.
    """
    axes = np.atleast_1d(new_axes(len(panels), height=3.8))
    for ax, (title, groups) in zip(axes, panels.items()):
        for number, (name, pair) in enumerate(groups.items()):
            x, y = (np.asarray(_host(values), dtype=float).ravel() for values in pair)
            look = {"color": COLOURS[number % 8], "marker": MARKERS[number % 8]}
            ax.plot(x, y, linestyle="", markersize=4, alpha=0.7, label=name, **look)
        ax.axline((0, 0), slope=1, color=BLACK, linewidth=1, linestyle="--", label="equal")
        ax.set_title(title)
    axes[-1].legend()
    return axes


def _host(array: Any) -> np.ndarray:
    return array.asnumpy() if hasattr(array, "asnumpy") else np.asarray(array)
