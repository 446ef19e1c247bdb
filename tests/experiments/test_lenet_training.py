"""A case of training the LeNet: every setting counts, and nothing else does."""

from __future__ import annotations

import json

import pytest

from d2l_bn.experiments.lenet_training import lenet_case, train_lenet
from d2l_bn.experiments.study import grid

TINY = lenet_case(examples=130, test_examples=100, epochs=2)


def run(case, seed=0):
    outcome, measures = train_lenet(case, seed, "synthetic")
    del measures["seconds_by_epoch"]
    return outcome, measures


def test_the_same_case_gives_the_same_measures_and_another_seed_others():
    first, again, other = run(TINY), run(TINY), run(TINY, seed=1)
    assert first == again
    assert first[1]["loss_by_epoch"] != other[1]["loss_by_epoch"]
    assert json.loads(json.dumps(first[1])) == first[1]


@pytest.mark.parametrize(
    "changed",
    [
        {"norm": None},
        {"places": (1,)},
        {"placement": "after"},
        {"activation": "relu"},
        {"dropout": {"act3": 0.5}},
        {"init": 0.01},
        {"optimizer": "adam", "lr": 0.001},
        {"optimizer_params": {"momentum": 0.9}},
        {"optimizer_params": {"wd": 0.1}},
        {"lr": 0.1},
        {"batch_size": 32},
        {"examples": 100},
        {"shuffle": False},
    ],
    ids=str,
)
def test_every_setting_of_a_case_reaches_the_training(changed):
    assert run({**TINY, **changed})[1]["loss_by_epoch"] != run(TINY)[1]["loss_by_epoch"]


def test_a_bias_that_is_left_out_reaches_the_network():
    # behind it a normalization takes it away again, so that only rounding could tell by the loss
    with pytest.raises(ValueError, match="use_bias=False with norm=None"):
        run({**TINY, "norm": None, "use_bias": False})


def test_settings_that_there_are_not():
    with pytest.raises(ValueError, match="init is .*; expected 'xavier' or the deviation"):
        lenet_case(init="glorot")
    with pytest.raises(TypeError, match="a case has no learning_rate"):
        lenet_case(learning_rate=1.0)
    assert len(grid(TINY, norm=(None, "gluon"), lr=(0.1, 1.0, 10.0))) == 6


def test_the_curve_holds_the_means_between_two_reports():
    _, measures = run({**TINY, "batch_size": 2})
    assert [row[0] for row in measures["curve"]] == [50, 65, 115, 130]  # and at the end of an epoch
    for epoch in (0, 1):
        rows = measures["curve"][2 * epoch : 2 * epoch + 2]
        for column, name in ((1, "loss"), (2, "train_accuracy")):
            whole = (50 * rows[0][column] + 15 * rows[1][column]) / 65
            assert whole == pytest.approx(measures[f"{name}_by_epoch"][epoch], rel=1e-4)


def test_a_run_that_diverges_has_what_was_measured_till_then():
    outcome, measures = run({**TINY, "norm": None, "activation": "relu", "lr": 1e30})
    assert outcome == "diverged" and measures["loss_by_epoch"] == []


def test_population_statistics_where_they_are_asked_for():
    assert "test_accuracy_population_by_epoch" not in run(TINY)[1]
    measures = run({**TINY, "population_batches": 2})[1]
    assert len(measures["test_accuracy_population_by_epoch"]) == 2
