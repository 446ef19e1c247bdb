r"""A long table with a choice above it for some columns; without scripts, all of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from uuid import uuid4

from .markdown_table import table

__all__ = ["FilteredTable", "filtered_table"]

CELL = "text-align: left; vertical-align: top; border-top: 1px solid #8884; padding: 4px 8px 4px 0"
SCRIPT = """
for (const host of document.querySelectorAll('[id="WHERE"]')) {
  const bar = host.firstElementChild, rows = [...host.querySelectorAll("tbody tr")];
  if (bar.childElementCount) continue;
  const [all, of] = bar.dataset.words.split("|");
  const chosen = {}, count = document.createElement("span");
  const update = () => {
    for (const row of rows)
      row.hidden = COLUMNS.some((c) => chosen[c] && row.cells[c].dataset.value !== chosen[c]);
    count.textContent = `${rows.filter((row) => !row.hidden).length} ${of} ${rows.length}`;
  };
  for (const c of COLUMNS) {
    const label = document.createElement("label"), select = document.createElement("select");
    const name = host.querySelectorAll("thead th")[c].textContent;
    const values = [...new Set(rows.map((row) => row.cells[c].dataset.value))];
    values.sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    for (const value of ["", ...values]) select.append(new Option(value || all, value));
    select.addEventListener("change", () => { chosen[c] = select.value; update(); });
    label.append(`${name} `, select, "  ");
    bar.append(label);
  }
  bar.append(count);
  update();
}
"""


class FilteredTable:
    """What :func:`filtered_table` returns."""

    def __init__(self, head: Sequence[str], rows: list[list[str]], by: Sequence[str]) -> None:
        self.head, self.rows = list(head), rows
        self.columns = [self.head.index(name) for name in by]

    @property
    def html(self) -> str:
        where = f"table-{uuid4().hex}"
        heads = "".join(f'<th style="text-align: left">{escape(name)}</th>' for name in self.head)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self.rows)
        script = SCRIPT.replace("WHERE", where).replace("COLUMNS", json.dumps(self.columns))
        return (
            f'<div id="{where}"><div role="group" aria-label="filters" data-words="all|of"></div>'
            f'<div style="max-height: 36em; overflow: auto" tabindex="0"><table>'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></div>\n"
            f"<script>(() => {{{script}}})()</script>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        markdown = table(self.head, [[cell.replace("|", r"\|") for cell in r] for r in self.rows])
        return {"text/html": self.html, "text/markdown": str(markdown), "text/plain": str(markdown)}


def filtered_table(
    head: Sequence[str], rows: Iterable[Iterable[Any]], by: Sequence[str]
) -> FilteredTable:
    r"""A table to be the last line of a cell, with a choice for each column of ``by``.

    It needs no network and no kernel once it is shown. Where scripts may not run, the whole table
    stands there, and where HTML is not shown, the same in Markdown.

    Raises:
        ValueError: ``by`` names no column, or a row has another number of cells.

    >>> found = filtered_table(["claim", "verdict"], [["a", "supported"], ["b", "refuted"]],
    ...                        by=["verdict"])
    >>> found.columns, found.html.count("<tr>")
    ([1], 3)
    """
    cells = [[str(cell) for cell in row] for row in rows]
    unknown = [name for name in by if name not in head]
    if unknown:
        raise ValueError(f"by names {', '.join(unknown)}; expected some of {', '.join(head)}")
    for row in cells:
        if len(row) != len(head):
            raise ValueError(
                f"a row of {len(row)} cells; expected {len(head)}, one for each column"
            )
    return FilteredTable(head, cells, by)


def _cell(text: str) -> str:
    lines = "<br>".join(escape(line) for line in text.split("\n"))
    return f'<td data-value="{escape(text)}" style="{CELL}">{lines}</td>'
