r"""Lines over steps: a colour and a dash for each, named in the legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from .style import looks, new_axes, styled


@styled
def draw_lines(
    lines: Mapping[str, Sequence[float]],
    *,
    x: Sequence[float] | None = None,
    xlabel: str = "step",
    ylabel: str = "",
    title: str = "",
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw each named line; x counts 0, 1, 2, ... unless given. None in a line leaves a gap.

    With ``log`` the y axis is logarithmic.
    """
    ax = ax or new_axes(height=3.6)
    for look, (label, line) in zip(looks(lines), lines.items()):
        values = [float("nan") if value is None else float(value) for value in line]
        where = range(len(values)) if x is None else x
        ax.plot(where, values, label=label, color=look["color"], linestyle=look["linestyle"])
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if any(lines):
        ax.legend()
    return ax
