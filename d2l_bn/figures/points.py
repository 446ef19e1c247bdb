r"""Points in the plane: clouds of examples, and settings that were tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .style import BLUE, VERMILION, new_axes, styled


@styled
def draw_search(
    panels: Mapping[str, tuple[Any, Any, Any]],
    *,
    xlabel: str = "",
    ylabel: str = "",
    colour: str = "",
) -> np.ndarray:
    r"""Points that were tried, both axes logarithmic, each with the colour of its result.

    Short lines at the lower edge mark the values on the x axis: how many different ones were tried.

    Arguments:
        panels: from a title to (x, y, results).
        colour: what the colours tell.

    Returns:
        The Axes, one for each panel.
    """
    axes = np.atleast_1d(new_axes(len(panels), height=3.6, sharex=True, sharey=True))
    everything = np.concatenate([np.asarray(results, float) for *_, results in panels.values()])
    scale = {"vmin": everything.min(), "vmax": everything.max(), "cmap": "viridis"}
    for ax, (title, (x, y, results)) in zip(axes, panels.items()):
        dots = ax.scatter(x, y, c=results, s=130, edgecolor="black", **scale)
        best = int(np.argmax(results))
        ax.annotate("best", (x[best], y[best]), (8, 8), textcoords="offset points")
        ax.plot(x, np.full(len(x), 0.02), "|", transform=ax.get_xaxis_transform(), color="black")
        ax.set(title=title, xlabel=xlabel, xscale="log", yscale="log")
    axes[0].set_ylabel(ylabel)
    axes[0].figure.colorbar(dots, ax=list(axes), label=colour)
    return axes


@styled
def draw_clouds(panels: Mapping[str, Any], *, xlabel: str = "", ylabel: str = "") -> list[Axes]:
    r"""Clouds of points (n, 2), a panel each, equal scales on both axes; a cross shows the origin.

    Returns:
        The Axes, one for each panel.
    """
    axes = np.atleast_1d(new_axes(len(panels), height=2.9))
    for ax, (title, points) in zip(axes, panels.items()):
        points = np.asarray(_host(points), dtype=float)
        ax.plot(points[:, 0], points[:, 1], ".", color=BLUE, markersize=3, alpha=0.5)
        ax.plot(0, 0, "+", color=VERMILION, markersize=14, markeredgewidth=2)
        ax.set(title=title, xlabel=xlabel, aspect="equal", adjustable="datalim")
    axes[0].set_ylabel(ylabel)
    return list(axes)


def _host(array: Any) -> np.ndarray:
    return array.asnumpy() if hasattr(array, "asnumpy") else np.asarray(array)
