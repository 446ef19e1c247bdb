"""The lessons in Chinese: the same code, the Markdown cells out of their catalogues."""

from __future__ import annotations

import re
from pathlib import Path

from d2l_bn.language.catalogue import entries
from d2l_bn.language.notebook import chinese_cells

ADDRESS = r"(?!https?:|mailto:|data:|#|/)[^)\s\"]+"
LINK = re.compile(rf"(\]\(|(?:src|href)=\")({ADDRESS})")
LESSON = re.compile(r"\d\d_\w+\.ipynb(#.*)?$")


def translations(source: Path) -> dict[str, str]:
    """From each cell of a lesson to its translation, as far as there is one that is not stale."""
    path = source.parent / "zh_CN" / f"{source.stem}.po"
    return entries(path) if path.exists() else {}


def in_chinese(notebook, source: Path):
    """The lesson in Chinese, for the folder ``zh``; None if it is not wholly translated."""
    made, missed = chinese_cells(notebook, translations(source))
    if missed:
        return None
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = a_folder_down(cell.source)
    return made


def a_folder_down(text: str) -> str:
    """Links and pictures as they are found from a folder further down; lessons are there, too.

    >>> a_folder_down('![a](pictures/a.png) [2](02_b.ipynb#c) <img src="d.png"> [e](https://f.g)')
    '![a](../pictures/a.png) [2](02_b.ipynb#c) <img src="../d.png"> [e](https://f.g)'
    """

    def further(found: re.Match) -> str:
        address = found[2] if LESSON.match(found[2]) else f"../{found[2]}"
        return found[1] + address

    return LINK.sub(further, text)
