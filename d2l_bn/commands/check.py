r"""Check a solution of an exercise, in a notebook or a Python file, as its check cells do.

The cells run one after the other in a process of their own. A cell that fails, or does not end, is
named and passed over; the others run. Exit status: 0 all right, 1 something to look at, 2 nothing
could be checked.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import d2l_bn
from d2l_bn._support.command_arguments import existing_file, one_of, positive_number
from d2l_bn._support.command_line import ArgumentParser, UsageError

QUESTIONS = Path(d2l_bn.__file__).parent / "exercises" / "questions"


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    names = sorted(path.stem for path in QUESTIONS.glob("[a-z]*.py"))
    add("assignment", type=one_of(names), metavar="ASSIGNMENT", help=", ".join(names))
    add("file", type=existing_file, metavar="FILE", help="a notebook (.ipynb) or a file (.py)")
    add("--task", help="look at this task only")
    add("--seconds", type=positive_number, default=60.0, help="processor time for a cell")


def main(options: argparse.Namespace) -> int:
    """Run the visible checks."""
    from d2l_bn.exercises.command import check_file
    from d2l_bn.exercises.marking import tasks

    known = tasks(options.assignment)
    if options.task is not None and options.task not in known:
        raise UsageError(f"{options.assignment} has the tasks {', '.join(known)}")
    return check_file(options.assignment, options.file, options.task, options.seconds)
