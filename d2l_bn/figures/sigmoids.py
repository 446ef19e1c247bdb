r"""The sigmoid, and where on it the inputs of a layer lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .style import BLACK, BLUE, GREEN, GREY, ORANGE, new_axes, styled

LIMIT = 8.0  # the axis reaches from -LIMIT to LIMIT
MIDDLE, FLAT = 1.0, 3.0  # nearly a straight line within ±1, nearly constant beyond ±3


@styled
def draw_sigmoid() -> np.ndarray:
    r"""Left, the sigmoid with its tangent in the middle; right, its slope.

    Green: within ±1, where the tangent is off by 0.02 at most. Orange: beyond ±3, where the slope
    is below a fifth of the greatest one.

    Returns:
        The two Axes.
    """
    left, right = new_axes(2, height=3.2)
    z = np.linspace(-LIMIT, LIMIT, 400)
    left.plot(z, sigmoid(z), color=BLACK)
    straight = np.array([-2.0, 2.0])
    left.plot(straight, 0.5 + straight / 4, "--", color=BLUE, label=r"tangent $1/2 + z/4$")
    left.legend(loc="upper left")
    right.plot(z, slope(z), color=BLACK)
    left.set(title=r"sigmoid $\varphi(z)$", xlabel="z")
    right.set(title=r"slope $\varphi'(z)$", xlabel="z", ylim=(0, 0.27))
    for ax in (left, right):
        _shade(ax)
    return np.array([left, right])


@styled
def draw_sigmoid_inputs(inputs: Mapping[str, Any], *, columns: int = 4) -> np.ndarray:
    r"""A histogram for each name: the inputs of a sigmoid, over its middle and its flat ends.

    Returns:
        The Axes, one for each name.
    """
    rows = -(-len(inputs) // columns)
    grid = new_axes(columns, rows=rows, height=0.3 + 2.1 * rows, squeeze=False, sharex=True)
    panels = grid.ravel()
    for ax, (name, array) in zip(panels, inputs.items()):
        z = np.asarray(_host(array), dtype=float).ravel()
        ax.hist(np.clip(z, -LIMIT, LIMIT), bins=80, range=(-LIMIT, LIMIT), color=GREY)
        _shade(ax)
        within = np.mean(np.abs(z) < MIDDLE)
        ax.set_title(f"{name}\n{100 * within:.0f} % within ±1", fontsize=10)
        ax.set_yticks([])
        ax.set_xticks([-8, -3, -1, 1, 3, 8])
        ax.tick_params(axis="x", labelsize=9)
        ax.grid(False)
    for ax in panels[len(inputs) :]:
        ax.remove()
    return panels[: len(inputs)]


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def slope(z: np.ndarray) -> np.ndarray:
    return sigmoid(z) * (1 - sigmoid(z))


def _shade(ax: Axes) -> None:
    ax.axvspan(-MIDDLE, MIDDLE, color=GREEN, alpha=0.15, lw=0, zorder=0)
    for low, high in ((-LIMIT, -FLAT), (FLAT, LIMIT)):
        ax.axvspan(low, high, color=ORANGE, alpha=0.2, lw=0, zorder=0)
    ax.set_xlim(-LIMIT, LIMIT)


def _host(array: Any) -> np.ndarray:
    return array.asnumpy() if hasattr(array, "asnumpy") else np.asarray(array)
