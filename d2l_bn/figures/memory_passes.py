r"""The passes over memory that a computation makes: whole arrays, read or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .style import COLOURS, new_axes, styled

Operation = tuple[str, int, int]  # what it computes, arrays read, arrays written


@styled
def draw_memory_passes(versions: Mapping[str, Sequence[Operation]], ax: Axes | None = None) -> Axes:
    r"""Draw a row of blocks for each version: a block is one whole array, read or written.

    Arguments:
        versions: from the name of a version to its operations ``(text, reads, writes)``, in order.

    Blocks of one operation touch; the axis counts arrays, so that a row's length is the memory that
    the version moves.

    >>> by_hand = [("x − μ", 1, 1), ("· γ", 1, 1)]
    >>> ax = draw_memory_passes({"by hand": by_hand, "fused": [("y", 1, 1)]})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['by hand: 4', 'fused: 2']
    """
    ax = ax or new_axes(height=0.6 + 0.75 * len(versions))
    for row, operations in enumerate(versions.values()):
        start = 0.0
        for text, reads, writes in operations:
            for number, colour in enumerate([COLOURS[0]] * reads + [COLOURS[1]] * writes):
                ax.barh(row, 0.94, left=start + number, height=0.5, align="center", color=colour)
            middle = start + (reads + writes) / 2
            ax.text(middle, row - 0.32, text, ha="center", va="bottom", fontsize=9)
            start += reads + writes
    totals = [sum(r + w for _, r, w in operations) for operations in versions.values()]
    labels = [f"{name}: {total}" for name, total in zip(versions, totals)]
    ax.set_yticks(range(len(versions)), labels)
    ax.set_ylim(len(versions) - 0.5, -0.75)
    ax.set_xlim(0, max(totals))
    ax.set_xlabel("whole arrays moved between memory and processor")
    ax.grid(axis="y", visible=False)
    ax.legend(
        handles=[Patch(color=COLOURS[0], label="read"), Patch(color=COLOURS[1], label="written")],
        loc="lower right",
    )
    return ax
