"""Rates are chosen on images that are neither trained on nor tested on."""

from __future__ import annotations

import pytest

from d2l_bn.experiments import load, validated_training
from d2l_bn.experiments.claims.runs import chosen_setting
from d2l_bn.experiments.studies import small_batches
from d2l_bn.experiments.validated_training import (
    final_accuracies,
    images_in_three,
    train_validated,
    validated_case,
)

SMALL = {"examples": 96, "validation_examples": 48, "test_examples": 64, "epochs": 1}


def pictures(batches):
    return {image.tobytes() for image in batches.images}


def test_no_image_is_in_two_of_the_three():
    case = validated_case(norm=None, **SMALL)
    parts = [images_in_three(case, seed, "synthetic") for seed in (0, 1)]
    for train, validation, test in parts:
        assert [p.num_examples for p in (train, validation, test)] == [96, 48, 64]
        assert not pictures(train) & pictures(validation)
        assert not (pictures(train) | pictures(validation)) & pictures(test)
    assert pictures(parts[0][0]) != pictures(parts[1][0])  # the seed chooses these
    assert pictures(parts[0][2]) == pictures(parts[1][2])  # and not those


def test_the_final_accuracies_are_by_the_statistics_that_they_name():
    import d2l_bn

    case = validated_case(norm="gluon", population_batches=2, lr=0.5, **SMALL)
    train, validation, test = images_in_three(case, 0, "synthetic")
    net = d2l_bn.lenet("gluon", activation="relu")
    d2l_bn.train(net, train, epochs=1, lr=0.5, recalibrate=False)
    before = d2l_bn.evaluate(net, test)
    found = final_accuracies(net, train, {"validation": validation, "test": test}, batches=2)
    assert found["test_accuracy_moving"] == pytest.approx(before, abs=1e-5)
    assert found["test_accuracy_population"] == pytest.approx(d2l_bn.evaluate(net, test), abs=1e-5)
    assert found["validation_accuracy"] == pytest.approx(d2l_bn.evaluate(net, validation), abs=1e-5)


def test_without_averages_there_is_one_test_accuracy():
    _, measures = train_validated(validated_case(norm="group", **SMALL), 0, "synthetic")
    assert {name for name in measures if "accuracy" in name and "by_epoch" not in name} == {
        "test_accuracy_moving",
        "validation_accuracy",
    }


def run(lr, seed, accuracy):
    return {
        "case": {"lr": lr},
        "seed": seed,
        "outcome": "diverged" if accuracy is None else "finished",
        "measures": {} if accuracy is None else {"validation_accuracy": accuracy},
    }


@pytest.mark.parametrize(
    "runs, best",
    [
        # the seeds that both rates have decide, not a lucky third one
        ([run(1, 0, 0.5), run(1, 1, 0.5), run(2, 0, 0.4), run(2, 1, 0.4), run(2, 2, 0.9)], 1),
        # a run that diverged counts as a guess
        ([run(1, 0, 0.6), run(1, 1, None), run(2, 0, 0.4), run(2, 1, 0.4)], 2),
    ],
)
def test_a_setting_is_chosen_by_the_seeds_that_all_have(runs, best):
    assert chosen_setting(runs) == {"lr": best}


def test_statistics_that_are_not_finite_are_a_divergence(monkeypatch):
    def refuses(*args, **options):
        raise ValueError("the statistics of norm1 are infinite or NaN")

    case = validated_case(norm="gluon", population_batches=2, **SMALL)
    assert train_validated(case, 0, "synthetic")[0] == "finished"
    monkeypatch.setattr(validated_training, "recalibrate", refuses)
    assert train_validated(case, 0, "synthetic")[0] == "diverged"


def test_the_rates_of_the_small_batches_are_those_that_the_records_choose():
    records = load.records("small_batches")
    for (network, size), (tried, chosen) in small_batches.RATES.items():
        cases = {lr: small_batches._case(network, size, lr) for lr in tried}
        runs = [r for r in records if r["case"] in cases.values()]
        assert {r["seed"] for r in runs if r["case"] == cases[chosen]} == set(
            small_batches.STUDY.seeds
        )
        assert chosen_setting(runs)["lr"] == chosen, (network, size)
