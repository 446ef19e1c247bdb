"""Checks of plain arguments, made before any work is done."""

from __future__ import annotations

import operator


def whole_number(name: str, value: int, least: int) -> int:
    r"""Return `value` as an int of at least `least`, or say what is wrong with it.

    Raises:
        TypeError: not an integer; True and False do not count as integers.
        ValueError: an integer below `least`.

    >>> whole_number('batch_size', 256, least=1)
    256
    >>> whole_number('batch_size', 0, least=1)
    Traceback (most recent call last):
        ...
    ValueError: batch_size=0: give an integer of at least 1
    """
    message = f"{name}={value!r}: give an integer of at least {least}"
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(message) from None
    if isinstance(value, bool):
        raise TypeError(message)
    if number < least:
        raise ValueError(message)
    return number
