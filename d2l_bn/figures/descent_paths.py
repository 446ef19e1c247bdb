r"""The paths that update rules take over a surface: on contours, and as values over steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import NullFormatter

from .lines import draw_lines
from .style import BLACK, COLOURS, GREY, LINES, MARKERS, new_axes, styled


@styled
def draw_paths(
    surface: Any,
    paths: Mapping[str, Any],
    *,
    title: str = "",
    true_proportion: bool = False,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw named paths (:class:`d2l_bn.descent.Path`) on the contours of ``surface``.

    A path that left the plane ends at its last point, and the legend says at which step.

    Arguments:
        true_proportion: a unit is as long on one axis as on the other, so that a right angle is
            one, and a gradient is seen to cross the contours at one.
    """
    ax = ax or new_axes(height=4.2)
    draw_contours(ax, surface)
    if true_proportion:
        ax.set_aspect("equal")
    for number, (label, path) in enumerate(paths.items()):
        look = look_of(number, path)
        ax.plot(*path.points.T, label=label_of(label, path), **look)
    start = next(iter(paths.values())).points[0]
    ax.annotate("start", start, (0, 9), textcoords="offset points", ha="center", color=BLACK)
    ax.set_title(title)
    if any(paths):
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=min(3, len(paths) + 1))
    return ax


def draw_contours(ax: Axes, surface: Any) -> None:
    r"""The level lines of ``surface`` in its window, and its minima."""
    x, y, heights = heights_of(surface)
    low, nearly_low, high = np.quantile(heights, (0, 0.01, 1))
    levels = low + np.geomspace(nearly_low - low, high - low, 12)  # closer together near a minimum
    ax.contour(x, y, heights, levels=levels, colors="#AAAAAA", linewidths=0.8)
    for number, minimum in enumerate(surface.minima):
        label = "" if number else "minimum"
        ax.plot(*minimum, "*", color=BLACK, markersize=13, zorder=4, label=label)
    ax.grid(False)
    ax.set(xlim=surface.x_range, ylim=surface.y_range, xlabel="$w_1$", ylabel="$w_2$")


def heights_of(surface: Any, points: int = 201) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""``x`` and ``y`` along the window's sides, and the heights ``(len(y), len(x))`` over it."""
    sides = (surface.x_range, surface.y_range)
    x, y = (np.linspace(start, stop, points) for start, stop in sides)
    return x, y, surface.value(np.stack(np.meshgrid(x, y), axis=-1))


def look_of(number: int, path: Any) -> dict[str, Any]:
    r"""Colour, dash and mark of the path with this number; long paths are marked here and there."""
    return {
        "color": COLOURS[number % 8],
        "linestyle": LINES[number % 8],
        "linewidth": 1.3,
        "marker": MARKERS[number % 8],
        "markersize": 4,
        "markevery": 1 + path.steps // 70,
    }


def label_of(label: str, path: Any) -> str:
    r"""The label, and at which step the path left the plane, if it did."""
    return label if path.stopped is None else f"{label} (left the plane at step {path.steps + 1})"


@styled
def draw_values(
    paths: Mapping[str, Any], *, target: float | None = None, ax: Axes | None = None
) -> Axes:
    r"""Draw the value of each path over its steps, on a logarithmic axis."""
    lines = {label: path.values for label, path in paths.items()}
    ax = draw_lines(lines, ylabel="$f(w)$", log=True, ax=ax)
    if target is not None:
        ax.axhline(target, color=GREY, linewidth=1)
        ax.annotate("target", (0, target), (2, 3), textcoords="offset points", color=GREY)
    return ax


@styled
def draw_steps_needed(
    learning_rates: Any,
    steps: Mapping[str, Any],
    *,
    limits: Mapping[str, float],
    ax: Axes | None = None,
) -> Axes:
    r"""Steps to reach a target against the learning rate, a dotted line at each stability limit.

    A learning rate with which the target is not reached has None and no mark. ``limits`` has the
    largest stable learning rate for each name in ``steps``.
    """
    ax = ax or new_axes(height=4.0)
    for number, (label, needed) in enumerate(steps.items()):
        values = [float("nan") if value is None else value for value in needed]
        mark = {"marker": MARKERS[number % 8], "markersize": 4, "color": COLOURS[number % 8]}
        ax.plot(learning_rates, values, linestyle=LINES[number % 8], label=label, **mark)
        ax.axvline(limits[label], color=COLOURS[number % 8], linestyle=":", linewidth=1.5)
    ax.set(
        xscale="log", yscale="log", xlabel=r"learning rate $\alpha$", ylabel="steps to the target"
    )
    _label_ticks(ax.yaxis, ax.get_ylim())
    _label_ticks(ax.xaxis, ax.get_xlim())
    ax.plot([], [], ":", color=GREY, label="stability limit")
    ax.legend()
    return ax


def _label_ticks(axis: Axis, window: tuple[float, float]) -> None:
    r"""Plain numbers 1, 2, 5, 10, ... on a logarithmic axis."""
    ticks = [a * 10.0**b for b in range(-8, 9) for a in (1, 2, 5)]
    ticks = [tick for tick in ticks if window[0] <= tick <= window[1]]
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_minor_formatter(NullFormatter())
