r"""A table, shown as one where it is the value of a notebook's cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["table"]


class Markdown(str):
    """Text that Jupyter shows as Markdown."""

    def _repr_markdown_(self) -> str:
        return str(self)


def table(head: Sequence[Any], rows: Iterable[Iterable[Any]]) -> Markdown:
    r"""A table in Markdown.

    >>> print(table(["x", "y"], [[1, 2]]))
    | x | y |
    |---|---|
    | 1 | 2 |
    """
    first, *rest = ("| " + " | ".join(map(str, line)) + " |" for line in (head, *rows))
    return Markdown("\n".join([first, "|---" * len(head) + "|", *rest]))
