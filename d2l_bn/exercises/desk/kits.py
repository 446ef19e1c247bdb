r"""Errands to the student's tests of the bug zoo."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import mxnet
import numpy

from d2l_bn.exercises.bug_zoo import make
from d2l_bn.exercises.guard import Refused, TooSlow
from d2l_bn.exercises.messages import message_of
from d2l_bn.exercises.mistakes import Recipe

__all__ = ["first_to_fail", "names_of_tests"]


def names_of_tests(tests: Any) -> list[str] | None:
    r"""The names of the functions in ``tests``; None if it is no list of functions."""
    if not isinstance(tests, (list, tuple)) or not all(callable(test) for test in tests):
        return None
    return [_name(test) for test in tests]


def first_to_fail(
    tests: Sequence[Callable], which: Sequence[int], recipe: dict, seed: int
) -> tuple[int, str] | None:
    r"""The first of the tests number ``which`` that fails for a kit, and how; None if all pass.

    A test fails by any exception, also by those that testing tools make no ``Exception``; a test
    that skips itself does not fail.
    """
    kit = make(Recipe(**recipe))
    for number in which:
        for seeded in (mxnet.random.seed, numpy.random.seed, random.seed):
            seeded(seed)
        try:
            tests[number](kit)
        except (KeyboardInterrupt, Refused, TooSlow):
            raise
        except BaseException as error:  # pytest.fail and pytest.raises: no Exception
            if type(error).__name__ not in ("Skipped", "SkipTest"):
                words = f": {message_of(error)}" if str(error) else ""
                return number, type(error).__name__ + words
    return None


def _name(test: Any) -> str:
    """Of a function, of a method, of a functools.partial, of an object that can be called."""
    inner = getattr(test, "func", test)
    return getattr(inner, "__name__", type(test).__name__)


ERRANDS = (names_of_tests, first_to_fail)
