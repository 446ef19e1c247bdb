"""Every assignment: cells and hidden tests go together; what is handed out holds no solution."""

from __future__ import annotations

import builtins
import io
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

import build_exercises
import nbformat
import pytest

from d2l_bn.exercises.marking import load_questions, mark

pytest.importorskip(
    "nbgrader.preprocessors", reason="nbgrader is not installed: make setup on Python 3.9 to 3.11"
)
ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "exercises"))

from preprocessors import ClearToTheEnd  # noqa: E402

ASSIGNMENTS = build_exercises.all_assignments()
STUBS = {"# YOUR CODE HERE", "raise NotImplementedError()", "YOUR ANSWER HERE", "在这里作答。"}
SOURCES = ROOT / "exercises" / "source"


@pytest.fixture
def hidden(monkeypatch):
    monkeypatch.setenv("D2L_BN_HIDDEN", str(ROOT / "exercises" / "hidden"))


def source(assignment, text_in="en"):
    return build_exercises.source_notebook(SOURCES / assignment / f"{assignment}.py", text_in)


def released(assignment, text_in="en"):
    """As nbgrader hands it out."""
    notebook, _ = ClearToTheEnd().preprocess(source(assignment, text_in), {})
    return notebook


def points(notebook, assignment):
    """Run the cells, but for those that train; what each check cell is worth, and gives."""
    namespace = {"__name__": "__main__", "__builtins__": builtins}
    earned = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or "small_run." in cell.source:
            continue
        info = cell.metadata.get("nbgrader", {})
        if info.get("grade"):
            task = info["grade_id"][: -len("_check")]
            outcomes = mark(assignment, task, namespace, hidden=True)
            earned[task] = info["points"], sum(outcome.earned for outcome in outcomes)
        else:
            with redirect_stdout(io.StringIO()):
                exec(compile(cell.source, "cell", "exec"), namespace)
    return earned


def test_all_are_there():
    assert ASSIGNMENTS == sorted(
        ["shapes", "batchnorm", "backward", "bug_zoo", "family", "experiments", "whitening"]
    )


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_check_cells_and_hidden_tests_go_together(assignment, hidden):
    assert build_exercises.problems(source(assignment), assignment) == []
    assert all(check.points > 0 for check in load_questions(assignment, hidden=True))


# The zoo comes with one test, which trains for half a minute, and kills nothing.
@pytest.mark.parametrize("assignment", [name for name in ASSIGNMENTS if name != "bug_zoo"])
def test_what_is_handed_out_earns_nothing(assignment, hidden):
    given = points(released(assignment), assignment)
    assert given and all(earned == 0 for _, earned in given.values())


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("text_in", ["en", "zh"])
def test_what_is_handed_out_holds_no_solution(assignment, text_in):
    given, solutions = set(STUBS), set()
    for cell in source(assignment, text_in).cells:
        settings = cell.metadata.get("nbgrader", {"solution": False})
        inside = settings["solution"] and cell.cell_type == "markdown"  # all of it
        for line in map(str.strip, cell.source.splitlines()):
            inside = "BEGIN SOLUTION" in line or (inside and "END SOLUTION" not in line)
            if "SOLUTION" not in line:
                (solutions if inside else given).add(line)
    cells = released(assignment, text_in).cells
    handed_out = {line.strip() for cell in cells for line in cell.source.splitlines()}
    assert len(solutions - given) > 5
    assert handed_out <= given


def test_hidden_tests_are_not_in_the_package():
    assert not list((ROOT / "d2l_bn").rglob("hidden*"))


def _notebook(*headers_and_sources):
    cells = []
    for settings, text in headers_and_sources:
        cell = nbformat.v4.new_code_cell(text)
        if settings is not None:
            cell.metadata["nbgrader"] = {**build_exercises.DEFAULTS, **settings}
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


@pytest.mark.parametrize(
    "settings, text, words",
    [
        (None, "### BEGIN SOLUTION\n1\n### END SOLUTION", "a solution in a cell"),
        ({"grade_id": "a", "solution": True}, "1", "marks no solution region"),
        ({"grade_id": "a", "locked": True}, "1", "read-only"),
        ({"grade_id": "x_check", "grade": True, "points": 1}, "1", "checks no task"),
        ({"grade_id": "centre_check", "grade": True, "points": 1}, "1", "is not as expected"),
        ({"grade_id": "centre_check", "grade": True, "points": 99}, "1", "99 points"),
    ],
)
def test_a_source_with_a_mistake_is_refused(hidden, settings, text, words):
    problems = build_exercises.problems(_notebook((settings, text)), "shapes")
    assert any(words in problem for problem in problems), problems
    assert os.environ["D2L_BN_HIDDEN"]


def run_all(notebook):
    """As "Run all" does, which stops at the first error."""
    namespace = {"__name__": "__main__", "__builtins__": builtins}
    printed = io.StringIO()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            with redirect_stdout(printed):
                exec(compile(cell.source, "cell", "exec"), namespace)
    return printed.getvalue()


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_run_all_on_a_blank_notebook_comes_to_its_end(assignment):
    said = run_all(released(assignment))
    assert "not yet" in said
    assert "It is not written yet." in said or assignment == "bug_zoo"
    assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_run_all_on_a_solved_notebook_is_all_right(assignment):
    said = run_all(source(assignment))
    assert "not yet" not in said and "Not written yet" not in said and "Traceback" not in said
