"""Show which answers of an assignment are alike, for a person to look at; nothing is judged.

Of each answer cell: the code as Python reads it, without names, comments and layout, cut into runs
of eight tokens. Two answers are as alike as the share of their runs that both have (Jaccard 1912).
Runs that the released notebook or the solution has, or half of the class, tell nothing and are left
out. Short answers are alike by chance, and are passed over.
"""

from __future__ import annotations

import argparse
import io
import itertools
import keyword
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from check_submission import COURSE, submissions

from d2l_bn._support.command_arguments import folder_to_write, positive_int
from d2l_bn._support.command_line import ArgumentParser, run

RUN = 8  # tokens
FEWEST = 12  # runs of its own that an answer must have to be compared


class Pair(NamedTuple):
    """How alike two students' answers to one task are: 1 if all their own runs agree."""

    likeness: float
    task: str
    one: str
    other: str


def runs(source: str) -> set[tuple[str, ...]]:
    r"""The runs of tokens in a piece of code; every name is one and the same.

    >>> runs("total = a + b + c") == runs("summe=x+y+z  # mine")
    True
    """
    tokens = list(_tokens(source))
    return {tuple(tokens[i : i + RUN]) for i in range(len(tokens) - RUN + 1)}


def _tokens(source: str) -> Iterator[str]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                yield token.string if keyword.iskeyword(token.string) else "name"
            elif token.type in (tokenize.OP, tokenize.NUMBER):
                yield token.string
            elif token.type in (tokenize.INDENT, tokenize.DEDENT):
                yield tokenize.tok_name[token.type]
    except (tokenize.TokenError, SyntaxError):  # broken code: what was read of it
        return


def similar(answers: dict[str, str], known: list[str], task: str = "") -> list[Pair]:
    r"""All pairs of students whose answers share runs of their own, the most alike first.

    Arguments:
        answers: code by student.
        known: code that everybody has: the released cell, the solution.
    """
    own = {student: runs(code) for student, code in answers.items()}
    often = Counter(itertools.chain.from_iterable(own.values()))
    common = set().union(*map(runs, known))
    common |= {part for part, count in often.items() if count > max(2, len(own) / 2)}
    own = {student: parts - common for student, parts in own.items()}
    own = {student: parts for student, parts in own.items() if len(parts) >= FEWEST}
    pairs = [
        Pair(len(a & b) / len(a | b), task, *sorted((one, other)))
        for (one, a), (other, b) in itertools.combinations(own.items(), 2)
        if a & b
    ]
    return sorted(pairs, reverse=True)


def similar_in(course: Path, assignment: str) -> list[Pair]:
    """Of one assignment: all tasks."""
    students = [student for _, student in submissions(course, [assignment])]
    handed_in = {s: _answers(course / "submitted" / s / assignment) for s in students}
    known = [_answers(course / room / assignment) for room in ("release", "source")]
    tasks = dict.fromkeys(task for answers in known for task in answers)
    pairs = []
    for task in tasks:
        answers = {s: cells[task] for s, cells in handed_in.items() if task in cells}
        pairs += similar(answers, [cells.get(task, "") for cells in known], task)
    return sorted(pairs, reverse=True)


def _answers(folder: Path) -> dict[str, str]:
    """The answer cells of the notebooks in a folder, by task."""
    import nbformat

    found = {}
    for path in sorted(folder.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            settings = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and settings.get("solution"):
                found[settings["grade_id"]] = cell.source
    return found


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("assignments", nargs="*", metavar="ASSIGNMENT", help="all that are released if none")
    add("--most", type=positive_int, default=20, help="pairs to show of each assignment")
    add("--course", type=folder_to_write, default=str(COURSE), help="the course folder")


def main(options: argparse.Namespace) -> None:
    released = sorted(path.name for path in (options.course / "release").glob("*"))
    for assignment in options.assignments or released:
        pairs = similar_in(options.course, assignment)[: options.most]
        print(
            f"{assignment}: {len(pairs)} pairs share something" if pairs else f"{assignment}: none"
        )
        for likeness, task, one, other in pairs:
            print(f"  {likeness:4.0%}  {task:20}  {one}, {other}")


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
