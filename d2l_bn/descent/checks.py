r"""What an update rule accepts, and the messages for what it does not."""

from __future__ import annotations

from math import isfinite
from typing import Any

from d2l_bn.norms.checks import check_eps

__all__ = ["check_decay", "check_eps", "check_learning_rate"]


def check_learning_rate(value: float) -> None:
    r"""Refuse what is not a positive, finite number.

    >>> check_learning_rate(0.0)
    Traceback (most recent call last):
    ValueError: learning_rate is 0.0; expected a positive finite number
    """
    if not (isfinite(value) and value > 0):
        raise ValueError(f"learning_rate is {value!r}; expected a positive finite number")


def check_decay(name: str, value: Any, remedy: str = "such as 0.9") -> None:
    r"""Refuse what is not in [0, 1): a memory that never fades.

    >>> check_decay("rho", 1.0)
    Traceback (most recent call last):
    ValueError: rho is 1.0; expected a number from 0 up to, not including, 1, such as 0.9
    """
    if not 0 <= value < 1:
        raise ValueError(
            f"{name} is {value!r}; expected a number from 0 up to, not including, 1, {remedy}"
        )
