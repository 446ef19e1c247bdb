r"""Small pictures in rows: examples, what was done to them, what a layer makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .style import VERMILION, WIDTH, plt, styled


@styled
def draw_image_rows(
    rows: Mapping[str, Sequence[Any]],
    *,
    titles: Mapping[str, Sequence[str]] | None = None,
    marked: Mapping[str, Sequence[bool]] | None = None,
    limits: tuple[float, float] | None = (0.0, 1.0),
    size: float = 0.9,
) -> np.ndarray:
    r"""Draw images in rows: grey (H, W) or (1, H, W), or coloured (3, H, W) in red, green, blue.

    Arguments:
        rows: from the text at the left of a row to its images.
        titles: from the same text to a title above each image.
        marked: from the same text to which images get a red frame.
        limits: the values of black and white; ``None`` takes each image's own. What lies beyond
            is drawn as the limit.
        size: of an image, in inches.

    Returns:
        The Axes, one row for each row; where a row has fewer images, the rest is empty.
    """
    titles, marked = titles or {}, marked or {}
    columns = max(len(images) for images in rows.values())
    left = 0.3 + 0.085 * max(len(line) for text in rows for line in text.split("\n"))
    size = min(size, (WIDTH - left) / columns)
    above = max([0, *(t.count("\n") + 1 for row in titles.values() for t in row)])
    row_height = size + 0.17 * above + 0.08
    shape = left + size * columns, row_height * len(rows)
    figure = plt.figure(figsize=shape, layout="none")
    panels = np.empty((len(rows), columns), dtype=object)
    for r, (text, images) in enumerate(rows.items()):
        bottom = 1 - (r + 1) * row_height / shape[1] + 0.04 / shape[1]
        for c in range(columns):
            corner = (left + size * c) / shape[0], bottom
            ax = figure.add_axes((*corner, 0.94 * size / shape[0], 0.94 * size / shape[1]))
            panels[r, c] = ax
            ax.axis("off")
            if c < len(images):
                framed = text in marked and marked[text][c]
                title = titles[text][c] if text in titles else ""
                _draw_image(ax, images[c], limits, title, framed)
        centre = bottom + 0.47 * size / shape[1]
        side = {"ha": "right", "va": "center", "fontsize": 10}
        figure.text((left - 0.12) / shape[0], centre, text, **side)
    return panels


def _draw_image(ax: Axes, image: Any, limits: Any, title: str, framed: bool) -> None:
    pixels = image.asnumpy() if hasattr(image, "asnumpy") else np.asarray(image)
    low, high = limits or (np.nanmin(pixels), np.nanmax(pixels))
    if pixels.ndim == 3 and pixels.shape[0] == 3:
        coloured = (pixels.transpose(1, 2, 0).astype(float) - low) / (high - low)
        ax.imshow(coloured.clip(0, 1))
    else:
        pixels = pixels.reshape(pixels.shape[-2:]).astype(float)
        ax.imshow(pixels, cmap="gray", vmin=low, vmax=high)
    ax.set_title(title, fontsize=9, pad=2, color=VERMILION if framed else "black")
    if framed:
        ax.axis("on")
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        for spine in ax.spines.values():
            spine.set(visible=True, color=VERMILION, linewidth=2.5)
