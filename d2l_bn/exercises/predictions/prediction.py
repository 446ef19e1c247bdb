r"""One prediction that a lesson asks for: the answer, a hint, and a word on likely mistakes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import numpy as np

from d2l_bn.exercises.answers import likely_reason, same, show

ARRAYS = {"x", "dx", "y", "dy", "w", "gamma", "dgamma", "beta", "dbeta", "var", "dvar"}


def sentence_start(what: str) -> str:
    r"""``what`` with a capital letter, unless its first word is a name from the code.

    A name is an array of the lessons, or has a capital or an underscore inside.

    >>> sentence_start("the factor"), sentence_start("dX of two"), sentence_start("gamma")
    ('The factor', 'dX of two', 'gamma')
    """
    first = what.split()[0]
    if first in ARRAYS or "_" in first or first[1:] != first[1:].lower():
        return what
    return what[0].upper() + what[1:]


@dataclass(frozen=True)
class Prediction:
    r"""What a lesson asks, and what it says to an answer.

    A number is right to two significant digits (:math:`0.65` for :math:`0.6513`), a whole number
    exactly, an array to a relative ``1e-4``, a word in upper or lower case.

    Arguments:
        what: what is asked for, as a sentence names it.
        answer: the right answer; None if a cell before the check measures it.
        hint: where to look, after a first miss without a reason of its own.
        reasons: likely wrong answers, and why someone may have come to each; for a word, one for
            each of the other choices. A function makes the wrong answer from the right one.
        why: why the answer is right, said once the reader has it.
        within: a number is right if it is at most this far away, where a guess is all one can do.

    >>> rest = Prediction("what is left", 0.9**10, hint="Ten factors.", reasons={0.9: "One."})
    >>> rest.is_right(0.35), rest.is_right(0.9)
    (True, False)
    """

    what: str
    answer: Any = None
    hint: str = ""
    reasons: Mapping[Any, str] = field(default_factory=dict)
    why: str = ""
    within: float | None = None

    def is_right(self, given: Any, answer: Any = None) -> bool:
        r"""Is ``given`` the answer (the measured one, if it is handed over)?"""
        return matches(given, self.answer if answer is None else answer, self.within)

    def reason(self, given: Any, answer: Any = None) -> str:
        r"""Why someone may have come to this wrong answer; empty if nobody foresaw it."""
        answer = self.answer if answer is None else answer
        return next(
            (
                why
                for wrong, why in self.reasons.items()
                if matches(given, wrong(answer) if callable(wrong) else wrong)
            ),
            "",
        )

    def first_miss(self, given: Any, answer: Any) -> str:
        r"""What to say of a first wrong answer: it does not tell the right one."""
        help_ = self.reason(given, answer) or _wrong_kind(given, answer) or self.hint
        return f"Not yet: {self.what} is not {show(given)}. {help_} Try once more."

    def second_miss(self, given: Any, answer: Any) -> str:
        r"""What to say of another wrong answer: the right one, and why."""
        why = self.reason(given, answer) or self.why or likely_reason(given, answer)
        what = sentence_start(self.what)
        return f"{what} is {show(answer)}; you wrote {show(given)}. {why}".rstrip()

    def praise(self, given: Any, answer: Any) -> str:
        r"""What to say of a right answer, with its exact value where that was rounded."""
        if (
            self.within is not None
            and _number(answer)
            and not math.isclose(given, answer, rel_tol=1e-3)
        ):
            text = f"Close: {self.what} is {show(answer)}."
        elif _number(answer) and given != answer:
            text = f"Right: {self.what} is {show(given)}; more exactly {_digits(answer)}."
        else:
            text = f"Right: {self.what} is {show(answer)}."
        return f"{text} {self.why}".rstrip()


def matches(given: Any, answer: Any, within: float | None = None) -> bool:
    r"""Is ``given`` the same as ``answer``, as a person would judge?

    >>> matches(1.14, 8 / 7), matches(316, 316.2), matches(0, 0.25**10), matches("Up", "up")
    (True, True, False, True)
    >>> matches(249, 250), matches(0.5, 0.58, within=0.1)
    (False, True)
    """
    if isinstance(answer, str):
        return isinstance(given, str) and given.strip().casefold() == answer.casefold()
    if not _number(answer):
        return same(given, answer)
    if not _number(given) or math.isnan(given):
        return False
    if within is not None:
        return abs(given - answer) <= within * (1 + 1e-9)
    if isinstance(answer, Integral) or answer == 0:
        return given == answer
    # Half a unit of the second significant digit.
    return abs(given - answer) <= 0.5 * 10.0 ** (math.floor(math.log10(abs(answer))) - 1) * (
        1 + 1e-9
    )


def _number(value: Any) -> bool:
    return isinstance(value, (Real, np.number)) and not isinstance(value, (bool, np.bool_))


def _digits(value: Any) -> str:
    return f"{float(value):.4g}"


def _wrong_kind(given: Any, answer: Any) -> str:
    """Say what kind of value is wanted, if it was another."""
    if _number(answer):
        return "" if _number(given) else "Write a number."
    if type(answer) in (str, bool, tuple) and type(given) is not type(answer):
        return likely_reason(given, answer)
    return ""
