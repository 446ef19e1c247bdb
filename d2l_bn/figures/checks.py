r"""A table of yes and no: what holds for which."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from .style import BLUE, GREY, VERMILION, plt, styled

ROW, COLUMN, LETTER = 0.34, 1.25, 0.088  # inches
LOOKS = {True: ("✓", BLUE), False: ("✗", VERMILION), None: ("–", GREY)}


@styled
def draw_checks(table: Mapping[str, Mapping[str, bool | None]], *, title: str = "") -> Axes:
    r"""Draw ``table[row][column]``: blue ✓ for True, red ✗ for False, – where it does not apply.

    A row without one of the columns counts as None there.
    """
    columns = list(dict.fromkeys(column for row in table.values() for column in row))
    left = 0.2 + LETTER * max(map(len, table))
    width = left + COLUMN * len(columns)
    height = ROW * (len(table) + 1) + (0.35 if title else 0.05)
    figure = plt.figure(figsize=(width, height), layout="none")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(height, 0))
    ax.axis("off")
    centred = {"ha": "center", "va": "center"}
    top = 0.35 if title else 0.05
    ax.text(width / 2, 0.18, title, **centred, fontsize=12)
    for c, column in enumerate(columns):
        ax.text(left + COLUMN * (c + 0.5), top + ROW / 2, column, **centred, weight="bold")
    for r, (name, row) in enumerate(table.items()):
        y = top + ROW * (r + 1)
        ax.text(left - 0.12, y + ROW / 2, name, ha="right", va="center", fontsize=10)
        for c, column in enumerate(columns):
            mark, colour = LOOKS[row.get(column)]
            corner = left + COLUMN * c + 0.02, y + 0.02
            box = {"facecolor": colour, "alpha": 0.14, "edgecolor": "none"}
            ax.add_patch(Rectangle(corner, COLUMN - 0.04, ROW - 0.04, **box))
            x = left + COLUMN * (c + 0.5)
            ax.text(x, y + ROW / 2, mark, **centred, fontsize=13, color=colour)
    return ax
