r"""Checks of plain arguments, before any work is done: what came, and what was expected.

Each returns the value as a Python number, so that NumPy's numbers will do, or raises a
``TypeError`` for another kind of thing and a ``ValueError`` for a value out of range. True and
False are no numbers. ``what`` ends the message: what the number is, or an example.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

__all__ = ["check_choice", "check_count", "check_eps", "check_number", "check_whole", "type_name"]


def check_whole(name: str, value: Any, what: str = "", *, least: int | None = None) -> int:
    r"""A whole number, of at least ``least`` if that is given; ``2.0`` is none.

    >>> check_whole("seed", 7, least=0)
    7
    >>> check_whole("num_dims", 2.0, "2 or 4")
    Traceback (most recent call last):
    TypeError: num_dims is 2.0, a float; expected a whole number, 2 or 4
    """
    expected = "a whole number" + ("" if least is None else f" of at least {least}")
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(_message(name, f"{value!r}, a {type_name(value)}", expected, what))
    if least is not None and value < least:
        raise ValueError(_message(name, value, expected, what))
    return int(value)


def check_count(name: str, value: Any, what: str = "") -> int:
    r"""A whole number of at least 1.

    >>> check_count("num_features", 0, "the number of channels")
    Traceback (most recent call last):
    ValueError: num_features is 0; expected a whole number of at least 1, the number of channels
    """
    return check_whole(name, value, what, least=1)


def check_number(name: str, value: Any, interval: str, what: str = "") -> float:
    r"""A number in ``interval``: ``"(0, 1]"`` leaves 0 out and 1 in, ``"[0, inf)"`` infinity out.

    NaN is in none.

    >>> check_number("momentum", 9, "[0, 1]", "often 0.9")
    Traceback (most recent call last):
    ValueError: momentum is 9; expected a number in [0, 1], often 0.9
    >>> check_number("lr", 0.0, "(0, inf)")
    Traceback (most recent call last):
    ValueError: lr is 0.0; expected a finite number above 0
    """
    first, last, ends = interval[0], interval[-1], interval[1:-1].split(", ")
    low, high = map(float, ends)
    expected = f"a number in {interval}"
    if math.isinf(high):
        words = "finite number" if last == ")" else "number"
        expected = f"a {words} {'above' if first == '(' else 'of at least'} {ends[0]}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(_message(name, f"{value!r}, a {type_name(value)}", expected, what))
    number = float(value)
    above = number > low if first == "(" else number >= low
    below = number < high if last == ")" else number <= high
    if not (above and below):
        raise ValueError(_message(name, repr(value), expected, what))
    return number


def check_eps(eps: Any) -> float:
    r"""ε, which keeps a division from being one by 0: finite and above 0, in float32, too.

    >>> check_eps(0)
    Traceback (most recent call last):
    ValueError: eps is 0; expected a finite number above 0, such as 1e-5
    >>> check_eps(1e-46)
    Traceback (most recent call last):
    ValueError: eps is 1e-46, which is 0 in float32; expected at least 1.2e-38, such as 1e-5
    """
    eps = check_number("eps", eps, "(0, inf)", "such as 1e-5")
    if eps < 2.0**-126:  # below, a processor may take it for 0
        raise ValueError(
            f"eps is {eps!r}, which is 0 in float32; expected at least 1.2e-38, such as 1e-5"
        )
    return eps


def check_choice(name: str, value: Any, choices: Iterable[Any]) -> None:
    r"""One of ``choices``.

    >>> check_choice("pooling", "min", ["max", "avg"])
    Traceback (most recent call last):
    ValueError: pooling is 'min'; expected one of 'max', 'avg'
    """
    known = tuple(choices)
    if value not in known:
        raise ValueError(_message(name, repr(value), "one of " + ", ".join(map(repr, known)), ""))


def type_name(value: Any) -> str:
    """The type of ``value`` as messages call it, with its module unless that is Python's own."""
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _message(name: str, came: Any, expected: str, what: str) -> str:
    return f"{name} is {came}; expected {expected}{', ' if what else ''}{what}"
