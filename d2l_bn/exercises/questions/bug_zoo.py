r"""Assignment 4, bug zoo: the student's tests are tested.

``tests`` is a list of functions that take a :class:`~d2l_bn.exercises.bug_zoo.Kit` and raise (by
``assert``, say) if something is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mxnet
import numpy

from d2l_bn.exercises import Questions, Wrong
from d2l_bn.exercises.asking import limited
from d2l_bn.exercises.bug_zoo import ON_SHOW, Kit, make, order
from d2l_bn.exercises.guard import Rules
from d2l_bn.exercises.messages import message_of
from d2l_bn.exercises.mistakes import MISTAKES, RIGHT, Recipe

__all__ = ["asked"]

RULES = Rules(seconds=60.0, modules=("d2l_bn.exercises.bug_zoo",))

asked = Questions("bug_zoo", RULES)


def failing_test(tests: Sequence[Callable], kit: Kit, seed: int) -> tuple[Callable, str] | None:
    r"""The first test that fails for the kit, and how; None if all pass."""
    for test in tests:
        mxnet.random.seed(seed)
        numpy.random.seed(seed)
        try:
            limited(test, kit, rules=RULES)
        except Wrong:  # it called what it may not call
            raise
        except Exception as error:
            words = f": {message_of(error)}" if str(error) else ""
            return test, type(error).__name__ + words
    return None


def passes_the_right_one(tests: Any, rng: numpy.random.Generator) -> None:
    r"""Tests that fail a right implementation say nothing about a wrong one."""
    if not isinstance(tests, (list, tuple)) or not all(callable(test) for test in tests):
        raise Wrong("tests is not a list of functions; expected tests = [test_one, test_two, …].")
    failed = failing_test(tests, make(RIGHT), int(rng.integers(2**31)))
    if failed:
        test, how = failed
        raise Wrong(
            f"{test.__name__} fails for a RIGHT implementation ({how}). Such tests earn nothing: "
            "is the expected value wrong, the tolerance too small, or does it fail at random?"
        )


def kills(tests: Any, rng: Any, recipes: dict[str, Recipe]) -> list[str]:
    r"""The names of the recipes for which a test fails.

    The right one comes again and again in between, each time with other random numbers: tests that
    fail now and then, or that count how often they are called, do not pass it.
    """
    names = list(recipes)
    killed = []
    passes_the_right_one(tests, rng)
    for k, index in enumerate(rng.permutation(len(names))):
        if failing_test(tests, make(recipes[names[index]]), int(rng.integers(2**31))):
            killed.append(names[index])
        if k == len(names) // 2:
            passes_the_right_one(tests, rng)
    passes_the_right_one(tests, rng)
    return killed


def enough_are_killed(tests: Any, rng: Any, recipes: dict[str, Recipe], label: Callable) -> None:
    r"""All of them, or else a share of the credit; ``label`` names those that are alive."""
    killed = kills(tests, rng, recipes)
    alive = [label(name) for name in recipes if name not in killed]
    if alive:
        raise Wrong(
            f"{len(killed)} of {len(recipes)} killed. Alive: {', '.join(sorted(alive))}.",
            credit=len(killed) / len(recipes),
        )


def recipes_of(names: Sequence[str]) -> dict[str, Recipe]:
    r"""From names of :data:`~d2l_bn.exercises.mistakes.MISTAKES` to their recipes."""
    return {name: MISTAKES[name].recipe for name in names}


def cage(name: str) -> str:
    r"""The number under which :func:`d2l_bn.exercises.bug_zoo.specimen` has it."""
    return f"specimen {order(ON_SHOW).index(name) + 1:2}"


@asked.add("tests", "the right implementation passes")
def _(tests, rng):
    passes_the_right_one(tests, rng)


@asked.add("tests", "specimens killed")
def _(tests, rng):
    enough_are_killed(tests, rng, recipes_of(ON_SHOW), cage)
