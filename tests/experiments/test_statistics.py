"""Estimates by hand, and what the records of a study are read as."""

from __future__ import annotations

import math

import numpy
import pytest

from d2l_bn.experiments import load
from d2l_bn.experiments.statistics import difference, estimate, paired, times


def record(seed=0, outcome="finished", case=(), **measures):
    return {
        "case": {"lr": 1.0, **dict(case)},
        "seed": seed,
        "outcome": outcome,
        "measures": measures,
    }


def accuracies(*values, **options):
    return record(test_accuracy_moving_by_epoch=list(values), **options)


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
    assert paired({0: 3.0, 1: 4.0}, {1: 1.0, 2: 9.0}) == difference({1: 4.0}, {1: 1.0})


def test_times_is_the_logarithm_of_a_factor():
    effect = times({0: 100.0, 1: 10.0, 2: 1.0}, {2: 1.0, 1: 1.0, 0: 1.0})
    assert effect.mean == pytest.approx(1) and effect.n == 3
    assert effect.deviation == pytest.approx(1)


def test_select_takes_the_cases_with_all_the_values():
    records = [
        record(case={"lr": lr, "norm": norm, "places": places})
        for lr, norm, places in ((0.1, None, [1]), (1.0, None, [2]), (1.0, "gluon", [1]))
    ]
    assert load.select(records, lr=1.0, norm=None) == records[1:2]
    assert load.select(records, places=(1,)) == records[::2]
    assert load.select(records, seed=0) == load.select(records) == records
    assert load.case_values(records, "lr") == [0.1, 1.0]
    with pytest.raises(KeyError, match="no case has 'learning_rate'; expected some of lr, norm"):
        load.select(records, learning_rate=1.0)


def test_a_number_for_each_seed_and_only_of_one_case():
    good = [accuracies(0.1 * seed, seed=seed) for seed in (2, 0, 1)]
    assert load.by_seed(good, "test_accuracy_moving") == {2: 0.2, 0: 0.0, 1: 0.1}
    with pytest.raises(ValueError, match="two of seed 2 .* of one case, lr differ"):
        load.by_seed([*good, accuracies(0.5, seed=2, case={"lr": 0.1})], "test_accuracy_moving")
    with pytest.raises(ValueError, match="nothing"):
        load.by_seed([*good, accuracies(0.5, seed=2)], "test_accuracy_moving")
    with pytest.raises(ValueError, match="none with"):
        load.by_seed(good, "test_accuracy_moving", lr=2.0)


@pytest.mark.parametrize(
    "measures, name, expected",
    [
        ({"loss_by_epoch": [2.0, 1.0]}, "loss", 1.0),
        ({"test_accuracy_moving_by_epoch": [0.5, 0.7]}, "test_accuracy", 0.7),
        ({"test_accuracy_moving": 0.5, "test_accuracy_population": 0.7}, "test_accuracy", 0.7),
        (
            {"test_accuracy_moving": 0.5, "test_accuracy_population": 0.7},
            "test_accuracy_moving",
            0.5,
        ),
        ({"shift/a": [1.0, 3.0], "shift/b": [3.0, 9.0]}, "shift/a", 2.0),
        ({"shift/a": [1.0, 3.0], "shift/b": [3.0, 9.0]}, "shift/*", 4.0),
        ({"a": 2, "b": 3}, lambda measures: measures["a"] * measures["b"], 6),
    ],
)
def test_what_the_name_of_a_measure_stands_for(measures, name, expected):
    assert load.measured(record(**measures), name) == expected


def test_what_diverged_counts_as_a_guess():
    diverged = record(outcome="diverged", loss_by_epoch=[], final_loss=None, smoothness=[3.0])
    for name in ("test_accuracy", "train_accuracy", "validation_accuracy"):
        assert load.measured(diverged, name) == 0.1
    for name in ("loss", "final_loss"):
        assert load.measured(diverged, name) == pytest.approx(math.log(10))
    assert load.measured(diverged, "smoothness") == 3.0


def test_what_was_not_measured_is_an_error():
    with pytest.raises(
        KeyError, match="test_accuracy_population was not measured; expected one of"
    ):
        load.measured(accuracies(0.5), "test_accuracy_population")


def test_columns_are_in_the_order_of_the_seeds():
    records = [record(seed=1, look=[1.0, None]), record(seed=0, look=[3.0, 4.0])]
    columns = load.stacked(records, "look", lr=1.0)
    assert columns[0].tolist() == [3, 4] and numpy.isnan(columns[1, 1])
    with pytest.raises(ValueError, match="no record with"):
        load.stacked(records, "look", lr=2.0)


def test_a_record_is_a_history_again():
    first = load.records("chapter")[0]
    history = load.history(first)
    assert history["loss"] == first["measures"]["loss_by_epoch"] and len(history) == 5
    assert history.config["seed"] == first["seed"] and history.environment["mxnet"] == "1.9.1"
    assert history.last.examples_per_second == 60_000 / history.last.seconds
