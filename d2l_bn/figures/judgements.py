r"""Effects with their intervals against what would matter."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

from d2l_bn.figures.style import BLACK, BLUE, GREEN, GREY, VERMILION, new_axes, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_judgement"]

LABEL_WIDTH = 72  # characters
COLOUR_OF = {
    "supported": GREEN,
    "refuted": VERMILION,
    "no effect that matters": BLUE,
    "undecided": GREY,
}
MARKER_OF = {"supported": "o", "refuted": "X", "no effect that matters": "s", "undecided": "D"}


@styled
def draw_judgement(
    judgement: Any, *, title: str = "", verdicts: bool = True, ax: Axes | None = None
) -> Axes:
    r"""Draw each effect of a judgement with its 95 % interval; the band is what would not matter.

    A bar without an end, where an exact interval has none, runs to the edge. The verdict under each
    condition is its colour and its mark, and stands on the right; a condition that was no test is
    pale.

    Arguments:
        judgement: :class:`d2l_bn.experiments.judgement.Judgement`, of a claim that is measured.
        verdicts: with colours, marks and words of the verdicts; without, for who is to find them.

    Raises:
        ValueError: the claim was decided by computing once: there is nothing to draw.
    """
    comparisons = judgement.comparisons
    if not comparisons:
        raise ValueError(f"{judgement.claim.name} was computed once; expected a claim with effects")
    ax = ax or new_axes(height=1.2 + 0.38 * len(comparisons))
    delta = judgement.claim.delta
    ax.axvspan(-delta, delta, color=GREY, alpha=0.15, lw=0)
    ax.axvline(0, color=GREY, lw=0.8)
    ends = [e for c in comparisons for e in (c.low, c.high, c.effect, -delta, delta)]
    finite = [end for end in ends if math.isfinite(end)]
    room = 0.06 * (max(finite) - min(finite))
    left, right = min(finite) - room, max(finite) + room
    for row, each in enumerate(comparisons):
        colour = COLOUR_OF[each.verdict] if verdicts else BLACK
        marker = MARKER_OF[each.verdict] if verdicts else "o"
        pale = 0.4 if each.no_test else 1.0
        ends = [max(each.low, left), min(each.high, right)]
        ax.plot(ends, [row, row], color=colour, lw=2.5, alpha=pale, solid_capstyle="butt")
        ax.plot(each.effect, row, marker, color=colour, ms=7, alpha=pale)
        word = "no test" if each.no_test else each.verdict.value if verdicts else ""
        ax.annotate(
            word,
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            color=colour,
            fontsize=9,
        )
    ax.set_yticks(range(len(comparisons)), [f"{c.name} (n = {c.n})" for c in comparisons])
    ax.set_ylim(len(comparisons) - 0.5, -0.6)
    ax.set_xlim(left, right)
    label = textwrap.fill(judgement.claim.effect, LABEL_WIDTH)
    ax.set(xlabel=f"{label}\nbars: 95 % intervals", title=title)
    return ax
