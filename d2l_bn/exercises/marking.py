r"""What a check cell of an exercise calls: words for the student, points for the grade.

The visible questions of an assignment are in ``d2l_bn/exercises/questions/``. Those that carry the
points have other shapes, values and seeds; they are where submissions are graded, and there a judge
in another process puts them (:mod:`d2l_bn.exercises.judge`).
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from d2l_bn.exercises.being_judged import be_judged
from d2l_bn.exercises.desk import Desk
from d2l_bn.exercises.question import Outcome, Questions, put

__all__ = ["check", "load_questions", "mark", "tasks"]

JUDGE = "D2L_BN_JUDGE"  # the address of the judge, where submissions are graded
HIDDEN = "D2L_BN_HIDDEN"  # the folder of the hidden questions; the judge has it


def check(assignment: str, task: str, namespace: Mapping[str, Any]) -> float | None:
    r"""Print what is right and what to look at; where submissions are graded, return the points.

    Arguments:
        assignment, task: their names.
        namespace: what the notebook defines: ``globals()``.

    Raises:
        KeyError: no such task.
    """
    desk = Desk(namespace)
    if os.environ.get(JUDGE):
        lines, earned = be_judged(desk, assignment, task, os.environ[JUDGE])
        print("\n".join(lines))
        return earned
    print("\n".join(in_words(mark(assignment, task, desk))))
    print("More questions, with other shapes and values, give the points when this is graded.")
    return None


def in_words(outcomes: list[Outcome]) -> list[str]:
    r"""A line for each outcome, and one more where something is to be looked at."""
    lines = []
    for outcome in outcomes:
        lines.append(f"{verdict_of(outcome.right):<8} {outcome.title}")
        if outcome.message:
            lines.append(f"         {outcome.message}")
    return lines


def verdict_of(right: bool) -> str:
    r"""What is said first of an answer."""
    return "right" if right else "not yet"


def mark(assignment: str, task: str, desk: Any, hidden: bool = False) -> list[Outcome]:
    r"""The outcome of the visible questions of one task, and of the hidden ones if wanted.

    ``desk`` is a :class:`~d2l_bn.exercises.desk.Desk`, or simply what a notebook defines.
    """
    desk = Desk(desk) if isinstance(desk, Mapping) else desk
    sets = [load_questions(assignment, kind) for kind in ([False, True] if hidden else [False])]
    if not sets[-1].of(task):
        raise KeyError(f"{assignment} has no task {task!r}; it has {', '.join(tasks(assignment))}")
    return [outcome for asked in sets for outcome in put(asked.of(task), desk)]


def tasks(assignment: str) -> list[str]:
    r"""The names of an assignment's tasks, in order."""
    return list(dict.fromkeys(question.task for question in load_questions(assignment)))


def load_questions(assignment: str, hidden: bool = False) -> Questions:
    r"""The visible or the hidden questions of an assignment; KeyError if it does not exist."""
    if hidden:
        return _load_hidden(Path(os.environ[HIDDEN]) / f"{assignment}.py").asked
    if importlib.util.find_spec(f"d2l_bn.exercises.questions.{assignment}") is None:
        raise KeyError(f"no assignment is called {assignment!r}")
    return importlib.import_module(f"d2l_bn.exercises.questions.{assignment}").asked


def _load_hidden(path: Path) -> ModuleType:
    name = f"d2l_bn.exercises.hidden.{path.stem}"
    if name not in sys.modules:
        loader = SourceFileLoader(name, str(path))
        module = ModuleType(name)
        module.__file__ = str(path)
        sys.modules[name] = module
        try:
            loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
