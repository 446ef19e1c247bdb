"""Make d2l_bn/exercises/blank/<assignment>.ipynb, without solutions, from exercises/source.

They are what `d2l-bn exercise` writes, for a student alone: nbgrader's own, without its marks.
Those in ``blank/zh`` are the same with their text in Chinese.

    python scripts/build_blank_exercises.py            # make them
    python scripts/build_blank_exercises.py --check    # only name those that differ
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from build_exercises import EXERCISES, all_assignments, source_notebook

from d2l_bn._support.command_line import ArgumentParser, Failure, run
from d2l_bn.commands.exercise import BLANK, blank_notebook
from d2l_bn.language import LANGUAGES


def blank_text(assignment: str, text_in: str) -> str:
    """The notebook of an assignment as it is handed out in a language, as text."""
    import nbformat

    sys.path.insert(0, str(EXERCISES))
    from preprocessors import ClearToTheEnd

    source = EXERCISES / "source" / assignment / f"{assignment}.py"
    notebook = source_notebook(source, text_in)
    notebook, _ = ClearToTheEnd().preprocess(notebook, {})
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    return nbformat.writes(notebook) + "\n"


def wanted() -> dict[Path, str]:
    """All notebooks as they should be."""
    return {
        blank_notebook(name, text_in): blank_text(name, text_in)
        for text_in in LANGUAGES
        for name in all_assignments()
    }


def drifted() -> list[str]:
    """The notebooks that are not as their source."""
    made = {path: path.read_text(encoding="utf-8") for path in BLANK.rglob("*.ipynb")}
    right = wanted()
    wrong = (path for path in made.keys() | right if made.get(path) != right.get(path))
    return sorted(path.relative_to(BLANK).as_posix() for path in wrong)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")


def main(options: argparse.Namespace) -> None:
    if not options.check:
        for path, text in wanted().items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if problems := drifted():
        raise Failure(
            f"not as exercises/source: {', '.join(problems)}; "
            "make them: python scripts/build_blank_exercises.py"
        )


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
