"""The reference tests kill every specimen, the trivial one none; who fails the right kit gets 0."""

import random

import pytest
from exercise_helpers import outcomes, solution

import d2l_bn
from d2l_bn.exercises import bug_zoo
from d2l_bn.exercises.mistakes import MISTAKES, RIGHT, Recipe


@pytest.fixture
def grade(monkeypatch):
    def points(tests):
        found = outcomes("bug_zoo", "tests", {"tests": tests}, monkeypatch=monkeypatch)
        return found[-1].earned, found[-1].message  # the last one is the hidden check

    return points


def fails_the_right_one(kit):
    raise AssertionError("no good")


def compares_with_the_package(kit):
    assert kit.BatchNorm(3, 2) is not d2l_bn.BatchNorm(3, 2)


def test_reference_kills_all(grade):
    assert grade(solution("bug_zoo")["tests"]) == (15, "")


def test_each_of_them_trains_and_the_trivial_test_kills_none(grade):
    earned, message = grade([solution("bug_zoo")["test_loss_falls"]])
    assert earned == 0 and message.startswith("0 of 15 killed. Alive: “")


def test_no_tests_kill_nothing(grade):
    assert grade([])[0] == 0
    assert "is not a list of functions" in grade("kills")[1]


def test_failing_the_right_one_earns_nothing(grade):
    earned, message = grade([*solution("bug_zoo")["tests"], fails_the_right_one])
    assert earned == 0 and "fails_the_right_one fails for a RIGHT implementation" in message


def test_counting_the_calls_earns_nothing(grade):
    calls = []

    def only_the_first(kit):
        calls.append(kit)
        assert len(calls) == 1

    earned, message = grade([only_the_first])
    assert earned == 0


def test_guessing_earns_nothing(grade):
    def guesses(kit):
        assert random.random() < 0.1

    assert grade([guesses])[0] == 0


def test_the_packages_layer_is_no_oracle(grade):
    earned, message = grade([compares_with_the_package])
    assert earned == 0 and "d2l_bn.norms.batch.__init__" in message


def test_kits_look_alike():
    kits = [bug_zoo.right(), *bug_zoo.specimens()]
    assert len(kits) == 13
    assert len({tuple(getattr(f, "__qualname__", f) for f in kit) for kit in kits}) == 1
    layers = [kit.BatchNorm(2, num_dims=2) for kit in kits]
    assert len({repr(layer) for layer in layers}) == 1


def test_a_mistake_is_one_changed_decision():
    fields = Recipe.__dataclass_fields__
    for name, mistake in MISTAKES.items():
        changed = [f for f in fields if getattr(mistake.recipe, f) != getattr(RIGHT, f)]
        assert len({f.rsplit("_", 1)[0] for f in changed}) == 1, name


def test_cages_are_not_in_the_order_of_names():
    assert bug_zoo.order(bug_zoo.ON_SHOW) != sorted(bug_zoo.ON_SHOW)
    assert sorted(bug_zoo.order(bug_zoo.ON_SHOW)) == sorted(bug_zoo.ON_SHOW)
