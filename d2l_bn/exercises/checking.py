r"""Checks of a student's answers: visible ones, which a student has, and hidden ones for the grade.

The visible checks of an assignment are in ``d2l_bn/exercises/visible/``. The hidden ones are in the
folder that the environment variable D2L_BN_HIDDEN names; it is set where submissions are graded,
and nowhere else. They have other shapes, values and seeds, and carry the points.

A check is a function. Its arguments are named like what it looks at in the notebook; ``rng`` is a
random generator, with other numbers in every run, so that no constant is right twice::

    checks = Checks("batchnorm")

    @checks.add("forward_2d", "the mean of the output", points=1)
    def _(batch_norm, rng): ...

It returns if the answer is right, and otherwise raises :class:`Wrong`, mostly by ``expect``.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy

from d2l_bn.exercises.expectations import Wrong
from d2l_bn.exercises.guard import Refused, Rules, TooSlow, guarded

__all__ = ["Checks", "Outcome", "check", "load_checks", "ours", "run_checks", "tasks"]

HIDDEN = "D2L_BN_HIDDEN"  # the folder of the hidden checks
SEED = "D2L_BN_CHECK_SEED"  # a number, to have the same random numbers again


class Check(NamedTuple):
    task: str
    title: str
    points: float
    rules: Rules
    function: Callable[..., None]


class Outcome(NamedTuple):
    """What came of one check; ``earned`` is between 0 and ``points``."""

    title: str
    right: bool
    message: str
    points: float
    earned: float


class Checks(list):
    r"""The checks of an assignment, in order; ``rules`` hold for those that bring none.

    >>> checks = Checks("greeting")
    >>> @checks.add("greet", "greets by name", points=2)
    ... def _(greet, rng):
    ...     name = f"student {rng.integers(1000)}"
    ...     if greet(name) != f"Hello, {name}!":
    ...         raise Wrong("The name is missing.", credit=0.5)
    >>> checks.run("greet", {"greet": lambda name: "Hello!"})
    [Outcome(title='greets by name', right=False, message='The name is missing.', ... earned=1.0)]
    """

    def __init__(self, assignment: str, rules: Rules | None = None) -> None:
        super().__init__()
        self.assignment, self.rules = assignment, rules or Rules()

    def add(
        self, task: str, title: str, points: float = 0.0, rules: Rules | None = None
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Take the decorated function as a check of ``task``."""

        def register(function: Callable[..., None]) -> Callable[..., None]:
            self.append(Check(task, title, points, rules or self.rules, function))
            return function

        return register

    def points(self, task: str) -> float:
        """The most that a task can earn."""
        return sum(check.points for check in self if check.task == task)

    def run(self, task: str, namespace: Mapping[str, Any]) -> list[Outcome]:
        """Run the checks of one task on what a notebook defines."""
        return [_run(check, namespace) for check in self if check.task == task]


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
        outcomes = run_checks(assignment, task, namespace, hidden)
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


def run_checks(
    assignment: str, task: str, namespace: Mapping[str, Any], hidden: bool = False
) -> list[Outcome]:
    r"""The outcome of the visible checks of one task, and of the hidden ones if wanted."""
    sets = [load_checks(assignment)] + ([load_checks(assignment, hidden=True)] if hidden else [])
    if not any(check.task == task for check in sets[-1]):
        raise KeyError(f"{assignment} has no task {task!r}; it has {', '.join(tasks(assignment))}")
    return [outcome for checks in sets for outcome in checks.run(task, namespace)]


def tasks(assignment: str) -> list[str]:
    r"""The names of an assignment's tasks, in order."""
    return list(dict.fromkeys(check.task for check in load_checks(assignment)))


def load_checks(assignment: str, hidden: bool = False) -> Checks:
    r"""The visible or the hidden checks of an assignment; KeyError if it does not exist."""
    if hidden:
        return _load_hidden(Path(os.environ[HIDDEN]) / f"{assignment}.py").checks
    if importlib.util.find_spec(f"d2l_bn.exercises.visible.{assignment}") is None:
        raise KeyError(f"no assignment is called {assignment!r}")
    return importlib.import_module(f"d2l_bn.exercises.visible.{assignment}").checks


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


def ours(function: Callable, *args: Any, **options: Any) -> Any:
    r"""Call a function that a student's code may not call: in a check, for the expected value."""
    if sys._getframe(1).f_globals.get("__name__") == "__main__":
        raise Refused("ours: it is for the checks; the task is to do without it")
    watch = sys.getprofile()
    sys.setprofile(None)
    try:
        return function(*args, **options)
    finally:
        sys.setprofile(watch)


def _run(check: Check, namespace: Mapping[str, Any]) -> Outcome:
    message, credit = _verdict(check, namespace)
    return Outcome(check.title, message is None, message or "", check.points, credit * check.points)


def _verdict(check: Check, namespace: Mapping[str, Any]) -> tuple[str | None, float]:
    """What is wrong, None if nothing, and the credit for it."""
    names = list(inspect.signature(check.function).parameters)
    missing = [name for name in names if name != "rng" and name not in namespace]
    if missing:
        return f"`{missing[0]}` is not there: was its cell run, without an error?", 0.0
    arguments = {name: namespace[name] for name in names if name != "rng"}
    if "rng" in names:
        seed = os.environ.get(SEED)
        arguments["rng"] = numpy.random.default_rng(int(seed) if seed else None)
    refused: list[str] = []
    try:
        with _silence(), guarded(check.rules) as refused:
            check.function(**arguments)
    except Wrong as wrong:
        verdict = str(wrong), wrong.credit
    except NotImplementedError:
        verdict = "It is not written yet.", 0.0
    except TooSlow as error:
        verdict = f"Your code was stopped: {error}. Does a loop never end?", 0.0
    except (Exception, SystemExit, Refused) as error:
        verdict = _in_words(error, namespace), 0.0
    else:
        verdict = None, 1.0
    if refused:  # also where the code caught the exception
        return f"Your code calls {refused[0]}: write it yourself; that is the task.", 0.0
    return verdict


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Swallow what is printed: nbgrader takes a word on stderr for a failed test."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _in_words(error: BaseException, namespace: Mapping[str, Any]) -> str:
    """An exception and the last line of the notebook that it came through; not of the check."""
    first = (str(error).strip() or "no message").splitlines()[0][:200]
    where, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals is namespace:
            where = f" in line {trace.tb_lineno} of the cell, in {trace.tb_frame.f_code.co_name}"
        trace = trace.tb_next
    return f"{type(error).__name__}{where}: {first}"
