r"""The one look of every figure: colours that a colour-blind reader can tell apart, sizes, lines.

Every function of :mod:`d2l_bn.figures` is wrapped by :func:`styled`, so that it looks the same in
any notebook and leaves the reader's own matplotlib settings alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import matplotlib.pyplot as plt

# Okabe & Ito's palette, told apart with every common form of colour blindness
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PINK, SKY, YELLOW, BLACK = "#CC79A7", "#56B4E9", "#F0E442", "#000000"
COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PINK, SKY, BLACK, YELLOW)  # yellow: faint on white
# a second mark beside the colour, for a black and white print
LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (6, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
# What has a colour of its own wherever it is drawn; lower case, longer names first
OWN = {
    "without bn": ORANGE,
    "no normalizer": ORANGE,
    "plain": ORANGE,
    "none": ORANGE,
    "with bn": BLUE,
    "batch norm": BLUE,
    "batch": BLUE,
    "bn": BLUE,
    "group norm": GREEN,
    "group": GREEN,
    "gn": GREEN,
    "layer norm": VERMILION,
    "layer": VERMILION,
    "ln": VERMILION,
    "instance norm": PINK,
    "instance": PINK,
    "in": PINK,
}
GREY = "#666666"

WIDTH = 9.0  # inches: the width of a notebook cell's output
CODE = "code"  # the gid of a text that is a name in a program: it stays in every language

STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "savefig.bbox": "tight",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.labelsize": 11,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 1.8,
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "svg.hashsalt": "d2l_bn",  # the same figure gives the same file
}


@contextmanager
def style() -> Iterator[None]:
    r"""The look as a context: ``with style(): ...`` for a figure that is drawn by hand."""
    # not plt.rc_context: it would also undo the interactive mode that Jupyter turns on at the first
    # figure, and no later figure would be shown
    saved = {key: plt.rcParams[key] for key in STYLE}
    plt.rcParams.update(STYLE)
    try:
        yield
    finally:
        plt.rcParams.update(saved)


def styled(draw: Callable) -> Callable:
    r"""Decorator: run a drawing function in :func:`style`."""

    @wraps(draw)
    def wrapper(*args, **kwargs):
        with style():
            return draw(*args, **kwargs)

    return wrapper


def looks(labels: Iterable[Any]) -> list[dict[str, Any]]:
    r"""Colour, dash and mark of each label of a figure.

    Batch normalization, a plain network, group, layer and instance normalization have a colour of
    their own in every figure; what has another name takes those that are left over, in order.

    >>> [look["color"] == BLUE for look in looks(["plain", "BN", "third"])]
    [False, True, False]
    """
    names = [str(label).strip().lower() for label in labels]
    own = [OWN.get(name) for name in names]
    if len(set(filter(None, own))) < sum(colour is not None for colour in own):
        own = [None] * len(names)  # two of one colour would be taken for one
    rest = [colour for colour in COLOURS if colour not in own]
    found = []
    for number, colour in enumerate(own):
        if colour is None:
            colour = rest[sum(c is None for c in own[:number]) % len(rest)]
        place = COLOURS.index(colour)
        found.append({"color": colour, "linestyle": LINES[place], "marker": MARKERS[place]})
    return found


@styled
def new_axes(columns: int = 1, rows: int = 1, height: float = 4.0, **kwargs):
    r"""Axes in a figure as wide as a notebook cell: one, or an array of ``rows`` by ``columns``."""
    return plt.subplots(rows, columns, figsize=(WIDTH, height), **kwargs)[1]
