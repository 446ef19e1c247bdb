r"""Assignment 4, bug zoo: the student's tests are tested.

``tests`` is a list of functions that take a :class:`~d2l_bn.exercises.bug_zoo.Kit` and raise (by
``assert``, say) if something is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from d2l_bn.exercises import Questions, Wrong
from d2l_bn.exercises.asking import Answer, OutOfTime
from d2l_bn.exercises.bug_zoo import ON_SHOW, order
from d2l_bn.exercises.guard import Rules
from d2l_bn.exercises.mistakes import MISTAKES, RIGHT, Recipe

__all__ = ["asked"]

RULES = Rules(seconds=60.0, modules=("d2l_bn.exercises.bug_zoo",))
TIMES = 3  # that the right kit comes before the others, and again among them

asked = Questions("bug_zoo", RULES)


class Visit:
    r"""One visit of a list of tests to the zoo.

    A test that fails for a right kit says nothing about a wrong one: it drops out, whenever that
    is seen, and what it found does not count. The right kit comes again and again, each time with
    other random numbers: so tests that fail now and then are seen, and tests that count their
    calls.
    """

    def __init__(self, tests: Answer, rng: Any) -> None:
        self.tests, self.rng = tests, rng
        names = tests.ask("names_of_tests")
        if names is None:
            raise Wrong("tests is not a list of functions; expected tests = [test_one, …].")
        self.names = names
        self.sound = list(range(len(names)))
        self.dropped: list[str] = []  # in words
        self.killers: dict[str, int] = {}  # from a specimen to the test that found it

    def fails(self, recipe: Recipe) -> tuple[int, str] | None:
        """The first of the sound tests that fails for a kit."""
        seed = int(self.rng.integers(2**31))
        return self.tests.ask("first_to_fail", which=self.sound, recipe=asdict(recipe), seed=seed)

    def see_the_right_one(self) -> set[int]:
        """Drop the tests that fail for a right kit; their numbers."""
        dropped = set()
        while failed := self.fails(RIGHT):
            number, how = failed
            self.sound.remove(number)
            dropped.add(number)
            self.dropped.append(f"{self.names[number]} ({how})")
        return dropped

    def see_all(self, recipes: dict[str, Recipe]) -> None:
        """Go from specimen to specimen, and past right kits at places that nobody knows."""
        for _ in range(TIMES):
            self.see_the_right_one()
        waiting = list(recipes)
        places = {int(k) for k in self.rng.integers(len(waiting), size=TIMES - 1)}
        for k, name in enumerate(waiting):  # grows when a test drops out late
            failed = self.fails(recipes[name])
            if failed:
                self.killers[name] = failed[0]
            if k in places or k == len(waiting) - 1:
                dropped = self.see_the_right_one()
                again = [name for name, number in self.killers.items() if number in dropped]
                waiting += again
                for name in again:
                    del self.killers[name]


def none_fails_the_right_one(tests: Answer, rng: Any) -> None:
    r"""Tests that fail a right implementation say nothing about a wrong one."""
    visit = Visit(tests, rng)
    visit.see_the_right_one()
    if visit.dropped:
        raise Wrong(_about(visit))


def enough_are_killed(tests: Answer, rng: Any, recipes: dict[str, Recipe], label: Callable) -> None:
    r"""All of them, or else a share of the credit; ``label`` names those that are alive.

    A test that drops out costs as much as a bug that is not found.
    """
    visit, told = Visit(tests, rng), []
    try:
        visit.see_all(recipes)
    except OutOfTime:
        told = [
            f"Stopped: all tests together, for {len(recipes):d} animals and {2 * TIMES:d} right "
            f"kits, have {tests.rules.seconds:g} seconds of processor time. Train for fewer steps."
        ]
    alive = [label(name) for name in recipes if name not in visit.killers]
    if visit.dropped:
        told.append(_about(visit))
    if alive:
        told.append(f"Alive: {', '.join(sorted(alive))}.")
    if told:
        killed = len(visit.killers)
        used = f"Time: {tests.spent:.0f} of {tests.rules.seconds:g} seconds."
        credit = max(killed - len(visit.dropped), 0) / len(recipes)
        message = f"{killed:d} of {len(recipes):d} killed. {' '.join(told)} {used}"
        raise Wrong(message, min(credit, 0.999))  # all killed and a test too slow


def _about(visit: Visit) -> str:
    return (
        f"For a RIGHT implementation fails {'; '.join(visit.dropped)}. Such a test is left out and "
        "costs a point: is the expected value wrong, the tolerance too small, or does it fail at "
        "random?"
    )


def recipes_of(names: Iterable[str]) -> dict[str, Recipe]:
    r"""From names of :data:`~d2l_bn.exercises.mistakes.MISTAKES` to their recipes."""
    return {name: MISTAKES[name].recipe for name in names}


def cage(name: str, names: Sequence[str] = ON_SHOW) -> str:
    r"""The number under which :func:`d2l_bn.exercises.bug_zoo.specimen` has it."""
    return f"specimen {order(names).index(name) + 1:2}"


@asked.add("tests", "the right implementation passes")
def _(tests, rng):
    none_fails_the_right_one(tests, rng)


@asked.add("tests", "specimens killed")
def _(tests, rng):
    enough_are_killed(tests, rng, recipes_of(ON_SHOW), cage)
