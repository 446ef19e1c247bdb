r"""The paths of update rules on the surface itself, in three dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .descent_paths import heights_of, label_of, look_of
from .style import BLACK, styled


@styled
def draw_paths_in_space(
    surface: Any,
    paths: Mapping[str, Any],
    *,
    title: str = "",
    log: bool = False,
    view: tuple[float, float] = (40.0, -60.0),
    ax: Axes | None = None,
) -> Axes:
    r"""Draw named paths on ``surface`` as seen from above; parts outside its window are left out.

    Arguments:
        log: the height is :math:`\log_{10}(1 + f)`, for surfaces that are thousands high.
        view: elevation and azimuth of the eye, in degrees.
        ax: three-dimensional axes to draw on.
    """
    ax = ax or plt.figure(figsize=(7.0, 5.0)).add_subplot(projection="3d")
    ax.computed_zorder = False  # else the surface may hide paths that run on it

    def height(values: np.ndarray) -> np.ndarray:
        return np.log10(1 + values) if log else values

    x, y, heights = heights_of(surface, 81)
    look = {"cmap": "Greys", "alpha": 0.55, "linewidth": 0, "antialiased": True}
    ax.plot_surface(*np.meshgrid(x, y), height(heights), rcount=60, ccount=60, **look)
    for number, (label, path) in enumerate(paths.items()):
        name = label_of(label, path)
        for points, values in _parts_inside(surface, path):
            ax.plot(*points.T, height(values), label=name, zorder=3, **look_of(number, path))
            name = ""  # a path that comes back into the window has its name already
    for minimum in surface.minima:
        bottom = height(surface.value(np.array(minimum)))
        ax.plot(*minimum, bottom, "*", color=BLACK, markersize=12, zorder=4)
    ax.view_init(*view)
    ax.set(xlabel=r"$\theta_1$", ylabel=r"$\theta_2$", title=title)
    ax.set_zlabel(r"$\log_{10}(1 + f)$" if log else r"$f(\theta)$")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncol=3)
    return ax


def _parts_inside(surface: Any, path: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """The stretches of a path within the window: matplotlib does not clip in three dimensions."""
    low, high = np.transpose([surface.x_range, surface.y_range])
    inside = ((path.points >= low) & (path.points <= high)).all(axis=1)
    borders = np.flatnonzero(np.diff(inside)) + 1
    stretches = np.split(np.arange(len(inside)), borders)
    return [(path.points[part], path.values[part]) for part in stretches if inside[part[0]]]
