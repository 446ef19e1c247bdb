r"""What a check says of a wrong answer: what was expected, what came, the likely reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from d2l_bn.exercises.answers import likely_reason, same, show
from d2l_bn.exercises.remedies import explained

__all__ = ["Wrong", "expect", "message_of"]


class Wrong(Exception):
    r"""An answer is wrong; the message says how, ``credit`` how much it still is worth (0 to 1)."""

    def __init__(self, message: str, credit: float = 0.0) -> None:
        if not 0 <= credit < 1:
            raise ValueError(f"credit is {credit}; expected a share from 0 up to, not with, 1")
        super().__init__(message)
        self.credit = credit


def expect(
    what: str,
    answer: Any,
    expected: Any,
    reasons: Sequence[tuple] = (),
    rtol: float = 1e-3,
    atol: float = 1e-5,
) -> None:
    r"""Raise :class:`Wrong` unless ``answer`` is the expected one.

    Arguments:
        what: what the answer is, as the sentence should name it.
        answer: the student's: a number, an array, a shape (tuple), a word or a truth value.
        expected: the right one.
        reasons: ``(wrong answer, why)`` or ``(wrong answer, why, credit)``; the first that is the
            answer is told. Wrong answers that are the right one here, by chance, are passed over.
        rtol, atol: how near numbers must be.

    >>> expect("the mean", 5.0, 5.0)
    >>> expect("the variance", 6.0, 5.0, [(6.0, "It divides by m - 1.", 0.5)])
    Traceback (most recent call last):
    d2l_bn.exercises.messages.Wrong: the variance: expected 5.0, got 6.0. It divides by m - 1.
    """
    if same(answer, expected, rtol, atol):
        return
    credit = 0.0
    if answer is None:
        why = "Is there a return, or a value in place of None?"
    else:
        why = "" if _shapes_differ(answer, expected) else likely_reason(answer, expected)
    for wrong, reason, *share in reasons:
        if same(answer, wrong, rtol, atol) and not same(expected, wrong, rtol, atol):
            why, credit = reason, share[0] if share else 0.0
            break
    raise Wrong(f"{_difference(what, answer, expected)} {why}".rstrip(), credit)


def _difference(what: str, answer: Any, expected: Any) -> str:
    """Both of them; of arrays too large to show, the entry that differs most."""
    shape = getattr(expected, "shape", ())
    if _shapes_differ(answer, expected):
        return f"{what}: expected an array of shape {shape}, got one of shape {answer.shape}."
    if int(np.prod(shape)) <= 6 or getattr(answer, "shape", None) != shape:
        return f"{what}: expected {_shown(expected)}, got {_shown(answer)}."
    answer, expected = _as_float64(answer), _as_float64(expected)
    with np.errstate(invalid="ignore"):
        gap = np.nan_to_num(np.abs(answer - expected), nan=np.inf)
    place = np.unravel_index(gap.argmax(), shape)
    index = ", ".join(str(i) for i in place)
    one, other = expected[place], answer[place]
    return f"{what}: at [{index}], expected {one:.5g}, got {other:.5g}."


def _shown(value: Any) -> str:
    """In one line, so that a message is one."""
    known = value is None or isinstance(value, bool)
    return f"`{value}`" if known else " ".join(show(value).split())


def _shapes_differ(answer: Any, expected: Any) -> bool:
    """Are both arrays, and of different shapes?"""
    shapes = getattr(answer, "shape", ()), getattr(expected, "shape", ())
    return all(shapes) and shapes[0] != shapes[1]


def message_of(error: BaseException) -> str:
    r"""What an exception says, in one line, and what helps where that is known.

    >>> message_of(ValueError("no such axis\nand more"))
    'no such axis'
    """
    return explained(str(error))


def _as_float64(array: Any) -> np.ndarray:
    return np.asarray(array.asnumpy() if hasattr(array, "asnumpy") else array, dtype=np.float64)
