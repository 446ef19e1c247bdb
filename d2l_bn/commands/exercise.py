r"""Get the notebook of an exercise, to fill in: `d2l-bn exercise batchnorm`.

Without a name, the exercises are listed. `d2l-bn check batchnorm batchnorm.ipynb` says what is
right.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from d2l_bn._support.command_arguments import file_to_write, one_of
from d2l_bn._support.command_line import ArgumentParser, UsageError
from d2l_bn.exercises.questions import assignments

BLANK = Path(__file__).resolve().parent.parent / "exercises" / "blank"


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    names = assignments()
    add("name", nargs="?", type=one_of(names), metavar="EXERCISE", help=", ".join(names))
    add("--out", type=file_to_write(".ipynb"), help="the notebook to write; of the exercise's name")


def main(options: argparse.Namespace) -> None:
    """Write one, or list all; never over a file that is there."""
    if options.name is None:
        for title, name, time in sorted(_described(name) for name in assignments()):
            print(f"{name:<12} {title} ({time})")
        return
    path = options.out or Path(f"{options.name}.ipynb")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write((BLANK / f"{options.name}.ipynb").read_text(encoding="utf-8"))
    except FileExistsError:
        raise UsageError(
            f"{path} is there, perhaps with answers: give another name, --out"
        ) from None
    print(f"{path}: open it in Jupyter; d2l-bn check {options.name} {path} says what is right.")


def _described(name: str) -> tuple[str, str, str]:
    """The title of an exercise, its name, and how long it takes: as its first cell says."""
    cells = json.loads((BLANK / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    text = "".join(cells[0]["source"])
    (title,), (time,) = re.findall(r"\A# (.*)", text), re.findall(r"\*\*Time:\*\* ([^.]*)", text)
    return title, name, time
