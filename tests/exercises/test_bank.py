"""The bank of answers: right ones get full points in any style, wrong ones what they are worth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from exercise_helpers import answered, outcomes

from d2l_bn.exercises.marking import tasks
from d2l_bn.exercises.questions import assignments

BANK = Path(__file__).parent / "bank"
ENTRY = re.compile(r"^## (right|wrong) · ([^\n]+)\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENOUGH = 6


class Entry(NamedTuple):
    assignment: str
    task: str
    points: float | None  # None: all
    words: str
    code: str

    def __str__(self) -> str:
        return f"{self.assignment}-{self.task}-{self.words}"


def read(assignment):
    text = (BANK / f"{assignment}.md").read_text(encoding="utf-8")
    for kind, heading, code in ENTRY.findall(text):
        task, *points, words = heading.split(" · ")
        worth = float(points[0]) if kind == "wrong" else None
        yield Entry(assignment, task, worth, words, code)


ENTRIES = [entry for assignment in assignments() for entry in read(assignment)]


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
