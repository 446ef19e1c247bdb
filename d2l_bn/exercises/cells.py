r"""The cells of a notebook, or of a Python file, as a student counts and finds them."""

from __future__ import annotations

import ast
import contextlib
import json
import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["Cell", "Unreadable", "cells_of", "code_cells"]


class Unreadable(Exception):
    """The file is no notebook and no Python file; the message says what is wrong and what helps."""


class Cell(NamedTuple):
    """A cell of code, and where it stands.

    Attributes:
        number: among all cells, of text and of code, from 1.
        prompt: the number in brackets beside it in Jupyter, or None.
        heading: the last one above it, or "".
        line: the line of the file in front of the cell's first one; 0 in a notebook.
        code: without checks, magics and shell commands.
    """

    number: int
    prompt: int | None
    heading: str
    line: int
    code: str

    def place(self) -> str:
        r"""Where it is, in words.

        >>> Cell(7, 3, "2 · Broadcasting", 0, "").place()
        'cell 7 [3], under “2 · Broadcasting”'
        """
        cell = f"cell {self.number:d} [{self.prompt:d}]" if self.prompt else f"cell {self.number:d}"
        return f"{cell}, under “{self.heading}”" if self.heading else cell


def code_cells(path: Path) -> list[str]:
    r"""The code of a file's cells, without checks, magics and shell commands."""
    return [cell.code for cell in cells_of(path)]


def cells_of(path: Path) -> list[Cell]:
    r"""The cells of code of a notebook; of a ``.py`` file, which is split at its ``# %%`` lines.

    Raises:
        Unreadable: there is no such file, or it is not what its name says.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Unreadable(f"{path}: there is no such file; is the name right?") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path} cannot be read as text: {error}") from None
    return _of_python(text) if path.suffix == ".py" else _of_notebook(text, path)


def _of_notebook(text: str, path: Path) -> list[Cell]:
    cells, heading = [], ""
    try:
        for number, cell in enumerate(json.loads(text)["cells"], start=1):
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                heading = _heading(source) or heading
            elif cell["cell_type"] == "code":
                prompt = cell.get("execution_count")
                cells.append(Cell(number, prompt, heading, 0, _plain(source)))
    except json.JSONDecodeError as error:
        hint = " It holds marks of a merge (<<<<<<<)." if "<<<<<<<" in text else ""
        raise Unreadable(
            f"{path} is not JSON (line {error.lineno}: {error.msg}), so it is no notebook.{hint} "
            "Open it in Jupyter and save it again, or take the last version that Jupyter opens."
        ) from None
    except (AttributeError, KeyError, TypeError):
        raise Unreadable(f"{path} is JSON, but no notebook: it has no list of cells.") from None
    return cells


def _of_python(text: str) -> list[Cell]:
    lines = text.splitlines(keepends=True)
    starts = [k for k, line in enumerate(lines) if line.startswith("# %%")]
    first = "".join(lines[: starts[0]] if starts else lines)
    cells = [Cell(0 if starts else 1, None, "", 0, _plain(first))] if first.strip() else []
    heading = ""
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(lines)]), start=1):
        source = "".join(lines[start + 1 : end])
        if "[markdown]" in lines[start]:
            heading = _heading(re.sub(r"^# ?", "", source, flags=re.MULTILINE)) or heading
        else:
            cells.append(Cell(number, None, heading, start + 1, _plain(source)))
    return cells


def _heading(markdown: str) -> str:
    """The last heading in a cell of text."""
    found = re.findall(r"^#+ +(.+?) *$", markdown, flags=re.MULTILINE)
    return found[-1] if found else ""


def _plain(source: str) -> str:
    """Without the calls of checks, which run at the end, and without Jupyter's % and ! lines."""
    source = re.sub(r"^check\(.*globals\(\)\).*$", "pass", source, flags=re.MULTILINE)
    with contextlib.suppress(SyntaxError):
        ast.parse(source)
        return source
    return re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)
