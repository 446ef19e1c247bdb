r"""Questions to a student's answers: what they are, and what comes of them.

A question is a function. Its arguments are named like what it looks at in the notebook, and each is
an :class:`~d2l_bn.exercises.asking.Answer`, which takes data and returns data; ``rng`` is a random
generator, with other numbers in every run, so that no constant is right twice::

    asked = Questions("batchnorm")

    @asked.add("forward_2d", "the mean of the output", points=1)
    def _(batch_norm, rng): ...

It returns if the answer is right, and otherwise raises :class:`Wrong`, mostly by ``expect``.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy

from d2l_bn.exercises.asking import Answer
from d2l_bn.exercises.guard import Rules
from d2l_bn.exercises.messages import Wrong

__all__ = ["Outcome", "Question", "Questions", "put"]

SEED = "D2L_BN_CHECK_SEED"  # a number, to have the same random numbers again


class Question(NamedTuple):
    """A function that looks at an answer, and what it is worth."""

    task: str
    title: str
    points: float
    rules: Rules
    lent: tuple[str, ...]
    function: Callable[..., None]


class Outcome(NamedTuple):
    """What came of one question; ``earned`` is between 0 and ``points``."""

    title: str
    right: bool
    message: str
    points: float
    earned: float


class Questions(list):
    r"""The questions of an assignment, in order; ``rules`` hold for those that bring none.

    >>> from d2l_bn.exercises.desk import Desk
    >>> asked = Questions("greeting")
    >>> @asked.add("greet", "greets by name", points=2)
    ... def _(greet, rng):
    ...     name = f"student {rng.integers(1000)}"
    ...     if greet.ask("returns", arguments=(name,)) != f"Hello, {name}!":
    ...         raise Wrong("The name is missing.", credit=0.5)
    >>> put(asked, Desk({"greet": lambda name: "Hello!"}))
    [Outcome(title='greets by name', right=False, message='The name is missing.', ... earned=1.0)]
    """

    def __init__(self, assignment: str, rules: Rules | None = None) -> None:
        super().__init__()
        self.assignment, self.rules = assignment, rules or Rules()

    def add(
        self,
        task: str,
        title: str,
        points: float = 0.0,
        rules: Rules | None = None,
        lent: tuple[str, ...] = (),
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Take the decorated function as a question of ``task``.

        ``lent`` names functions of earlier tasks that this one calls: if it fails, it is asked
        again with right ones in their place, and the better outcome counts.
        """

        def register(function: Callable[..., None]) -> Callable[..., None]:
            self.append(Question(task, title, points, rules or self.rules, lent, function))
            return function

        return register

    def points(self, task: str) -> float:
        """The most that a task can earn."""
        return sum(question.points for question in self.of(task))

    def of(self, task: str) -> list[Question]:
        """Those of one task."""
        return [question for question in self if question.task == task]


def put(questions: Iterable[Question], desk: Any) -> list[Outcome]:
    r"""Put questions of one task to what is at the desk; they share the task's processor time."""
    questions = list(questions)
    desk.open(seconds=max((question.rules.seconds for question in questions), default=0.0))
    return [_put(question, desk) for question in questions]


def _put(question: Question, desk: Any) -> Outcome:
    given = os.environ.get(SEED)
    seed = int(given) if given else int.from_bytes(os.urandom(4), "big")
    outcome = _outcome(question, desk, (), seed)
    if not outcome.right and question.lent:
        again = _outcome(question, desk, question.lent, seed)
        outcome = max(outcome, again, key=lambda one: (one.right, one.earned))
    return outcome


def _outcome(question: Question, desk: Any, lent: tuple[str, ...], seed: int) -> Outcome:
    arguments: dict[str, Any] = {
        name: numpy.random.default_rng(seed)
        if name == "rng"
        else Answer(name, desk, question.rules, lent)
        for name in inspect.signature(question.function).parameters
    }
    message, credit = "", 1.0
    try:
        question.function(**arguments)
    except Wrong as wrong:
        message, credit = str(wrong), wrong.credit
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        message, credit = f"The result has another form than asked for ({error}).", 0.0
    return Outcome(question.title, not message, message, question.points, credit * question.points)
