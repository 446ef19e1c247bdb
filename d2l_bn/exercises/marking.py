r"""What a check cell of an exercise calls: words for the student, points for the grade.

The visible checks of an assignment are in ``d2l_bn/exercises/questions/``. The hidden ones are in
the folder that the environment variable D2L_BN_HIDDEN names; it is set where submissions are
graded, and nowhere else. They have other shapes, values and seeds, and carry the points.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from d2l_bn.exercises.question import Outcome, Questions, run

__all__ = ["check", "load_questions", "mark", "tasks"]

HIDDEN = "D2L_BN_HIDDEN"  # the folder of the hidden checks


def check(assignment: str, task: str, namespace: Mapping[str, Any]) -> float | None:
    r"""Print what is right and what to look at; where submissions are graded, return the points.

    Arguments:
        assignment, task: their names.
        namespace: what the notebook defines: ``globals()``.

    Raises:
        KeyError: no such task.
    """
    hidden = bool(os.environ.get(HIDDEN))
    try:
        outcomes = mark(assignment, task, namespace, hidden)
    except KeyboardInterrupt:  # without its traceback, which would show the hidden checks
        raise KeyboardInterrupt(f"the checks of {task} were interrupted") from None
    for outcome in outcomes:
        print(f"right    {outcome.title}" if outcome.right else f"not yet  {outcome.title}")
        if outcome.message:
            print(f"         {outcome.message}")
    if not hidden:
        print("More checks, with other shapes and values, give the points when this is graded.")
        return None
    earned = round(sum(outcome.earned for outcome in outcomes), 2)
    print(f"{earned:g} of {sum(outcome.points for outcome in outcomes):g} points")
    return earned


def mark(
    assignment: str, task: str, namespace: Mapping[str, Any], hidden: bool = False
) -> list[Outcome]:
    r"""The outcome of the visible checks of one task, and of the hidden ones if wanted."""
    sets = [load_questions(assignment)] + (
        [load_questions(assignment, hidden=True)] if hidden else []
    )
    if not sets[-1].of(task):
        raise KeyError(f"{assignment} has no task {task!r}; it has {', '.join(tasks(assignment))}")
    return run([check for checks in sets for check in checks.of(task)], namespace)


def tasks(assignment: str) -> list[str]:
    r"""The names of an assignment's tasks, in order."""
    return list(dict.fromkeys(question.task for question in load_questions(assignment)))


def load_questions(assignment: str, hidden: bool = False) -> Questions:
    r"""The visible or the hidden checks of an assignment; KeyError if it does not exist."""
    if hidden:
        return _load_hidden(Path(os.environ[HIDDEN]) / f"{assignment}.py").asked
    if importlib.util.find_spec(f"d2l_bn.exercises.questions.{assignment}") is None:
        raise KeyError(f"no assignment is called {assignment!r}")
    return importlib.import_module(f"d2l_bn.exercises.questions.{assignment}").asked


def _load_hidden(path: Path) -> ModuleType:
    name = f"d2l_bn.exercises.hidden.{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
