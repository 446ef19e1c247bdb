"""Write the points of a class: ``grades.csv``, a line for each student and assignment, and
``grades.html``, a sheet to print with the points of each task.

A state stands with the points, so that none is taken for final that is not: graded, waiting for
marks by hand, not graded yet, could not be graded, set aside, not submitted.
"""

from __future__ import annotations

import argparse
import csv
import html
import io
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from check_submission import COURSE
from grade_exercises import open_gradebook

from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.command_arguments import folder_to_write
from d2l_bn._support.command_line import ArgumentParser, Failure, run

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, SubmittedAssignment

STYLE = """
body { font: 14px sans-serif; margin: 2em } table { border-collapse: collapse; margin: 0 0 2em }
th, td { border: 1px solid #999; padding: .3em .6em; text-align: right }
th:first-child, td:first-child, td:last-child { text-align: left }
th { overflow-wrap: anywhere } h2 { break-after: avoid } tr { break-inside: avoid }
@page { size: landscape } @media print { body { font-size: 10px; margin: 0 } }
"""


class Line(NamedTuple):
    """One student's work on one assignment."""

    student: str
    assignment: str
    state: str
    points: float | None  # so far; None where nothing was graded
    of: float
    by_hand: float = 0.0  # points that nobody has marked yet
    hours_late: float = 0.0
    submissions: int = 0
    tasks: Mapping[str, tuple[float, float]] = {}  # points and their maximum, by task


def lines(course: Path) -> list[Line]:
    """Every student who handed in anything, with every assignment that was released."""
    names = sorted(path.name for path in (course / "release").glob("*") if path.is_dir())
    students = {
        path.name
        for room in ("submitted", "set_aside")
        for path in (course / room).glob("*")
        if path.is_dir()
    }
    with open_gradebook(course) as gradebook:
        students |= {student.id for student in gradebook.students}
        return [_line(gradebook, course, s, name) for s in sorted(students) for name in names]


def _line(gradebook: Gradebook, course: Path, student: str, assignment: str) -> Line:
    from nbgrader.api import MissingEntry

    sent = len(list((course / "exchange").glob(f"*/inbound/{student}+{assignment}+*")))
    submitted = (course / "submitted" / student / assignment).is_dir()
    aside = (course / "set_aside" / student / assignment).is_dir()
    count = max(sent, int(submitted or aside))
    try:
        submission = gradebook.find_submission(assignment, student)
        graded = (course / "autograded" / student / assignment).is_dir()
    except MissingEntry:
        graded = False
    if not graded:
        tried = (course / "logs" / assignment / f"{student}.log").exists()
        state = "set aside" if aside else "not submitted"
        if submitted:
            state = "could not be graded" if tried else "not graded yet"
        of = _maximum(gradebook, assignment)
        return Line(student, assignment, state, None, of, submissions=count)
    open_points = sum(grade.max_score for grade in _grades(submission) if grade.needs_manual_grade)
    state = "waiting for marks by hand" if open_points else "graded"
    return Line(
        student,
        assignment,
        state,
        round(submission.score, 2),
        round(submission.max_score, 2),
        round(open_points, 2),
        round((submission.total_seconds_late or 0) / 3600, 1),
        count,
        {
            grade.name.removesuffix("_check"): (round(grade.score, 2), round(grade.max_score, 2))
            for grade in _grades(submission)
        },
    )


def _grades(submission: SubmittedAssignment) -> Iterator:
    for notebook in submission.notebooks:
        order = {cell.name: place for place, cell in enumerate(notebook.notebook.grade_cells)}
        yield from sorted(notebook.grades, key=lambda grade: order.get(grade.name, 0))


def _maximum(gradebook: Gradebook, assignment: str) -> float:
    from nbgrader.api import MissingEntry

    try:
        return round(gradebook.find_assignment(assignment).max_score, 2)
    except MissingEntry:
        return 0.0


def as_csv(table: list[Line]) -> str:
    """For a spreadsheet: no points where none were given, and the points of each task."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(Line._fields)
    for line in table:
        tasks = "; ".join(f"{name} {got:g}/{of:g}" for name, (got, of) in line.tasks.items())
        points = "" if line.points is None else f"{line.points:g}"
        numbers = (f"{value:g}" for value in line[4:7])
        writer.writerow([*line[:3], points, *numbers, line.submissions, tasks])
    return file.getvalue()


def as_html(table: list[Line]) -> str:
    """For paper: a table for each assignment, a row for each student."""
    parts = ["<!doctype html><meta charset=utf-8><title>Points</title>", f"<style>{STYLE}</style>"]
    for assignment in dict.fromkeys(line.assignment for line in table):
        rows = [line for line in table if line.assignment == assignment]
        tasks = list(dict.fromkeys(name for line in rows for name in line.tasks))
        parts.append(f"<h2>{html.escape(assignment)}</h2><table>")
        parts.append(_row("th", ["student", *tasks, "points", "of", "late, h", "sent", "state"]))
        for line in rows:
            each = [f"{line.tasks[name][0]:g}" if name in line.tasks else "" for name in tasks]
            points = "" if line.points is None else f"{line.points:g}"
            late = f"{line.hours_late:g}" if line.hours_late else ""
            state = f"{line.state}: {line.by_hand:g} points" if line.by_hand else line.state
            counts = [points, f"{line.of:g}", late, line.submissions]
            parts.append(_row("td", [line.student, *each, *counts, state]))
        parts.append("</table>")
    return "\n".join(parts) + "\n"


def _row(tag: str, values: list) -> str:
    cells = "".join(f"<{tag}>{html.escape(str(value))}</{tag}>" for value in values)
    return f"<tr>{cells}</tr>"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--course", type=folder_to_write, default=str(COURSE), help="the course folder"
    )


def main(options: argparse.Namespace) -> None:
    if not (options.course / "gradebook.db").exists():
        raise Failure(f"{options.course} has no gradebook yet: release and grade first")
    table = lines(options.course)
    for name, text in (("grades.csv", as_csv(table)), ("grades.html", as_html(table))):
        with replacing(options.course / name) as part:
            part.write_text(text, encoding="utf-8")
        print(options.course / name)


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
