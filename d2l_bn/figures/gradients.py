r"""What a normalizer does to a gradient: the part that it removes, and the matrix that does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .style import BLACK, BLUE, GREY, ORANGE, VERMILION, WIDTH, new_axes, plt, styled


@styled
def draw_removed(x_hat: Any, dY: Any) -> np.ndarray:
    r"""One channel: the upstream gradient over :math:`\hat x`, and what is left of it.

    Left, a dot for each example and the line of least squares through them; right, the distances
    from the line, which are what batch normalization sends back (times :math:`\gamma r`).

    Returns:
        The two Axes.
    """
    x_hat, dY = (np.asarray(_host(array), dtype=float).ravel() for array in (x_hat, dY))
    slope, height = np.polyfit(x_hat, dY, 1)
    left, right = new_axes(2, height=3.6, sharey=True)
    line = slope * x_hat + height
    ends = np.array([x_hat.min(), x_hat.max()])
    for ax, values, foot in ((left, dY, line), (right, dY - line, 0 * line)):
        ax.vlines(x_hat, foot, values, color=ORANGE, linewidth=2.5)
        ax.plot(x_hat, values, "o", color=BLUE, markersize=7)
        ax.axhline(0, color=GREY, linewidth=0.8)
        ax.set_xlabel(r"$\hat x$")
    left.plot(ends, slope * ends + height, color=VERMILION, label="mean and slope: removed")
    right.plot(ends, 0 * ends, color=VERMILION)
    left.set(ylabel="gradient", title="upstream gradient")
    right.set_title("what goes on to x")
    left.legend()
    return np.array([left, right])


@styled
def draw_matrices(matrices: Mapping[str, Any], *, rows: str = "", columns: str = "") -> np.ndarray:
    r"""Matrices as coloured squares on one scale, blue below 0 and red above, numbers in the cells.

    ``rows`` and ``columns`` name what the two axes count.

    Returns:
        The Axes, one for each matrix.
    """
    arrays = {name: np.asarray(_host(matrix), dtype=float) for name, matrix in matrices.items()}
    limit = max(np.abs(array).max() for array in arrays.values())
    figure, panels = plt.subplots(
        1, len(arrays), figsize=(WIDTH, 0.6 + WIDTH / max(2, len(arrays)) * 0.86), squeeze=False
    )
    for ax, (name, array) in zip(panels[0], arrays.items()):
        image = ax.imshow(array, cmap="RdBu_r", vmin=-limit, vmax=limit)
        if max(array.shape) <= 10:
            _write_numbers(ax, array, limit)
        ax.set(title=name, xlabel=columns, ylabel=rows)
        ax.set_xticks(range(array.shape[1]))
        ax.set_yticks(range(array.shape[0]))
        ax.grid(False)
    figure.colorbar(image, ax=list(panels[0]), shrink=0.8)
    return panels[0]


def _write_numbers(ax: Axes, array: np.ndarray, limit: float) -> None:
    for (row, column), value in np.ndenumerate(array):
        colour = "white" if abs(value) > 0.6 * limit else BLACK
        text = f"{value:.2f}" if abs(value) >= 0.005 else "0"
        ax.text(column, row, text, ha="center", va="center", fontsize=9, color=colour)


def _host(array: Any) -> np.ndarray:
    return array.asnumpy() if hasattr(array, "asnumpy") else np.asarray(array)
