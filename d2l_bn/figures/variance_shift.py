r"""The variance shift, layer after layer: measured, and what the formula expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.lines import Line2D

from .intervals import noted, over_seeds
from .style import BLACK, COLOURS, GREY, LINES, MARKERS, new_axes, styled

HOLLOW = {"linestyle": "", "marker": "D", "markerfacecolor": "none", "markersize": 9}


@styled
def draw_shifts(
    panels: Mapping[str, Mapping[str, Mapping[str, Sequence[Sequence[float]]]]],
    layers: Sequence[str],
) -> np.ndarray:
    r"""A panel for each place of the dropout: variance in prediction / in training, layer by layer.

    Arguments:
        panels: from a title to the rates, from the name of a rate to ``"measured"`` and
            ``"expected"``, (seeds, layers) each. The measured ones are lines with the 95 %
            intervals of their means, the expected ones hollow diamonds.
        layers: their names, from the input on.

    Returns:
        The Axes, one for each panel.
    """
    axes = np.atleast_1d(new_axes(len(panels), height=3.8, sharey=True))
    for ax, (title, rates) in zip(axes, panels.items()):
        ax.axhline(1.0, color=GREY, linewidth=1)
        for number, (rate, ratios) in enumerate(rates.items()):
            measured = np.array(ratios["measured"], dtype=float)
            where = np.arange(len(layers)) + (number - (len(rates) - 1) / 2) * 0.12
            mean, low, high = over_seeds(measured)
            reach = [mean - low, high - mean]
            look = {"color": COLOURS[number % 8], "linestyle": LINES[number % 8]}
            marker = MARKERS[number % 8]
            ax.errorbar(where, mean, reach, marker=marker, capsize=3, label=rate, **look)
            expected = np.mean(ratios["expected"], axis=0)
            ax.plot(where, expected, color=COLOURS[number % 8], **HOLLOW)
        ax.set_title(title)
        ax.set_xticks(range(len(layers)), layers)
    handles, labels = axes[-1].get_legend_handles_labels()
    formula = Line2D([], [], color=BLACK, **HOLLOW)
    axes[-1].legend(
        [*handles, formula],
        [*labels, "by the formula"],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
    )
    axes[len(axes) // 2].set_xlabel(noted("", [len(measured)]))  # said once: panels are narrow
    axes[0].set_ylabel("variance in prediction / in training")
    return axes
