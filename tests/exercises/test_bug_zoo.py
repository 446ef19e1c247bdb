"""The reference tests kill all specimens, the trivial one none; who fails the right kit is out."""

import copy
import random
import time

import numpy
import pytest
from exercise_helpers import outcomes, solution
from mxnet import autograd, np

import d2l_bn
from d2l_bn.exercises import Wrong, bug_zoo
from d2l_bn.exercises.asking import Answer
from d2l_bn.exercises.desk import Desk
from d2l_bn.exercises.mistakes import MISTAKES, RIGHT, Recipe
from d2l_bn.exercises.questions import bug_zoo as questions


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


def test_who_fails_the_right_one_is_left_out_and_costs_a_point(grade):
    earned, message = grade([*solution("bug_zoo")["tests"], fails_the_right_one])
    assert earned == 14 and "fails_the_right_one (AssertionError: no good)" in message


def test_counting_the_calls_earns_nothing(grade):
    calls = []

    def only_the_first(kit):
        calls.append(kit)
        assert len(calls) == 1

    assert grade([only_the_first])[0] == 0


def test_a_late_failure_takes_its_kills_back(grade):
    calls = []

    def from_some_call_on(kit):
        calls.append(kit)
        assert len(calls) < 20  # the first right ones pass, and the specimens after them do not

    assert grade([from_some_call_on])[0] == 0


def test_guessing_earns_nothing(grade):
    def guesses(kit):
        assert random.random() < 0.1

    assert grade([guesses])[0] == 0


def test_the_packages_layer_is_no_oracle(grade):
    earned, message = grade([compares_with_the_package])
    assert earned == 0 and "d2l_bn.norms.batch" in message


def test_the_time_of_a_suite_is_one_budget(monkeypatch):
    """Many tests, each of which is quick enough, together are not."""

    def busy(kit):
        end = time.process_time() + 0.02
        while time.process_time() < end:
            pass

    desk = Desk({"tests": [busy] * 10})
    desk.open(seconds=0.5)
    with pytest.raises(Wrong, match="0 of 12 killed. Stopped: all tests together"):
        recipes = questions.recipes_of(bug_zoo.ON_SHOW)
        tests = Answer("tests", desk, questions.RULES)
        questions.enough_are_killed(tests, numpy.random.default_rng(0), recipes, questions.cage)
    assert desk.left < 0.1


def test_the_right_kit_bears_what_a_test_may_do(tmp_path):
    kit, path = bug_zoo.right(), str(tmp_path / "layer.params")
    for dims in (2, 4):
        layer, other = kit.BatchNorm(2, dims), kit.BatchNorm(2, num_dims=dims)
        for one in (layer, other):
            one.initialize()
        X = np.random.normal(size=(3, 2, 2, 2)[:dims])
        with autograd.train_mode():
            layer(X)
        layer.save_parameters(path)
        other.load_parameters(path)
        assert (layer(X) == other(X)).all()
        layer.cast("float64")
        assert layer(X.astype("float64")).dtype == "float64"
        layer.collect_params().zero_grad()
        layer.hybridize()
        assert repr(copy.deepcopy(layer.eps)) and layer.averages()[0].shape[1] == 2


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
