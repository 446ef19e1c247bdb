r"""Predictions in the lessons: the answers, out of the reader's sight, and the talk about them.

A lesson opens its predictions by name and asks for each by name::

    check = predictions("test_time")

    prediction = None
    check("number_of_cases", prediction)

One module a lesson holds ``PREDICTIONS``, a dictionary of :class:`Prediction`. A check never fails,
runs nothing and changes nothing, so that a notebook runs from top to bottom unfilled. A first miss
gets a hint, a second one the answer; the same wrong answer twice is one miss.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from d2l_bn.exercises.predictions.prediction import Prediction, sentence_start

__all__ = ["Check", "Prediction", "predictions"]


class Check:
    r"""Asks for the predictions of a lesson, and remembers what was tried.

    >>> rows = Prediction("the number of rows", 3, "Count axis 0.", {4: "Columns."})
    >>> check = Check({"rows": rows})
    >>> check("rows", None)
    The number of rows: no prediction yet. Write yours in place of None and run this cell again.
    >>> check("rows", 4)
    Not yet: the number of rows is not 4. Columns. Try once more.
    >>> check("rows", 3)
    Right: the number of rows is 3.
    """

    def __init__(self, asked: Mapping[str, Prediction]) -> None:
        self._asked = asked
        self._missed: dict[str, list[Any]] = {}

    def __call__(self, name: str, given: Any, answer: Any = None) -> None:
        r"""Print what there is to say to ``given``.

        Arguments:
            name: of the prediction.
            given: the reader's answer, or None.
            answer: what a cell has measured, if the answer could not be known before.

        Raises:
            KeyError: the lesson asks for no prediction of that name.
        """
        if name not in self._asked:
            raise KeyError(
                f"No prediction {name!r} in this lesson; there are: {sorted(self._asked)}"
            )
        print(self._reply(name, given, answer))

    def _reply(self, name: str, given: Any, answer: Any) -> str:
        asked = self._asked[name]
        answer = asked.answer if answer is None else answer
        if given is None:
            what = sentence_start(asked.what)
            return (
                f"{what}: no prediction yet. Write yours in place of None and run this cell again."
            )
        if asked.is_right(given, answer):
            return asked.praise(given, answer)
        missed = self._missed.setdefault(name, [])
        if repr(given) not in missed:
            missed.append(repr(given))
        if len(missed) == 1:
            return asked.first_miss(given, answer)
        return asked.second_miss(given, answer)


def predictions(lesson: str) -> Check:
    r"""The predictions of a lesson, by the lesson's name without its number.

    Raises:
        ModuleNotFoundError: no such lesson.
    """
    return Check(importlib.import_module(f"{__name__}.{lesson}").PREDICTIONS)
