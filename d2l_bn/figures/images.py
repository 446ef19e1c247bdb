r"""Grey images in a grid, each with a line of text below."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from d2l_bn._support.atomic_write import replacing

from .style import BLACK, VERMILION, WIDTH, plt, styled

COLUMNS = 8


@styled
def draw_images(
    images: np.ndarray,
    labels: Sequence[int],
    predicted: Sequence[int],
    names: Sequence[str],
    *,
    title: str = "",
) -> Figure:
    r"""Draw each image with its predicted class; where that is wrong, with the true one, too.

    Arguments:
        images: (n, height, width), grey values, 0 black; n of at least 1.
        labels, predicted: the true class and the predicted one, a number for each image.
        names: the name of each class.
        title: over all.

    Returns:
        The figure; its first n axes are the images, in their order.
    """
    if not 0 < len(images) == len(labels) == len(predicted):
        raise ValueError(
            f"{len(images)} images, {len(labels)} labels and {len(predicted)} predictions; "
            "expected as many of each, and at least one"
        )
    columns = min(COLUMNS, len(images))
    rows = -(-len(images) // columns)
    height = rows * (WIDTH / COLUMNS + 0.45) + 0.5
    figure, axes = plt.subplots(rows, columns, squeeze=False, figsize=(WIDTH, height))
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, label, answer in zip(axes.flat, images, labels, predicted):
        ax.imshow(image, cmap="gray", vmin=0, vmax=max(1, np.max(image)))
        right = label == answer
        text = names[answer] if right else f"{names[answer]}\ntrue: {names[label]}"
        place = {"transform": ax.transAxes, "ha": "center", "va": "top", "fontsize": 9}
        ax.text(0.5, -0.04, text, color=BLACK if right else VERMILION, **place)
    figure.suptitle(title)
    return figure


def save_images(figure: Figure, path: str | os.PathLike) -> None:
    r"""Write a figure, in the format that the name ends with, whole or not at all."""
    with replacing(Path(path)) as temporary:
        figure.savefig(temporary)
