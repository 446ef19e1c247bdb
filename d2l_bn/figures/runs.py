r"""The same measurement from several runs: every run, and their mean with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .intervals import noted, over_seeds
from .style import BLACK, COLOURS, MARKERS, new_axes, styled


@styled
def draw_runs(
    panels: Mapping[str, Mapping[Any, Sequence[float]]],
    *,
    xlabel: str = "epoch",
    ylabel: str = "",
    run: str = "seed",
) -> np.ndarray:
    r"""A panel for each way of measuring, on one scale; in it, a line for each run.

    Arguments:
        panels: from a title to the runs, and from the name of a run to its values at x = 1, 2, ...;
            the same x in all. Black marks show the mean of the runs, bars its 95 % interval.
        run: what a run is called in the legend.

    Returns:
        The Axes, one for each panel.
    """
    axes = np.atleast_1d(new_axes(len(panels), height=3.6, sharey=True))
    for ax, (title, runs) in zip(axes, panels.items()):
        values = np.array(list(runs.values()), dtype=float)  # (runs, x)
        x = np.arange(1, values.shape[1] + 1)
        for number, (name, line) in enumerate(runs.items()):
            look = {"color": COLOURS[number % 8], "marker": MARKERS[number % 8]}
            ax.plot(x, line, label=f"{run} {name}", linewidth=1.2, markersize=5, **look)
        mean, low, high = over_seeds(values)
        bars = {"fmt": "_", "color": BLACK, "capsize": 4, "label": "mean"}
        ax.errorbar(x + 0.12, mean, yerr=[mean - low, high - mean], **bars)
        ax.set(title=title, xlabel=noted(xlabel, [len(runs)]))
        ax.set_xticks(x)
    axes[0].set_ylabel(ylabel)
    axes[-1].legend(loc="lower right")
    return axes
