r"""A network as rows of boxes: each row a layer with weights and what follows it."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyBboxPatch
from mxnet import np
from mxnet.gluon import nn

from .style import BLUE, GREEN, GREY, VERMILION, WIDTH, plt, styled

BOX_WIDTH, BOX_HEIGHT = 1.5, 0.66  # inches
COLUMN, ROW = 1.82, 0.92  # from box to box
COLOURS_OF_KINDS = {"weights": BLUE, "norm": VERMILION, "activation": GREY, "pooling": GREEN}


@dataclass(frozen=True)
class Box:
    r"""A layer: its kind, its name in the network, what it is, and the shape of its output."""

    kind: str
    name: str
    text: str
    shape: tuple[int, ...]


@styled
def draw_network(net: nn.Block, shape: tuple[int, ...] = (1, 28, 28)) -> Axes:
    r"""Draw an initialized network whose layers follow each other, such as :func:`d2l_bn.lenet`.

    A row starts at each convolution or dense layer, so that normalizers in the same place stand
    below each other. ``shape`` is that of one input, without the batch axis.
    """
    rows = rows_of(net, shape)
    height = ROW * len(rows) + 0.1
    figure = plt.figure(figsize=(WIDTH, height), layout="none")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(height, 0))
    ax.axis("off")
    arriving = shape
    for number, row in enumerate(rows):
        middle = 0.05 + ROW * (number + 0.5)
        ax.text(0.48, middle, _times(arriving), ha="center", va="center", fontsize=10)
        _draw_arrow(ax, 0.9, 1.2, middle)
        for column, box in enumerate(row):
            left = 1.2 + COLUMN * column
            _draw_box(ax, box, left, middle)
            if column:
                _draw_arrow(ax, left + BOX_WIDTH - COLUMN, left, middle)
        arriving = row[-1].shape
    return ax


def rows_of(net: nn.Block, shape: tuple[int, ...]) -> list[list[Box]]:
    r"""The layers of ``net`` in rows, each with the shape of one output (in prediction mode)."""
    rows: list[list[Box]] = []
    X = np.zeros((1, *shape))
    for name, layer in net._children.items():
        X = layer(X)
        kind, text = describe(layer)
        if kind == "weights" or not rows:
            rows.append([])
        rows[-1].append(Box(kind, name, text, X.shape[1:]))
    return rows


def describe(layer: nn.Block) -> tuple[str, str]:
    r"""The kind of a layer and a few words on it.

    >>> describe(nn.Conv2D(6, kernel_size=5)), describe(nn.MaxPool2D(pool_size=2, strides=2))
    (('weights', 'convolution 5×5'), ('pooling', 'max pooling 2×2'))
    """
    if isinstance(layer, nn.Conv2D):
        return "weights", f"convolution {_times(layer._kwargs['kernel'])}"
    if isinstance(layer, nn.Dense):
        return "weights", "fully connected"
    if isinstance(layer, nn.Activation):
        return "activation", layer._act_type
    for pooling, word in ((nn.MaxPool2D, "max"), (nn.AvgPool2D, "average")):
        if isinstance(layer, pooling):
            return "pooling", f"{word} pooling {_times(layer._kwargs['kernel'])}"
    return "norm", type(layer).__name__


def _draw_box(ax: Axes, box: Box, left: float, middle: float) -> None:
    colour = COLOURS_OF_KINDS[box.kind]
    light = [1 - 0.25 * (1 - part) for part in to_rgb(colour)]
    strong = box.kind == "norm"
    ax.add_patch(
        FancyBboxPatch(
            (left + 0.04, middle - BOX_HEIGHT / 2 + 0.04),
            BOX_WIDTH - 0.08,
            BOX_HEIGHT - 0.08,
            boxstyle="round,pad=0.04",
            facecolor=light,
            edgecolor=colour,
            linewidth=2.2 if strong else 1.0,
        )
    )
    centre = left + BOX_WIDTH / 2
    style = {"ha": "center", "va": "center"}
    ax.text(centre, middle - 0.2, box.name, **style, fontsize=10, weight="bold")
    ax.text(centre, middle, box.text, **style, fontsize=9)
    ax.text(centre, middle + 0.2, _times(box.shape), **style, fontsize=9, color=GREY)


def _draw_arrow(ax: Axes, start: float, end: float, y: float) -> None:
    arrow = {"arrowstyle": "->", "color": GREY, "shrinkA": 1, "shrinkB": 1}
    ax.annotate("", (end, y), (start, y), arrowprops=arrow)


def _times(sizes: tuple[int, ...]) -> str:
    return "×".join(map(str, sizes))
