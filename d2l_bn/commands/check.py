r"""Check a solution of an exercise, in a notebook or a Python file, as its check cells do.

The cells run one after the other in a process of their own. A cell that fails, or does not end, is
named and passed over; the others run. What is not right yet comes with the sections to read again.
Exit status: 0 all right, 1 something to look at, 2 nothing could be checked. `d2l-bn exercise`
writes the notebooks to begin with.
"""

from __future__ import annotations

import argparse

from d2l_bn._support.command_arguments import existing_file, one_of, positive_number
from d2l_bn._support.command_line import ArgumentParser, UsageError
from d2l_bn.exercises.cells import Unreadable
from d2l_bn.exercises.command import check_file
from d2l_bn.exercises.questions import assignments
from d2l_bn.exercises.questions._reading import READING


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    names = assignments()
    add("assignment", type=one_of(names), metavar="ASSIGNMENT", help=", ".join(names))
    add("file", type=existing_file, metavar="FILE", help="a notebook (.ipynb) or a file (.py)")
    add("--task", help="look at this task only")
    add("--seconds", type=positive_number, default=60.0, help="processor time for a cell")


def main(options: argparse.Namespace) -> int:
    """Put the visible questions."""
    known = READING[options.assignment]
    if options.task is not None and options.task not in known:
        raise UsageError(f"{options.assignment} has the tasks {', '.join(known)}")
    try:
        return check_file(options.assignment, options.file, options.task, options.seconds)
    except Unreadable as unreadable:
        raise UsageError(str(unreadable)) from None
