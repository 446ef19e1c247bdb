r"""Ask a student's function, and ask it twice, so that no constant passes."""

from __future__ import annotations

from typing import Any

import numpy

from d2l_bn.exercises.guard import Rules
from d2l_bn.exercises.messages import Wrong

__all__ = ["Answer", "OutOfTime", "answer", "gradients_of", "leaves_alone"]


class OutOfTime(Wrong):
    """The processor time of the task is used up."""


class Answer:
    r"""What a notebook defines under a name, at arm's length: data go in, and data come out.

    Arguments:
        name: in the notebook.
        desk: where the notebook is (:class:`d2l_bn.exercises.desk.Desk`, or what stands for one).
        rules: what the student's code may do.
        lent: names of right functions that the notebook has meanwhile.
    """

    def __init__(self, name: str, desk: Any, rules: Rules, lent: tuple[str, ...] = ()) -> None:
        self.name, self.rules = name, rules
        self._desk, self._lent = desk, lent
        self.spent = 0.0

    def ask(self, errand: str, *, rules: Rules | None = None, **data: Any) -> Any:
        r"""What the errand brings back.

        Raises:
            Wrong: the code failed, or did what the rules forbid.
            OutOfTime: it was stopped.
        """
        reply = self._desk.run(errand, (self.name,), rules or self.rules, data, self._lent)
        self.spent = reply.get("spent", 0.0)
        if "wrong" in reply:
            kind = OutOfTime if reply.get("slow") else Wrong
            raise kind(str(reply["wrong"]))
        return reply["value"]


def answer(
    function: Answer,
    *arguments: Any,
    training: bool | None = None,
    dtype: str = "float32",
    results: int = 1,
) -> Any:
    r"""What ``function`` returns, as NumPy arrays.

    Arguments:
        function: the student's.
        arguments: NumPy arrays become ``mx.np`` arrays of ``dtype``; the others go as they are.
        training: the mode of autograd; None leaves it as it is.
        results: how many values the function is to return, in a tuple if there are several.

    Raises:
        Wrong: another number of values; no ``mx.np`` array; or the same for other arguments.

    >>> from d2l_bn.exercises.desk import Desk
    >>> desk = Desk({"double": lambda X: X + X, "one": lambda X: X * 0 + 1})
    >>> desk.open(seconds=5.0)
    >>> answer(Answer("double", desk, Rules()), numpy.array([1.0, 2.0]))
    array([2., 4.], dtype=float32)
    >>> answer(Answer("one", desk, Rules()), numpy.array([1.0, 2.0]))
    Traceback (most recent call last):
    d2l_bn.exercises.messages.Wrong: one returns the same for other arguments: ...
    """
    options: dict[str, Any] = {"training": training, "dtype": dtype, "count": results}
    returned = function.ask("results", arguments=arguments, **options)
    others = tuple(a**3 + 0.5 if isinstance(a, numpy.ndarray) else a for a in arguments)
    again = function.ask("results", arguments=others, **options)
    if all(numpy.array_equal(one, two) for one, two in zip(returned, again)):
        raise Wrong(
            f"{function.name} returns the same for other arguments: a constant is no solution. "
            "Compute the result from the arguments."
        )
    return returned[0] if results == 1 else returned


def gradients_of(
    function: Answer,
    *arguments: Any,
    upstream: numpy.ndarray,
    training: bool = True,
    results: int = 1,
) -> list[numpy.ndarray]:
    r"""The gradients of its array arguments, by autograd, for ``upstream`` at its first result."""
    return function.ask(
        "gradients", arguments=arguments, upstream=upstream, training=training, count=results
    )


def leaves_alone(
    function: Answer, *arguments: Any, training: bool | None = None, dtype: str = "float32"
) -> None:
    r"""Raise :class:`Wrong` if ``function`` writes to an array that it was given."""
    same = function.ask("untouched", arguments=arguments, training=training, dtype=dtype)
    for number, untouched in enumerate(same, start=1):
        if not untouched:
            raise Wrong(
                f"{function.name} changes its argument number {number}, an array of the caller. "
                "Make a new one: X = X - mean, where X -= mean or X[:] = … write into the old one."
            )
