"""Make notebooks/NN_name.ipynb from notebooks/source/NN_name.py, without outputs.

The ``.py`` (jupytext ``py:percent``) is what people edit and review; the ``.ipynb`` is what a
student opens. The same source always gives the same bytes. A lesson whose Chinese catalogue
(notebooks/source/zh_CN/NN_name.po) is whole is made in Chinese, too: notebooks/zh/NN_name.ipynb.

    python scripts/build_notebooks.py            # make them
    python scripts/build_notebooks.py --check    # only name those that differ from their source
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from pathlib import Path

from _chinese_lessons import in_chinese

from d2l_bn._support.command_arguments import folder_to_write
from d2l_bn._support.command_line import ArgumentParser, Failure, run

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


def notebook_of(source: Path):
    """The notebook of a ``py:percent`` file."""
    import jupytext

    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata = {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5  # the first with cell ids
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        # From the content, not the position: a cell put in changes no other cell's id.
        content = f"{cell.cell_type}\n{cell.source}"
        digest = hashlib.sha256(f"{content}\n{seen[content]}".encode())
        cell.id = digest.hexdigest()[:12]
        seen[content] += 1
        cell.metadata.pop("lines_to_next_cell", None)  # jupytext's note on the layout of the .py
    return notebook


def text_of(notebook) -> str:
    """The ``.ipynb``."""
    import nbformat

    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def notebook_text(source: Path) -> str:
    """The ``.ipynb`` of a ``py:percent`` file."""
    return text_of(notebook_of(source))


def wanted(folder: Path) -> dict[Path, str]:
    """The text of each notebook that the folder should have, in English and, if whole, Chinese."""
    texts = {}
    for source in sorted((folder / "source").glob("[0-9]*.py")):
        notebook = notebook_of(source)
        chinese = in_chinese(notebook, source)
        texts[folder / f"{source.stem}.ipynb"] = text_of(notebook)
        if chinese is not None:
            texts[folder / "zh" / f"{source.stem}.ipynb"] = text_of(chinese)
    return texts


def drifted(folder: Path) -> list[str]:
    """What is wrong with the notebooks of a folder: one line for each that is not as its source."""
    problems = []
    texts = wanted(folder)
    for made, text in texts.items():
        if not made.exists():
            problems.append(f"{made.relative_to(folder)} is missing")
        elif made.read_text(encoding="utf-8") != text:
            problems.append(f"{made.relative_to(folder)} differs from source/{made.stem}.py")
    for made in sorted(folder.glob("*.ipynb")):
        if made not in texts:
            problems.append(f"{made.name} has no source")
    for made in sorted(folder.glob("zh/*.ipynb")):
        if made not in texts:
            problems.append(f"zh/{made.name} has no whole translation: build_catalogues.py --check")
    return problems


def build(folder: Path) -> None:
    """Write each notebook of the folder that is not as its source."""
    for made, text in wanted(folder).items():
        if not made.exists() or made.read_text(encoding="utf-8") != text:
            made.parent.mkdir(exist_ok=True)
            made.write_text(text, encoding="utf-8")
            print(f"wrote {made.relative_to(folder)}")


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--check", action="store_true", help="write nothing, name what differs")
    add("--folder", type=folder_to_write, default=str(NOTEBOOKS), help="of the notebooks")


def main(options: argparse.Namespace) -> None:
    if not options.check:
        build(options.folder)
    problems = drifted(options.folder)
    if problems:
        raise Failure("; ".join(problems) + ". Edit the source, then: make notebooks")


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
