r"""Arrays drawn as sheets of coloured cells, several in a row."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from string import ascii_letters

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from .style import COLOURS, GREY, VERMILION, WIDTH, plt

GAP = 0.7  # between two sheets, in cells
LETTER_WIDTH = 0.088  # inches, of the titles' font
SIGN_WIDTH = 0.68  # inches, for an arrow or a word between two panels
LARGEST_CELL, SMALLEST_CELL = 0.5, 0.3  # inches


@dataclass(frozen=True)
class Panel:
    r"""One array with a title; ``groups`` numbers the colour of each cell, -1 for grey."""

    title: str
    array: np.ndarray
    groups: np.ndarray
    hatched: np.ndarray | None = None
    axes: tuple[str, ...] = ()  # their names; "axis 0", "axis 1", … where there are none
    kept: tuple[int, ...] = ()  # those that were averaged over and stay, with length 1

    @property
    def columns(self) -> float:
        return place(tuple(n - 1 for n in self.array.shape), self.array.shape)[0] + 1

    @property
    def rows(self) -> float:
        return place(tuple(n - 1 for n in self.array.shape), self.array.shape)[1] + 1

    def width(self, cell: float) -> float:
        r"""Inches that the panel takes when a cell takes ``cell`` inches."""
        return max(self.columns * cell, LETTER_WIDTH * max(len(self.title), len(self.shape_text)))

    @property
    def shape_text(self) -> str:
        return str(self.array.shape)


def draw_panels(
    panels: list[Panel],
    signs: list[str],
    groups_along: int,
    note: str = "",
    note_colour: str = GREY,
) -> Axes:
    r"""Draw ``panels`` in a row with ``signs`` between them, all in one Axes measured in inches."""
    cell = LARGEST_CELL
    while _total_width(panels, cell) > WIDTH and cell > SMALLEST_CELL:
        cell *= 0.97
    full_width = max(WIDTH, _total_width(panels, cell))
    rows = max(panel.rows for panel in panels) * cell
    above = 0.82 if any(p.array.ndim > 2 for p in panels) else 0.6  # title, index of a sheet
    height = above + rows + (0.5 if note else 0.3)
    figure = plt.figure(figsize=(full_width, height), layout="none")
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, full_width), ylim=(height, 0))
    ax.axis("off")
    colours = group_colours(1 + max(int(p.groups.max()) for p in panels), groups_along)
    left = 0.4 + (full_width - _total_width(panels, cell)) / 2
    for number, panel in enumerate(panels):
        width = panel.width(cell)
        if number:
            ax.text(left - SIGN_WIDTH / 2, above + rows / 2, signs[number - 1], **_centred(12))
        ax.text(left + width / 2, 0.14, panel.title, **_centred(10), family="monospace")
        ax.text(left + width / 2, 0.36, panel.shape_text, **_centred(10), family="monospace")
        corner = (left + (width - panel.columns * cell) / 2, above + (rows - panel.rows * cell) / 2)
        _draw_cells(ax, panel, colours, corner, cell)
        if number == 0 or panel.axes:
            _name_axes(ax, panel, corner, cell)
        left += width + SIGN_WIDTH
    if note:
        ax.text(full_width / 2, height - 0.2, note, **_centred(11), color=note_colour)
    return ax


def _total_width(panels: list[Panel], cell: float) -> float:
    r"""Inches that the row takes, with a margin and room for the names of axes at the left."""
    return sum(panel.width(cell) for panel in panels) + SIGN_WIDTH * (len(panels) - 1) + 0.5


def place(index: tuple[int, ...], shape: tuple[int, ...]) -> tuple[float, float]:
    r"""Left and top of a cell, in cells; y points down.

    >>> place((1, 2), (3, 4)), place((1, 0, 0), (2, 3, 4))
    ((2.0, 1.0), (4.7, 0.0))
    """
    stack, sheet, row, column = (0,) * (4 - len(index)) + tuple(index)
    _, _, rows, columns = (1,) * (4 - len(shape)) + tuple(shape)
    return float(column + sheet * (columns + GAP)), float(row + stack * (rows + GAP))


def group_colours(number: int, groups_along: int) -> list[tuple[float, float, float]]:
    r"""``number`` colours: a hue for each of ``groups_along`` indices, lighter along the rest."""
    rest = max(1, number // groups_along)
    colours = []
    for group in range(number):
        hue, _, saturation = rgb_to_hls(*to_rgb(COLOURS[(group // rest) % len(COLOURS)]))
        light = 0.72 if rest == 1 else 0.62 + 0.28 * (group % rest) / (rest - 1)
        colours.append(hls_to_rgb(hue, light, min(saturation, 0.75)))
    return colours


def _draw_cells(ax: Axes, panel: Panel, colours: list, corner: tuple, cell: float) -> None:
    shape = panel.array.shape
    for index in np.ndindex(shape):
        x, y = (c + cell * p for c, p in zip(corner, place(index, shape)))
        group = int(panel.groups[index])
        colour = colours[group] if group >= 0 else "#DDDDDD"
        hatched = panel.hatched is not None and panel.hatched[index]
        ax.add_patch(Rectangle((x, y), cell, cell, facecolor=colour, edgecolor="white", lw=1.2))
        if hatched:
            ax.add_patch(Rectangle((x, y), cell, cell, fill=False, hatch="//", ec="#999999", lw=0))
        size = min(11, 72 * cell * 0.34)
        ax.text(x + cell / 2, y + cell * 0.58, f"{panel.array[index]:.4g}", **_centred(size))
        if group >= 0:
            letter = {
                "ha": "left",
                "va": "top",
                "fontsize": max(6.5, 0.6 * size),
                "color": "#333333",
            }
            ax.text(x + 0.03, y + 0.02, ascii_letters[group], **letter)
        if len(shape) > 2 and index[-2:] == (0, 0):
            sheet = "[" + ", ".join(map(str, index[:-2])) + "]"
            kept = set(panel.kept) & set(range(len(shape) - 2))  # of the axes that count sheets
            look = {"color": VERMILION, "weight": "bold"} if kept else {"color": GREY}
            ax.text(x, y - 0.04, sheet, ha="left", va="bottom", fontsize=9, **look)


def _name_axes(ax: Axes, panel: Panel, corner: tuple, cell: float) -> None:
    r"""Name the axis of the columns below and that of the rows at the left; a kept one, in red."""
    ndim = panel.array.ndim
    names = panel.axes or tuple(f"axis {number}" for number in range(ndim))
    looks = [
        {"color": VERMILION, "weight": "bold"} if number in panel.kept else {"color": GREY}
        for number in range(ndim)
    ]
    lengths = [" (1)" if number in panel.kept else "" for number in range(ndim)]
    bottom = corner[1] + panel.rows * cell
    if ndim:
        text = f"{names[-1]} →{lengths[-1]}"
        ax.text(corner[0], bottom + 0.05, text, ha="left", va="top", size=9, **looks[-1])
    if ndim > 1:
        text = f"{names[-2]} →{lengths[-2]}"
        side = {"rotation": -90, "ha": "right", "va": "top", "size": 9}
        beside = 0.08 if ndim - 2 in panel.kept else 0.04
        ax.text(corner[0] - beside, corner[1], text, **side, **looks[-2])
    if ndim > 1 and ndim - 2 in panel.kept:  # a line with two ends, as in a drawing of a machine
        x, low, high = corner[0] - 0.03, corner[1], corner[1] + cell
        ax.plot([x - 0.03, x, x, x - 0.03], [low, low, high, high], color=VERMILION, lw=1.5)


def _centred(size: float) -> dict:
    return {"ha": "center", "va": "center", "fontsize": size}
