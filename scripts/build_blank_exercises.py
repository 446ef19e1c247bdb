"""Make d2l_bn/exercises/blank/<assignment>.ipynb, without solutions, from exercises/source.

They are what `d2l-bn exercise` writes, for a student alone: nbgrader's own, without its marks.

    python scripts/build_blank_exercises.py            # make them
    python scripts/build_blank_exercises.py --check    # only name those that differ
"""

from __future__ import annotations

import argparse
import sys

from build_exercises import EXERCISES, all_assignments, source_notebook

from d2l_bn._support.command_line import ArgumentParser, Failure, run

BLANK = EXERCISES.parent / "d2l_bn" / "exercises" / "blank"


def blank_text(assignment: str) -> str:
    """The notebook of an assignment as it is handed out, as text."""
    import nbformat

    sys.path.insert(0, str(EXERCISES))
    from preprocessors import ClearToTheEnd

    notebook = source_notebook(EXERCISES / "source" / assignment / f"{assignment}.py")
    notebook, _ = ClearToTheEnd().preprocess(notebook, {})
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    return nbformat.writes(notebook) + "\n"


def drifted() -> list[str]:
    """The names of the notebooks that are not as their source."""
    made = {path.stem: path.read_text(encoding="utf-8") for path in BLANK.glob("*.ipynb")}
    wanted = {name: blank_text(name) for name in all_assignments()}
    return sorted(n for n in made.keys() | wanted if made.get(n) != wanted.get(n))


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")


def main(options: argparse.Namespace) -> None:
    if not options.check:
        BLANK.mkdir(exist_ok=True)
        for name in all_assignments():
            (BLANK / f"{name}.ipynb").write_text(blank_text(name), encoding="utf-8")
    if problems := drifted():
        raise Failure(
            f"not as exercises/source: {', '.join(problems)}; "
            "make them: python scripts/build_blank_exercises.py"
        )


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
