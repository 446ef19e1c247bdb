"""Exercises from hand-out to feedback, by nbgrader: a class of six, and three that do harm."""

from __future__ import annotations

import ast
import csv
import html
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
CLASS = ("empty", "loop", "partly", "right", "tamper", "wrong")
HIDDEN = (ROOT / "exercises/hidden/shapes.py").read_text(encoding="utf-8")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("nbgrader") is None,
        reason="nbgrader is not installed: pip install -e '.[grading]', or make setup",
    ),
]


class Graded:
    """The folder that tests/grading_cycle.py leaves."""

    def __init__(self, folder: Path) -> None:
        script = ROOT / "tests" / "grading_cycle.py"
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        environment.pop("D2L_BN_HIDDEN", None)
        done = subprocess.run(
            [sys.executable, script, folder],
            env=environment,
            capture_output=True,
            text=True,
            timeout=3600,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        self.folder = folder
        self.printed = (folder / "grade.txt").read_text()
        with open(folder / "course" / "grades.csv", newline="") as file:
            self.table = {row["student"]: row for row in csv.DictReader(file)}

    def feedback(self, student: str) -> str:
        """The words of a student's page."""
        page = (self.folder / f"course/feedback/{student}/shapes/shapes.html").read_text()
        return html.unescape(re.sub(r"<[^>]+>", "", page[page.index("<body") :]))

    def state(self, student: str) -> str:
        """The end of the student's line in the table."""
        return re.findall(rf"^shapes +{student} +(.*)$", self.printed, re.M)[-1]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    return Graded(tmp_path_factory.mktemp("graded"))


@pytest.mark.parametrize(
    "student, points",
    [
        ("right", 20),
        ("partly", 15.8),  # two tasks wrong but plausible: 1.4 and 2.4 of 4 points
        ("wrong", 0),  # constants
        ("empty", 0),
        ("loop", 16),  # all but the task with the endless loop
        ("tamper", 12),  # two forged answers; check cells that are deleted or changed count
        ("harm_hungry", 12),  # one cell takes all memory, one sleeps; each costs one task
    ],
)
def test_points(graded, student, points):
    assert float(graded.table[student]["points"]) == points
    assert graded.table[student]["state"] == "graded"


def test_the_table_tells_what_has_no_points_from_what_has_none_yet(graded):
    for student in ("harm_quit", "harm_stubborn"):
        row = graded.table[student]
        assert (row["state"], row["points"], row["of"]) == ("could not be graded", "", "20")
    row = graded.table["partly"]
    assert "mean_shape 4/4" in row["tasks"] and "centre 1.4/4" in row["tasks"]
    assert (row["submissions"], row["hours_late"]) == ("1", "0")
    sheet = (graded.folder / "course" / "grades.html").read_text()
    assert "<td>partly</td><td>4</td>" in sheet and "could not be graded" in sheet


def test_each_submission_is_graded_in_spite_of_the_others(graded):
    assert "1 of 3 submissions graded\nstatus 1" in graded.printed
    assert "6 of 6 submissions graded\nstatus 0" in graded.printed  # those came later


def test_tampering_is_named_with_the_cell_and_the_remedy(graded):
    assert "tamper, shapes, cell mean_shape_check: its settings were changed" in graded.printed
    assert "cell channel_mean_check: the check was changed. Put back" in graded.printed
    assert "cell broadcast_shape_check: was deleted" in graded.printed
    original = graded.folder / "course/as_submitted/tamper/shapes/shapes.ipynb"
    assert "broadcast_shape_check" not in original.read_text()


def test_feedback_says_what_is_wrong_and_why(graded):
    words = graded.feedback("partly")
    assert "right    several axes of four and five" in words
    assert re.search(r"not yet  the rows of matrices\n +\S", words)
    assert "Without keepdims=True" in graded.feedback("partly")
    assert "Does a loop never end?" in graded.feedback("loop")
    assert "MemoryError" in graded.feedback("harm_hungry")


def test_feedback_shows_no_hidden_test_and_no_solution(graded):
    functions = [node for node in ast.walk(ast.parse(HIDDEN)) if isinstance(node, ast.FunctionDef)]
    lines = {line.strip() for f in functions for line in ast.unparse(f).splitlines()[1:]}
    assert len(lines) > 10
    for student in (*CLASS, "harm_hungry"):
        words = graded.feedback(student)
        assert not [line for line in lines if line in words]
    solution = "X.mean(axis=axis, keepdims=True)"
    assert solution in graded.feedback("right") and solution not in graded.feedback("wrong")


def test_students_fetch_their_feedback(graded):
    assert len(list((graded.folder / "course/exchange/d2l_bn/feedback").glob("*.html"))) == 7
    fetched = graded.folder / "home/empty/shapes/feedback"
    assert len(list(fetched.rglob("shapes.html"))) == 1


def test_released_notebook_is_the_one_without_solutions(graded):
    released = graded.folder / "course/exchange/d2l_bn/outbound/shapes"
    assert [path.name for path in released.iterdir()] == ["shapes.ipynb"]
    text = (released / "shapes.ipynb").read_text()
    assert "SOLUTION" not in text and "keepdims=True)" not in text.split("def centre")[1]


def test_a_submission_that_cannot_be_graded_is_named_with_the_reason(graded):
    assert "NOT GRADED: the code ended its kernel" in graded.state("harm_quit")
    assert "NOT GRADED: a cell could not be interrupted" in graded.state("harm_stubborn")


def test_processes_that_stay_are_ended(graded):
    commands = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert ["sleep", "4242"] not in commands
