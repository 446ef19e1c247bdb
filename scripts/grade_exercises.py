"""Grade what was submitted: check and repair, then nbgrader for each student, then a table.

Every submission has a process of its own, which does ``nbgrader autograde ASSIGNMENT --student
NAME`` and may take so long and no longer; what it leaves running is ended. So a submission can
spoil its own grade and no other's. Ends with status 1 if one was not graded.

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
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import psutil
from check_submission import COURSE, EXERCISES, check_submission, submissions
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderApp

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


def grade(course: Path, assignment: str, student: str, force: bool, seconds: float) -> Row:
    """Check and grade one submission. Never raises for what is in it."""
    problems = check_submission(course, assignment, student, repair=True)
    for problem in problems:
        print(f"  {problem}", flush=True)
    reason = next((f"set aside, {p.place} {p.what}" for p in problems if not p.repairable), None)
    if reason is None:
        _stamp(course / "submitted" / student / assignment)
        changed = force or bool(problems)
        reason = _autograde(course, assignment, student, changed, seconds)
    with Gradebook(f"sqlite:///{course.resolve() / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student(student)  # so that the grades list all who submitted
        if reason:
            return Row(assignment, student, "-", f"NOT GRADED: {reason}")
        return _row(gradebook, assignment, student)


def _autograde(course: Path, assignment: str, student: str, force: bool, seconds: float) -> str:
    """Run nbgrader on one submission; why it failed, or nothing."""
    log = course.resolve() / "logs" / assignment / f"{student}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = ["autograde", assignment, "--student", student] + ["--force"] * force
    # A copy of this process has nbgrader loaded already, which takes longer than many a notebook.
    process = multiprocessing.get_context("fork").Process(target=nbgrader, args=(command, log))
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


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("assignments", nargs="*", help="default: all that are released")
    add("--student", default="*", help="one student's; default: all")
    add("--force", action="store_true", help="also what is graded already")
    add("--seconds", type=float, default=1200, help="for one submission (default: %(default)s)")
    add("--course", type=Path, default=COURSE, help="default: %(default)s")
    options = parser.parse_args(arguments)
    adopt_orphans()
    rows = []
    for assignment, student in submissions(options.course, options.assignments, options.student):
        started = time.monotonic()
        print(f"{assignment}, {student}", flush=True)
        row = grade(options.course, assignment, student, options.force, options.seconds)
        rows.append(row)
        print(f"  {row.points} {row.state} ({time.monotonic() - started:.0f} s)", flush=True)
    print_table(rows)
    return 1 if any(row.failed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
