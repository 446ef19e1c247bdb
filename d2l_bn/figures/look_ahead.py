r"""Where momentum takes its gradient, and where Nesterov's rule does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .descent_paths import heights_of
from .style import BLUE, GREY, VERMILION, new_axes, styled


@styled
def draw_look_ahead(
    surface: Any,
    point: Sequence[float],
    velocity: Sequence[float],
    *,
    learning_rate: float,
    decay: float,
) -> np.ndarray:
    r"""One step from the same point with the same velocity, by momentum and by Nesterov's rule.

    Both go by :math:`-\gamma v` first. Momentum adds the gradient of the place that it leaves,
    Nesterov's rule that of the place where this takes it, marked by a ring. A unit is as long on
    one axis as on the other.

    Arguments:
        surface: with ``value`` and ``gradient``, and a window (:mod:`d2l_bn.descent.surfaces`).
        learning_rate, decay: α and γ.

    Returns:
        The two Axes.
    """
    w, glide = np.asarray(point, float), -decay * np.asarray(velocity, float)
    ahead = w + glide
    axes = new_axes(2, height=3.4, sharey=True)
    x, y, heights = heights_of(surface)
    for ax, title, where in zip(axes, ("momentum", "Nesterov"), (w, ahead)):
        ax.contour(x, y, heights, levels=14, colors="#AAAAAA", linewidths=0.8)
        step = -learning_rate * np.asarray(surface.gradient(where))
        _arrow(ax, w, ahead, GREY)
        _arrow(ax, ahead, ahead + step, VERMILION)
        ax.plot(*where, "o", ms=10, mfc="none", mec=VERMILION, mew=1.6)
        ax.plot(*(ahead + step), "s", color=BLUE, ms=6)
        _name(ax, "$w$", w, (-12, 6))
        _name(ax, r"$-\gamma v$", (w + ahead) / 2, (-32, -8), GREY)
        _name(ax, r"$-\alpha \nabla f$(ring)", ahead + step / 2, (10, 4), VERMILION)
        ax.set(title=title, xlabel="$w_1$", xlim=surface.x_range, ylim=surface.y_range)
        ax.set_aspect("equal")
        ax.grid(False)
    axes[0].set_ylabel("$w_2$")
    return axes


def _arrow(ax: Axes, tail: np.ndarray, head: np.ndarray, colour: str) -> None:
    look = {"arrowstyle": "-|>", "color": colour, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", head, tail, arrowprops=look)


def _name(
    ax: Axes, text: str, at: np.ndarray, shift: tuple[float, float], colour: str = "black"
) -> None:
    ax.annotate(text, at, shift, textcoords="offset points", color=colour, fontsize=11)
