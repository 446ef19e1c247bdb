r"""Activation functions and their slopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .style import BLUE, GREY, VERMILION, new_axes, styled


@styled
def draw_activations(
    curves: Mapping[str, tuple[Any, Any]], x: Any, *, titles: Mapping[str, str] | None = None
) -> np.ndarray:
    r"""A panel for each activation: its values (solid) and its slope (dashed).

    Arguments:
        curves: from a name to (values, slopes), both like ``x``.
        x: the inputs, ascending.
        titles: from a name to the title of its panel; the name unless given.

    Returns:
        The Axes, one for each name.
    """
    axes = np.atleast_1d(new_axes(len(curves), height=2.9, sharey=True))
    x = _host(x)
    for ax, (name, (values, slopes)) in zip(axes, curves.items()):
        for line in ("h", "v"):
            getattr(ax, f"ax{line}line")(0, color=GREY, linewidth=0.8)
        ax.plot(x, _host(values), color=BLUE, label=r"$\varphi$")
        ax.plot(x, _host(slopes), "--", color=VERMILION, label=r"$\varphi'$")
        ax.set(title=(titles or {}).get(name, name), xlabel="x")
    axes[0].legend(loc="upper left")
    return axes


def _host(array: Any) -> np.ndarray:
    return array.asnumpy() if hasattr(array, "asnumpy") else np.asarray(array)
