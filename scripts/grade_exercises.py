"""Grade what was submitted: check and repair, then nbgrader for each student, then a table.

Every submission has a process of its own, which does ``nbgrader autograde ASSIGNMENT --student
NAME`` and may take so long and no longer; what it leaves running is ended. So a submission can
spoil its own grade and no other's. As many are graded side by side as there are processors. Ends
with status 1 if one was not graded.

    python scripts/grade_exercises.py                     # whatever is not graded yet
    python scripts/grade_exercises.py batchnorm --force   # all of one assignment, again
"""

from __future__ import annotations

import argparse
import ctypes
import multiprocessing
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil
from check_submission import COURSE, EXERCISES, check_submission, submissions
from tqdm import tqdm

from d2l_bn._support.command_arguments import folder_to_write, positive_int, positive_number
from d2l_bn._support.command_line import ArgumentParser, run
from d2l_bn.exercises.cells import code_cells
from d2l_bn.exercises.flags import flags

if TYPE_CHECKING:  # loading it takes seconds, and a bad argument is answered at once
    from nbgrader.api import Gradebook

FORK = multiprocessing.get_context("fork")  # a copy has nbgrader loaded, which takes seconds
PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
REASONS = {  # what nbgrader's log says, in words
    "DeadKernelError": "the code ended its kernel: by exit, too much memory, or too much time",
    "CellTimeoutError": "a cell could not be interrupted, or printed without end",
}


class Row(NamedTuple):
    """A line of the table."""

    assignment: str
    student: str
    points: str
    state: str  # "graded", "by hand: 3 points", "NOT GRADED: why"

    @property
    def failed(self) -> bool:
        return self.state.startswith("NOT GRADED")


class Graded(NamedTuple):
    """What became of one submission."""

    row: Row
    problems: list[str]  # what was found and put right
    seconds: float


def open_gradebook(course: Path) -> Gradebook:
    """Those who grade side by side wait for each other to write, not five seconds but minutes."""
    from nbgrader.api import Gradebook

    return Gradebook(f"sqlite:///{course.resolve() / 'gradebook.db'}?timeout=300")


