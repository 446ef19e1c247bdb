r"""Moving averages: what each past batch weighs, and how the average follows a statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .style import BLACK, BLUE, COLOURS, GREY, LINES, VERMILION, new_axes, styled


@styled
def draw_past_weights(weights: Mapping[str, Any]) -> np.ndarray:
    r"""A panel for each name: the weights of past batches, newest first, and what is left.

    What the weights leave of 1 belongs to the value that the average started from: the last bar.

    Returns:
        The Axes, one for each name.
    """
    panels = np.atleast_1d(new_axes(len(weights), height=3.2, sharey=True))
    for ax, (label, past) in zip(panels, weights.items()):
        past = [float(weight) for weight in past]
        rest = 1.0 - sum(past)
        ax.bar(range(len(past)), past, color=BLUE)
        ax.bar(len(past) + 1, rest, color=VERMILION, hatch="//", edgecolor="white")
        ax.set_xticks([*range(0, len(past), 5), len(past) + 1])
        ax.set_xticklabels([*map(str, range(0, len(past), 5)), "start"])
        ax.set(title=label, xlabel="batches ago")
        ax.grid(axis="x", visible=False)
    panels[0].set_ylabel("weight in the average")
    return panels


@styled
def draw_averages(
    statistics: Sequence[float],
    averages: Mapping[str, Sequence[float]],
    *,
    truth: Sequence[float] | None = None,
    ylabel: str = "statistic",
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    r"""The statistic of each batch as dots, and its moving averages as lines.

    ``truth`` is the statistic of all the data where it is known.
    """
    ax = ax or new_axes(height=3.8)
    steps = range(1, len(statistics) + 1)
    values = [float(value) for value in statistics]
    ax.plot(steps, values, ".", color=GREY, alpha=0.5, markersize=4, label="batch")
    if truth is not None:
        ax.plot(steps, [float(value) for value in truth], color=BLACK, label="all the data")
    for number, (label, average) in enumerate(averages.items()):
        style = {"color": COLOURS[number % 8], "linestyle": LINES[number % 8], "linewidth": 2.2}
        ax.plot(steps, [float(value) for value in average], label=label, **style)
    ax.set(xlabel="batch", ylabel=ylabel, title=title)
    ax.legend(loc="best")
    return ax
