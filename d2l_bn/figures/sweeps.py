r"""Results over a grid: a map of two settings, and curves with the spread over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .intervals import noted, parts
from .landscape import draw_over_seeds
from .style import COLOURS, GREY, looks, new_axes, styled


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
        errors: what to write as ± below each number: half of its 95 % interval. Nothing, where it
            is 0: seeds that agree to the last digit are at a bound, and have no interval.
        limits: the numbers at the two ends of the colours.
    """
    table = np.asarray(values, dtype=float)
    ax = ax or new_axes(height=0.9 + 0.6 * len(rows))
    ax.imshow(table, cmap="cividis", vmin=limits[0], vmax=limits[1], aspect="auto")
    middle = sum(limits) / 2
    for i, j in np.ndindex(table.shape):
        text = number_format.format(table[i, j])
        if errors is not None and errors[i][j] > 0:
            text += f"\n±{number_format.format(errors[i][j])}"
        colour = "white" if table[i, j] < middle else "black"
        ax.text(j, i, text, ha="center", va="center", fontsize=9, color=colour)
    ax.set_xticks(range(len(columns)), [str(column) for column in columns])
    ax.set_yticks(range(len(rows)), [str(row) for row in rows])
    if errors is not None and "95 %" not in title:
        xlabel = noted(xlabel, mark="±")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    ax.grid(False)
    return ax


@styled
def draw_error_curves(
    curves: Mapping[str, Sequence[Any]],
    *,
    x: Sequence[float],
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    log_x: bool = False,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw for each name its estimate at every ``x`` as a line with bars, its 95 % interval.

    An estimate is one of :mod:`d2l_bn.experiments.statistics`, or a pair (mean, half the width of
    the interval). The curves stand a little apart from each other, so that no bar hides another; a
    mean of None or NaN leaves a gap.
    """
    ax = ax or new_axes(height=3.8)
    places = np.asarray(x, dtype=float)
    seeds: list[int | None] = []
    for number, (look, (label, points)) in enumerate(zip(looks(curves), curves.items())):
        shift = (number - (len(curves) - 1) / 2) * 0.03
        step = np.ptp(places) / max(len(places) - 1, 1)
        where = places * (1 + shift) if log_x else places + shift * step
        means, margins, ns = zip(*map(parts, points))
        seeds += ns
        bars = {"label": label, "capsize": 3, **look}
        ax.errorbar(where, np.array(means, float), np.array(margins, float), **bars)
    if log_x:
        ax.set_xscale("log")
        ax.set_xticks(x, [f"{value:g}" for value in x])
        ax.minorticks_off()
    ax.set(xlabel=noted(xlabel, seeds), ylabel=ylabel, title=title)
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
    estimates: Mapping[str, Any],
    *,
    xlabel: str = "",
    title: str = "",
    reference: tuple[float, str] | None = None,
    number_format: str = "{:.3f}",
    ax: Axes | None = None,
) -> Axes:
    r"""Draw each named estimate as a point with a bar, its 95 % interval, the first one on top.

    What an estimate is: see :func:`draw_error_curves`.

    Arguments:
        reference: a value and its name, drawn as a line from top to bottom.
    """
    ax = ax or new_axes(height=1.0 + 0.34 * len(estimates))
    rows = range(len(estimates))
    values, errors, seeds = zip(*map(parts, estimates.values()))
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
    ax.set(xlabel=noted(xlabel, seeds), title=title)
    return ax
