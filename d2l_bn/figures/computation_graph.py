r"""The computational graph of batch normalization: a box for each array, an arrow for each use.

Forward, an arrow leads from an array to what is made from it. Backward the arrows turn round: the
gradient of a box is the sum of what all its arrows bring back.
"""

from __future__ import annotations

from collections.abc import Collection

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .style import CODE, GREY, VERMILION, WIDTH, plt, styled

# name: where its box is, in inches from the top left, its formula, and how wide the box is
NODES = {
    "X": (0.55, 0.5, r"$x$", 0.6),
    "mean": (1.6, 1.6, r"$\mu$", 0.6),
    "centred": (2.6, 0.5, r"$c = x - \mu$", 1.1),
    "squares": (3.45, 1.6, r"$q = c^2$", 0.85),
    "var": (4.6, 1.6, r"$\sigma^2$", 0.6),
    "inverse": (5.85, 1.6, r"$r = 1/\sqrt{\sigma^2+\varepsilon}$", 1.45),
    "X_hat": (5.85, 0.5, r"$\hat x = c\,r$", 0.95),
    "gamma": (7.35, 1.6, r"$\gamma$", 0.6),
    "Y": (8.2, 0.5, r"$y = \gamma\,\hat x + \beta$", 1.3),
    "beta": (8.55, 1.6, r"$\beta$", 0.6),
}
EDGES = (
    ("X", "mean"),
    ("X", "centred"),
    ("mean", "centred"),
    ("centred", "squares"),
    ("squares", "var"),
    ("var", "inverse"),
    ("centred", "X_hat"),
    ("inverse", "X_hat"),
    ("X_hat", "Y"),
    ("gamma", "Y"),
    ("beta", "Y"),
)
PER_CHANNEL = {"mean", "var", "inverse", "gamma", "beta"}  # one number for each channel
BOX_HEIGHT = 0.44
HEIGHT = 2.25
WHITE, PALE, REACHED, NOW = "#FFFFFF", "#DCEAF4", "#F7DCCB", "#EE9C6C"


@styled
def draw_batch_norm_graph(
    reached: Collection[str] | None = None, now: str | Collection[str] = ()
) -> Axes:
    r"""The forward pass of batch normalization, or one moment of its backward pass.

    Arguments:
        reached: the arrays whose gradient is known; None draws the forward pass.
        now: the array (or arrays) whose gradient is being computed: the arrows that bring it light
            up, each from an array in ``reached``.

    Raises:
        ValueError: a name that is not in the graph, or an arrow that comes from an array whose
            gradient is not known yet.
    """
    now = {now} if isinstance(now, str) else set(now)
    backward = reached is not None
    reached = set(reached or ())
    _check(reached, now)
    figure = plt.figure(figsize=(WIDTH, HEIGHT), layout="none")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    ax.axis("off")
    for source, target in EDGES:
        bright = source in now
        start, end = (target, source) if backward else (source, target)
        colour = VERMILION if bright else GREY
        if backward and not bright and source not in reached:
            colour = "#CCCCCC"
        _draw_arrow(ax, start, end, colour, 2.2 if bright else 1.2)
    for name in NODES:
        colour = PALE if name in PER_CHANNEL else WHITE
        if backward:
            colour = NOW if name in now else REACHED if name in reached else WHITE
        _draw_box(ax, name, colour)
    return ax


def _check(reached: set[str], now: set[str]) -> None:
    unknown = (reached | now) - set(NODES)
    if unknown:
        raise ValueError(f"{sorted(unknown)} not in the graph; expected some of {list(NODES)}")
    early = [(s, t) for s, t in EDGES if s in now and t not in reached | now]
    if early:
        raise ValueError(f"{early[0][0]!r} needs the gradient of {early[0][1]!r} first")


def _draw_box(ax: Axes, name: str, colour: str) -> None:
    x, y, formula, width = NODES[name]
    corner = (x - width / 2, y - BOX_HEIGHT / 2)
    box = FancyBboxPatch(
        corner, width, BOX_HEIGHT, boxstyle="round,pad=0,rounding_size=0.08", fc=colour, ec=GREY
    )
    box.set_label(name)
    ax.add_patch(box)
    ax.text(x, y, formula, ha="center", va="center", fontsize=11)
    below = y + BOX_HEIGHT / 2 + 0.12
    above = y - BOX_HEIGHT / 2 - 0.12
    outside = below if y > 1 else above  # in the upper row arrows leave from below
    kind = {"family": "monospace", "gid": CODE}
    ax.text(x, outside, name, ha="center", va="center", fontsize=9, **kind)


def _draw_arrow(ax: Axes, start: str, end: str, colour: str, width: float) -> None:
    (x0, y0, _, w0), (x1, y1, _, w1) = NODES[start], NODES[end]
    if y0 == y1:  # side by side
        sign = 1 if x1 > x0 else -1
        tail, head = (x0 + sign * w0 / 2, y0), (x1 - sign * w1 / 2, y1)
    else:
        sign = 1 if y1 > y0 else -1
        tail, head = (x0, y0 + sign * BOX_HEIGHT / 2), (x1, y1 - sign * BOX_HEIGHT / 2)
    arrow = FancyArrowPatch(
        tail,
        head,
        arrowstyle="-|>",
        mutation_scale=13,
        color=colour,
        lw=width,
        shrinkA=2,
        shrinkB=2,
    )
    ax.add_patch(arrow)
