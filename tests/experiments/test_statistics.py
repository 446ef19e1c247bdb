"""From records to estimates: the right runs, values by hand, and refusals instead of mixtures."""

from __future__ import annotations

import dataclasses
import math

import pytest

from d2l_bn.experiments.statistics import difference, estimate, last_value, per_seed, select
from d2l_bn.experiments.trial import Trial


def record(outcome="finished", test_accuracy=(0.5, 0.7), **fields):
    trial = dataclasses.asdict(Trial(**fields))
    return {
        "trial": {**trial, "places": list(trial["places"])},
        "outcome": outcome,
        "test_accuracy": list(test_accuracy),
        "loss": [0.9] * len(test_accuracy),
        "population_test_accuracy": [None] * len(test_accuracy),
    }


def test_select_takes_the_trials_with_all_the_values():
    records = [record(lr=0.1, norm=None), record(lr=1.0, norm=None), record(lr=1.0, places=(1,))]
    assert select(records, lr=1.0, norm=None) == records[1:2]
    assert select(records, places=(1,)) == records[2:]
    assert select(records) == records


def test_select_refuses_a_field_that_no_trial_has():
    with pytest.raises(KeyError, match="a trial has no learning_rate"):
        select([record()], learning_rate=1.0)


def test_a_diverged_run_guesses_and_has_an_infinite_loss():
    diverged = record("diverged", test_accuracy=(0.6,))
    assert last_value(diverged) == 0.1
    assert last_value(diverged, "loss") == math.inf


def test_a_value_that_was_not_measured_is_an_error():
    with pytest.raises(ValueError, match="measured no population_test_accuracy"):
        last_value(record(), "population_test_accuracy")


def test_accuracy_is_with_population_statistics_where_they_were_measured():
    plain = record(test_accuracy=(0.5, 0.7))
    recalibrated = record(test_accuracy=(0.5, 0.7), recalibrate=50)
    recalibrated["population_test_accuracy"] = [0.8, 0.9]
    assert (last_value(plain, "accuracy"), last_value(recalibrated, "accuracy")) == (0.7, 0.9)


def test_per_seed_refuses_a_mixture_of_configurations_and_a_seed_twice():
    good = [record(seed=seed, test_accuracy=(0.1 * seed,)) for seed in (2, 0, 1)]
    assert per_seed(good) == {2: 0.2, 0: 0.0, 1: 0.1}
    with pytest.raises(ValueError, match=r"one configuration expected; \['lr'\] differ"):
        per_seed([*good, record(seed=3, lr=0.1)])
    with pytest.raises(ValueError, match="nothing"):
        per_seed([*good, record(seed=2)])


def test_an_estimate_by_hand():
    result = estimate({0: 1.0, 1: 2.0, 2: 6.0})
    assert (result.mean, result.n) == (3.0, 3)
    assert result.deviation == pytest.approx(math.sqrt((4 + 1 + 9) / 2))
    assert result.margin == pytest.approx(4.302653 * math.sqrt(7) / math.sqrt(3), rel=1e-6)


def test_one_seed_says_nothing_of_the_error():
    assert estimate([0.8]).margin == math.inf
    with pytest.raises(ValueError, match="no values"):
        estimate({})


def test_a_difference_is_taken_seed_by_seed():
    result = difference({0: 0.9, 1: 0.5, 2: 0.7}, {2: 0.6, 0: 0.8, 1: 0.4})
    assert result.mean == pytest.approx(0.1)
    assert result.deviation == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="expected the same ones"):
        difference({0: 1.0}, {1: 1.0})
