r"""What normalizing does to a batch: a few examples step by step, a channel by its spread,
and what its scale and shift became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .style import BLACK, BLUE, COLOURS, GREY, MARKERS, VERMILION, new_axes, styled


@styled
def draw_stages(stages: Mapping[str, Any], *, height: float = 3.4) -> np.ndarray:
    r"""A panel for each stage of a computation: every value of a small batch as a mark.

    Arguments:
        stages: from a title to an array (N, C), the same N and C in all. An example has the same
            mark in every panel; a line shows the mean of each feature, a band one deviation on
            both sides.

    Returns:
        The Axes, one for each stage.
    """
    arrays = {title: _host(array) for title, array in stages.items()}
    panels = np.atleast_1d(new_axes(len(arrays), height=height))
    for ax, (title, array) in zip(panels, arrays.items()):
        examples, features = array.shape
        for feature in range(features):
            mean, deviation = array[:, feature].mean(), array[:, feature].std()
            around = [feature - 0.38, feature + 0.38]
            ax.fill_between(around, mean - deviation, mean + deviation, color=GREY, alpha=0.2, lw=0)
            ax.plot(around, [mean, mean], color=BLACK, linewidth=1)
        offsets = np.linspace(-0.25, 0.25, examples)
        for example in range(examples):
            ax.plot(
                np.arange(features) + offsets[example],
                array[example],
                color=COLOURS[example % 8],
                marker=MARKERS[example % 8],
                linestyle="",
                label=f"{example + 1}",
            )
        ax.set(title=title, xlim=(-0.6, features - 0.4), xlabel="feature")
        ax.set_xticks(range(features), [f"{feature + 1}" for feature in range(features)])
        ax.grid(axis="x", visible=False)
    panels[-1].legend(title="example", loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panels


@styled
def draw_spreads(stages: Mapping[str, Any]) -> np.ndarray:
    r"""A panel for each stage: mean, deviation and range of each channel over a batch.

    Arguments:
        stages: from a title to an array (N, C) or (N, C, H, W). The mark of a channel is its mean,
            the thick bar reaches one deviation to both sides, the thin line holds 98 % of the
            values.

    Returns:
        The Axes, one for each stage, with one vertical scale.
    """
    panels = np.atleast_1d(new_axes(len(stages), height=3.2, sharey=True))
    for ax, (title, array) in zip(panels, stages.items()):
        values = np.moveaxis(_host(array), 1, 0)
        values = values.reshape(len(values), -1)  # (C, N * H * W)
        channels = np.arange(1, len(values) + 1)
        mean, deviation = values.mean(axis=1), values.std(axis=1)
        low, high = np.quantile(values, [0.01, 0.99], axis=1)
        ax.vlines(channels, low, high, color=BLUE, linewidth=1, label="98 % of the values")
        bar = {"color": BLUE, "linewidth": 9, "alpha": 0.4}
        ax.vlines(channels, mean - deviation, mean + deviation, **bar, label="mean ± deviation")
        ax.plot(channels, mean, "D", color=VERMILION, label="mean")
        ax.set(title=title, xlabel="channel", xticks=channels)
        ax.grid(axis="x", visible=False)
    panels[0].set_ylabel("value")
    panels[-1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panels


@styled
def draw_learned(before: Mapping[str, Any], after: Mapping[str, Any]) -> np.ndarray:
    r"""A panel for each parameter: from the value of each channel before training to that after it.

    Arguments:
        before, after: from a name to an array with one value a channel; the same names in both.

    Returns:
        The Axes, one for each name.
    """
    panels = np.atleast_1d(new_axes(len(before), height=3.2))
    for ax, name in zip(panels, before):
        old, new = _host(before[name]).ravel(), _host(after[name]).ravel()
        channels = np.arange(1, len(old) + 1)
        ax.vlines(channels, old, new, color=VERMILION, linewidth=1.6)
        ax.plot(channels, old, "o", color=GREY, markerfacecolor="white", label="before")
        ax.plot(channels, new, "D", color=VERMILION, label="after")
        ax.set(title=name, xlabel="channel")
        ax.set_xticks(channels if len(channels) <= 20 else channels[:: len(channels) // 10])
    panels[-1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return panels


def _host(array: Any) -> np.ndarray:
    return array.asnumpy() if hasattr(array, "asnumpy") else np.asarray(array)
