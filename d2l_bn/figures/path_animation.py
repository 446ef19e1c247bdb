r"""A race of update rules as an animated GIF: it runs in a notebook, a README and a slide alike."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from .descent_paths import draw_contours, label_of, look_of
from .style import COLOURS, styled

TAIL = 1500  # milliseconds that the last picture stays


@styled
def animate_paths(
    surface: Any,
    paths: Mapping[str, Any],
    *,
    title: str = "",
    frames: int = 40,
    milliseconds: int = 100,
    width: int = 540,
) -> bytes:
    r"""The paths growing step by step on the contours of ``surface``, as the bytes of a GIF.

    ``IPython.display.Image(data=...)`` shows it in a notebook, without a player or a file. All
    paths move in step; one that left the plane stays where it left. The last picture shows them
    whole.

    Arguments:
        paths: :class:`d2l_bn.descent.Path` by name, a colour each as in ``draw_paths``.
        frames: pictures; they are spread evenly over the steps of the longest path.
        milliseconds: for which each is shown, the last a second and a half.
        width: in pixels.

    Raises:
        ValueError: fewer than two frames.
    """
    if frames < 2:
        raise ValueError(f"frames is {frames!r}; expected at least 2: the start and the end")
    figure = Figure(figsize=(7.5, 5.0), dpi=width / 7.5)
    canvas, ax = FigureCanvasAgg(figure), figure.add_subplot()
    draw_contours(ax, surface)
    lines = []
    for number, (label, path) in enumerate(paths.items()):
        look = {**look_of(number, path), "markevery": [-1], "markersize": 8}  # its head
        lines += ax.plot([], [], label=label_of(label, path), animated=True, **look)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncol=3)
    ax.set_title(title)
    counter = ax.text(0.99, 0.97, "", transform=ax.transAxes, ha="right", va="top", animated=True)
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)  # contours and legend, drawn only once

    last = max(path.steps for path in paths.values())
    palette, pictures = _palette(), []
    for step in np.linspace(0, last, frames).round().astype(int):
        canvas.restore_region(background)
        for line, path in zip(lines, paths.values()):
            line.set_data(*path.points[: step + 1].T)
            ax.draw_artist(line)
        counter.set_text(f"step {step}")
        ax.draw_artist(counter)
        picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        pictures.append(picture.quantize(palette=palette, dither=Image.Dither.NONE))
    gif, durations = BytesIO(), [milliseconds] * (frames - 1) + [TAIL]
    options = {"save_all": True, "append_images": pictures[1:], "duration": durations, "loop": 0}
    pictures[0].save(gif, "GIF", **options)
    return gif.getvalue()


def _palette() -> Image.Image:
    """The colours of paths and their shades towards white: left alone, Pillow would mix them."""
    colours = np.array([to_rgb(colour) for colour in COLOURS])  # (8, 3), black among them
    shades = np.linspace(0, 0.9, 10)[:, None, None]  # shares of white: the edges of lines
    table = np.append((1 - shades) * colours + shades, np.ones((1, len(colours), 3)), axis=0)
    image = Image.new("P", (1, 1))
    image.putpalette((255 * table).round().astype(np.uint8).tobytes())
    return image
