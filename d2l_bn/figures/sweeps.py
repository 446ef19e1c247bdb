r"""Results over a grid: a map of two settings, and curves with the spread over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from .landscape import draw_over_seeds
from .style import COLOURS, GREY, LINES, MARKERS, new_axes, styled


@styled
def draw_heatmap(
    values: Sequence[Sequence[float]],
    *,
    rows: Sequence[object],
    columns: Sequence[object],
    errors: Sequence[Sequence[float]] | None = None,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    limits: tuple[float, float] = (0.0, 1.0),
    number_format: str = "{:.2f}",
    ax: Axes | None = None,
) -> Axes:
    r"""Draw a table of numbers as coloured cells with the number, and its error, in each.

    Arguments:
        values: a row of numbers for each of ``rows``.
        errors: what to write as ± below each number.
        limits: the numbers at the two ends of the colours.
    """
    table = np.asarray(values, dtype=float)
    ax = ax or new_axes(height=0.9 + 0.6 * len(rows))
    ax.imshow(table, cmap="cividis", vmin=limits[0], vmax=limits[1], aspect="auto")
    middle = sum(limits) / 2
    for i, j in np.ndindex(table.shape):
        text = number_format.format(table[i, j])
        if errors is not None:
            text += f"\n±{number_format.format(errors[i][j])}"
        colour = "white" if table[i, j] < middle else "black"
        ax.text(j, i, text, ha="center", va="center", fontsize=9, color=colour)
    ax.set_xticks(range(len(columns)), [str(column) for column in columns])
    ax.set_yticks(range(len(rows)), [str(row) for row in rows])
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.grid(False)
    return ax


@styled
def draw_error_curves(
    curves: Mapping[str, Sequence[tuple[float, float]]],
    *,
    x: Sequence[float],
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    log_x: bool = False,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw for each name its (value, error) at every ``x`` as a line with error bars.

    The curves stand a little apart from each other, so that no bar hides another; a value of None
    or NaN leaves a gap.
    """
    ax = ax or new_axes(height=3.8)
    places = np.asarray(x, dtype=float)
    for number, (label, points) in enumerate(curves.items()):
        shift = (number - (len(curves) - 1) / 2) * 0.03
        step = np.ptp(places) / max(len(places) - 1, 1)
        where = places * (1 + shift) if log_x else places + shift * step
        mean, error = np.array(points, dtype=float).T
        look = {"color": COLOURS[number % 8], "linestyle": LINES[number % 8]}
        marker = MARKERS[number % 8]
        ax.errorbar(where, mean, error, label=label, marker=marker, capsize=3, **look)
    if log_x:
        ax.set_xscale("log")
        ax.set_xticks(x, [f"{value:g}" for value in x])
        ax.minorticks_off()
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


@styled
def draw_seed_bands(
    curves: Mapping[str, Sequence[Sequence[float]]],
    *,
    x: Sequence[float],
    xlabel: str = "step",
    ylabel: str = "",
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    r""":func:`draw_over_seeds` with its legend beside the figure, for names that are long."""
    ax = ax or new_axes(height=3.8)
    texts = {"xlabel": xlabel, "ylabel": ylabel, "title": title}
    draw_over_seeds(curves, x, **texts, legend=False, ax=ax)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax


@styled
def draw_estimates(
    estimates: Mapping[str, tuple[float, float]],
    *,
    xlabel: str = "",
    title: str = "",
    reference: tuple[float, str] | None = None,
    number_format: str = "{:.3f}",
    ax: Axes | None = None,
) -> Axes:
    r"""Draw each named (value, error) as a point with an error bar, the first one on top.

    Arguments:
        reference: a value and its name, drawn as a line from top to bottom.
    """
    ax = ax or new_axes(height=1.0 + 0.34 * len(estimates))
    rows = range(len(estimates))
    values, errors = np.array(list(estimates.values()), dtype=float).T
    ax.errorbar(values, rows, xerr=errors, fmt="o", color=COLOURS[0], capsize=3)
    for row, value in zip(rows, values):
        ax.annotate(
            number_format.format(value),
            (value, row),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    ax.set_yticks(rows, list(estimates))
    ax.set_ylim(len(estimates) - 0.5, -0.7)
    if reference is not None:
        ax.axvline(reference[0], color=GREY, linestyle=":", label=reference[1])
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    ax.set(xlabel=xlabel, title=title)
    return ax
