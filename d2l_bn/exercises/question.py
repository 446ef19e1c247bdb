r"""Questions of a student's answers: what they are, and what comes of them.

A check is a function. Its arguments are named like what it looks at in the notebook; ``rng`` is a
random generator, with other numbers in every run, so that no constant is right twice::

    asked = Questions("batchnorm")

    @asked.add("forward_2d", "the mean of the output", points=1)
    def _(batch_norm, rng): ...

It returns if the answer is right, and otherwise raises :class:`Wrong`, mostly by ``expect``.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy

from d2l_bn.exercises.guard import Refused, Rules, TooSlow, guarded
from d2l_bn.exercises.messages import Wrong, message_of

__all__ = ["Question", "Questions", "Outcome", "ours", "run"]

SEED = "D2L_BN_CHECK_SEED"  # a number, to have the same random numbers again
IMPATIENT = 1.0  # seconds for a check where another one of the task was not finished in its time


class Question(NamedTuple):
    """A function that looks at an answer, and what it is worth."""

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


class Questions(list):
    r"""The checks of an assignment, in order; ``rules`` hold for those that bring none.

    >>> asked = Questions("greeting")
    >>> @asked.add("greet", "greets by name", points=2)
    ... def _(greet, rng):
    ...     name = f"student {rng.integers(1000)}"
    ...     if greet(name) != f"Hello, {name}!":
    ...         raise Wrong("The name is missing.", credit=0.5)
    >>> run(asked, {"greet": lambda name: "Hello!"})
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
            self.append(Question(task, title, points, rules or self.rules, function))
            return function

        return register

    def points(self, task: str) -> float:
        """The most that a task can earn."""
        return sum(question.points for question in self.of(task))

    def of(self, task: str) -> list[Question]:
        """Those of one task."""
        return [question for question in self if question.task == task]


def run(questions: Iterable[Question], namespace: Mapping[str, Any]) -> list[Outcome]:
    r"""Run checks of one task on what a notebook defines: names and their values."""
    outcomes, slow = [], False
    for question in questions:
        rules = replace(question.rules, seconds=IMPATIENT) if slow else question.rules
        verdict = _verdict(question, rules, namespace)
        slow = slow or verdict.slow
        right, earned = verdict.message is None, verdict.credit * question.points
        outcomes.append(
            Outcome(question.title, right, verdict.message or "", question.points, earned)
        )
    return outcomes


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


class _Verdict(NamedTuple):
    """``message`` is None where nothing is wrong."""

    message: str | None = None
    credit: float = 0.0
    slow: bool = False


def _verdict(question: Question, rules: Rules, namespace: Mapping[str, Any]) -> _Verdict:
    names = list(inspect.signature(question.function).parameters)
    missing = [name for name in names if name != "rng" and name not in namespace]
    if missing:
        return _Verdict(f"`{missing[0]}` is not there: was its cell run, without an error?")
    arguments = {name: namespace[name] for name in names if name != "rng"}
    if "rng" in names:
        seed = os.environ.get(SEED)
        arguments["rng"] = numpy.random.default_rng(int(seed) if seed else None)
    refused: list[str] = []
    try:
        with _silence(), guarded(rules) as refused:
            question.function(**arguments)
        verdict = _Verdict(credit=1.0)
    except Wrong as wrong:
        verdict = _Verdict(str(wrong), wrong.credit)
    except NotImplementedError:
        verdict = _Verdict("It is not written yet.")
    except TooSlow as error:
        verdict = _Verdict(f"Your code was stopped: {error}. Does a loop never end?", slow=True)
    except (Exception, SystemExit, Refused) as error:
        verdict = _Verdict(_in_words(error, namespace))
    if refused:  # also where the code caught the exception
        return _Verdict(f"Your code calls {refused[0]}: write it yourself; that is the task.")
    return verdict


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Swallow what is printed: nbgrader takes a word on stderr for a failed test."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _in_words(error: BaseException, namespace: Mapping[str, Any]) -> str:
    """An exception and the last line of the notebook that it came through; not of the check."""
    where, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals is namespace:
            where = f" in line {trace.tb_lineno} of the cell, in {trace.tb_frame.f_code.co_name}"
        trace = trace.tb_next
    return f"{type(error).__name__}{where}: {message_of(error)}"
