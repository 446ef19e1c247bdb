r"""Answers: compared with the expected ones, shown in a sentence; the likely reason of a miss."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["likely_reason", "same", "show"]


def same(answer: Any, expected: Any, rtol: float = 1e-4, atol: float = 1e-6) -> bool:
    r"""Is ``answer`` the expected one? Words, truth values and shapes exactly, numbers nearly.

    >>> same([1.0, 2.0], np.array([1.0, 2.00001])), same((3,), 3)
    (True, False)
    """
    if isinstance(expected, (str, bool, tuple)):
        return type(answer) is type(expected) and answer == expected
    answer, expected = _numbers(answer), _numbers(expected)
    if answer is None or expected is None or answer.shape != expected.shape:
        return False
    return bool(np.allclose(answer, expected, rtol=rtol, atol=atol))


def likely_reason(answer: Any, expected: Any) -> str:
    r"""What the two have to do with each other, if anything.

    >>> likely_reason(np.ones(3), np.full(3, 4.0))
    'Yours is 0.25 times the expected one.'
    """
    if type(expected) in (str, bool, tuple) and type(answer) is not type(expected):
        want = {
            str: "a word in quotes",
            bool: "True or False",
            tuple: "a tuple such as (2, 3) or (3,)",
        }
        return f"Write {want[type(expected)]}."
    if isinstance(expected, (str, bool, tuple)):
        return ""
    answer, expected = _numbers(answer), _numbers(expected)
    if answer is None:
        return "Write a number, or an array of numbers."
    if answer.shape != expected.shape:
        return f"The shapes differ: {answer.shape}, expected {expected.shape}."
    if not np.isfinite(answer).all():
        return (
            "Yours holds NaN or infinity: is something divided by 0 (ε?), or the root or the "
            "logarithm taken of a number that is not above 0?"
        )
    if (expected != 0).all():
        ratio = answer / expected
        if np.allclose(ratio, ratio.flat[0], rtol=1e-3):
            return f"Yours is {ratio.flat[0]:.4g} times the expected one."
    return f"The largest difference is {np.abs(answer - expected).max():.4g}."


def _numbers(value: Any) -> np.ndarray | None:
    if isinstance(value, str):
        return None
    try:
        value = value.asnumpy() if hasattr(value, "asnumpy") else value
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return None


def show(value: Any) -> str:
    r"""A value as a sentence names it.

    >>> show((2, 3)), show(np.ones((7, 5)))
    ('(2, 3)', 'an array of shape (7, 5)')
    """
    if isinstance(value, tuple):
        return str(value)
    numbers = _numbers(value)
    if numbers is None or isinstance(value, (bool, str)):
        return repr(value)
    if numbers.size > 6:
        return f"an array of shape {numbers.shape}"
    return str(value) if numbers.ndim == 0 else np.array2string(numbers, precision=4)
