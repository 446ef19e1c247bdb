"""The bank of answers: right ones get full points in any style, wrong ones what they are worth."""

from __future__ import annotations

import re

import grade_stability
import pytest
from exercise_helpers import answered, outcomes
from grade_stability import read_bank

from d2l_bn.exercises.marking import tasks
from d2l_bn.exercises.questions import assignments
from d2l_bn.language import translated
from d2l_bn.language.words import CHINESE, without_code

ENOUGH = 6
# Four English words in a row: of ours nothing is left, Python's and MXNet's own words may be.
ENGLISH = re.compile(r"\b[A-Za-z]?[a-z]+(?: [a-z]+){3,}\b")
THEIRS = re.compile(r"Error|nan nan")


ENTRIES = [entry for assignment in assignments() for entry in read_bank(assignment)]


def marked(entry):
    """A suite of tests is run on thirty kits; one of them in each run will do."""
    slow = entry.assignment == "bug_zoo" and entry.words != "one big test"
    return pytest.param(entry, id=str(entry), marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize("entry", map(marked, ENTRIES))
def test_answer(monkeypatch, entry):
    namespace = answered(entry.assignment)
    exec(compile(entry.code, "a student's cell", "exec"), namespace)
    found = outcomes(entry.assignment, entry.task, namespace, seed=3, monkeypatch=monkeypatch)
    earned, messages = sum(o.earned for o in found), [o.message for o in found if not o.right]
    for text in {text for o in found for text in (o.title, o.message) if text}:
        chinese = translated(text)
        assert CHINESE.search(chinese) or not ENGLISH.search(text), text
        assert not ENGLISH.search(without_code(chinese)) or THEIRS.search(text), chinese
    if entry.points is None:
        assert messages == [] and earned == sum(o.points for o in found)
    else:
        assert any(entry.words in message for message in messages), messages
        assert earned == pytest.approx(entry.points, abs=0.01), messages


@pytest.mark.parametrize("assignment", assignments())
def test_there_are_enough_of_both_for_each_task(assignment):
    for task in tasks(assignment):
        mine = [e for e in ENTRIES if (e.assignment, e.task) == (assignment, task)]
        right = sum(e.points is None for e in mine)
        assert right >= ENOUGH and len(mine) - right >= ENOUGH, (task, right, len(mine) - right)


@pytest.mark.parametrize("assignment", [name for name in assignments() if name != "bug_zoo"])
def test_a_grade_does_not_depend_on_the_seed(assignment):
    """A small version of scripts/grade_stability.py, which does all of it."""
    for answer, earned in grade_stability.grade(assignment, [1, 2, 3, 4, 5], quick=True).items():
        assert len(set(earned)) == 1, (answer, earned)


@pytest.mark.slow
def test_a_grade_does_not_depend_on_threads_kernels_and_load():
    """By real processes; the answers with the most arithmetic."""
    cases = [
        grade_stability.in_a_process("experiments", 2, True, threads, kernels)
        for threads, kernels in ((1, 1), (2, 0))
    ]
    with grade_stability.busy(True):
        cases.append(grade_stability.in_a_process("experiments", 2, True, 2, 1))
    assert cases[0] == cases[1] == cases[2]