def grade_all(
    todo: list[tuple[str, str]], course: Path, force: bool, seconds: float, jobs: int
) -> Iterator[Graded]:
    """Grade pairs (assignment, student), ``jobs`` at a time; yields them as they end."""
    open_gradebook(course).close()  # made once, before several look for it
    waiting, running = list(reversed(todo)), {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                assignment, student = waiting.pop()
                ours, theirs = FORK.Pipe(duplex=False)
                work = (theirs, course, assignment, student, force, seconds)
                process = FORK.Process(target=_work, args=work)
                process.start()
                theirs.close()
                running[ours] = process, assignment, student
            for connection in wait(list(running)):
                process, assignment, student = running.pop(connection)
                try:
                    yield connection.recv()
                except EOFError:
                    state = "NOT GRADED: its process was ended from outside"
                    yield Graded(Row(assignment, student, "-", state), [], 0.0)
                process.join()
    finally:
        end_stray_processes()


def _work(answer: Connection, course: Path, *submission) -> None:
    """In a process of its own: what a submission leaves behind is this one's, not another's."""
    adopt_orphans()
    started = time.monotonic()
    row, problems = grade(course, *submission)
    answer.send(Graded(row, problems, time.monotonic() - started))


def grade(
    course: Path, assignment: str, student: str, force: bool, seconds: float
) -> tuple[Row, list[str]]:
    """Check and grade one submission. Never raises for what is in it."""
    problems = check_submission(course, assignment, student, repair=True)
    words = [str(problem) for problem in problems]
    reason = next((f"set aside, {p.place} {p.what}" for p in problems if not p.repairable), None)
    if reason is None:
        words += _flags(course / "submitted" / student / assignment, f"{student}, {assignment}")
        _stamp(course / "submitted" / student / assignment)
        changed = force or bool(problems)
        reason = _autograde(course, assignment, student, changed, seconds)
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_student(student)  # so that the grades list all who submitted
        if reason:
            return Row(assignment, student, "-", f"NOT GRADED: {reason}"), words
        return _row(gradebook, assignment, student), words


def _flags(folder: Path, whose: str) -> list[str]:
    """Code that reaches around the checks, to be looked at by a person: no points depend on it."""
    cells = [cell for path in sorted(folder.glob("*.ipynb")) for cell in code_cells(path)]
    return [f"{whose}, {flag}. Look at it; a flag is no verdict" for flag in flags(cells)]


def _autograde(course: Path, assignment: str, student: str, force: bool, seconds: float) -> str:
    """Run nbgrader on one submission; why it failed, or nothing."""
    log = course.resolve() / "logs" / assignment / f"{student}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = ["autograde", assignment, "--student", student] + ["--force"] * force
    process = FORK.Process(target=nbgrader, args=(command, log))
    process.start()
    process.join(seconds)
    late = process.is_alive()
    end_stray_processes()
    process.join()
    if process.exitcode == 0:
        return ""
    shutil.rmtree(course / "autograded" / student / assignment, ignore_errors=True)
    reason = f"nbgrader ended with status {process.exitcode}"
    if late:
        reason = f"stopped after {seconds:g} seconds"
    else:
        text = log.read_text(encoding="utf-8")
        reason = next((words for error, words in REASONS.items() if error in text), reason)
    return f"{reason}; see {log}"


def nbgrader(arguments: list[str], log: Path, folder: Path = EXERCISES) -> None:
    """Become the command ``nbgrader``, with its words in a file; in the folder of its settings."""
    with open(log, "w", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(folder)
    from nbgrader.apps import NbGraderApp

    NbGraderApp.launch_instance(argv=arguments)


def _stamp(folder: Path) -> None:
    """What ``nbgrader submit`` adds, for work that was handed in otherwise.

    Without it ``nbgrader release_feedback`` stops there, and the others get no feedback.
    """
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f %Z")
    for name, text in (("timestamp.txt", now), ("submission_secret.txt", secrets.token_hex(64))):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")


def _row(gradebook: Gradebook, assignment: str, student: str) -> Row:
    from nbgrader.api import MissingEntry

    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return Row(assignment, student, "-", "NOT GRADED: not in the gradebook")
    by_hand = [
        grade.max_score
        for notebook in submission.notebooks
        for grade in notebook.grades
        if grade.needs_manual_grade
    ]
    state = f"by hand: {sum(by_hand):g} points more" if by_hand else "graded"
    return Row(assignment, student, f"{submission.score:g} of {submission.max_score:g}", state)


def adopt_orphans() -> None:
    """On Linux: descendants whose parent ends become ours, and are found by the next function."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_stray_processes() -> None:
    """End all descendants of this process."""
    strays = psutil.Process().children(recursive=True)
    for process in strays:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            pass
    psutil.wait_procs(strays, timeout=5)


def print_table(rows: list[Row]) -> None:
    head = Row("assignment", "student", "points", "state")
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(3)]
    for row in [head, *rows]:
        columns = [text.ljust(width) for text, width in zip(row, widths)]
        print("  ".join([*columns, row.state]).rstrip())
    failed = sum(row.failed for row in rows)
    print(f"{len(rows) - failed} of {len(rows)} submissions graded")


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("assignments", nargs="*", metavar="ASSIGNMENT", help="all that are released if none")
    add("--student", default="*", help="one student's; all unless given")
    add("--force", action="store_true", help="also what is graded already")
    add("--seconds", type=positive_number, default=1200, help="for one submission")
    add("--jobs", type=positive_int, default=os.cpu_count(), help="submissions side by side")
    add("--course", type=folder_to_write, default=str(COURSE), help="the course folder")


def main(options: argparse.Namespace) -> int:
    import nbgrader.apps  # noqa: F401  once: the copies of this process have it then

    adopt_orphans()
    todo = submissions(options.course, options.assignments, options.student)
    rows = []
    with tqdm(total=len(todo), desc="grading", unit=" submissions", disable=None) as bar:
        work = grade_all(todo, options.course, options.force, options.seconds, options.jobs)
        for row, problems, seconds in work:
            rows.append(row)
            head = f"{row.assignment}, {row.student}"
            bar.write(f"{head}: {row.points} {row.state} ({seconds:.0f} s)", sys.stdout)
            for problem in problems:
                bar.write(f"  {problem}", sys.stdout)
            bar.update()
    print_table(sorted(rows))
    return 1 if any(row.failed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
