"""The scripts behind notebook 12: what a record holds, and that a killed one goes on."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy
import pytest

import d2l_bn
from d2l_bn.experiments.record_file import read_records

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import run_regularization  # noqa: E402
import run_variance_shift  # noqa: E402
import run_weight_decay  # noqa: E402


def shorten(monkeypatch):
    """Two networks for each script, of those that show the most."""
    monkeypatch.setattr(run_variance_shift, "RATES", (0.5,))
    monkeypatch.setattr(run_variance_shift, "PLACES", {"before each BN": ("conv1", "dense1")})
    runs = [("gluon", 0.1, "decay"), ("gluon", 0.1, "growing rate")]
    monkeypatch.setattr(run_weight_decay, "RUNS", runs)
    variants = {name: run_regularization.VARIANTS[name] for name in ("BN", "BN, one class")}
    monkeypatch.setattr(run_regularization, "VARIANTS", variants)
    monkeypatch.setattr(run_regularization, "TEST_EXAMPLES", 100)


@pytest.mark.parametrize("script", [run_variance_shift, run_weight_decay, run_regularization])
def test_a_run_that_was_stopped_goes_on_and_repeats_nothing(script, tmp_path, monkeypatch):
    shorten(monkeypatch)
    out = tmp_path / "results.jsonl"
    arguments = ["--seeds", "3", "--examples", "128", "--epochs", "1", "--data", "synthetic"]
    arguments += ["--out", str(out)]
    arguments += ["--more-seeds"] if script is run_regularization else []
    run, calls = script.run, []

    def stopped_at_the_second(*args):
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return run(*args)

    monkeypatch.setattr(script, "run", stopped_at_the_second)
    assert script.main(arguments) == 130
    first = read_records(out)
    assert len(first) == 1
    assert script.main(arguments) == 0
    assert len(calls) == 3 and read_records(out)[:1] == first
    assert script.main(arguments) == 0
    assert len(calls) == 3  # all are there
    assert script.main([*arguments[:4], "--epochs", "2", *arguments[6:]]) == 0
    assert len(calls) == 5  # another configuration
    for record in read_records(out):
        assert record["seed"] == 3 and record["config"]["synthetic"]
        assert record["environment"]["mxnet"] and "synthetic" in record["data"]


def test_shift_and_accuracies_with_each_sort_of_statistics():
    config = {"norm": "gluon", "activation": "relu", "lr": 0.1, "batch_size": 32}
    config.update(examples=320, epochs=2)
    record = run_variance_shift.run(config, "before each BN", 0.5, 0, "synthetic")
    first = record["layers"]["norm1"]
    assert first["measured"] == pytest.approx(first["expected"], rel=0.05)
    assert first["measured"] < 0.6
    assert record["layers"]["norm4"]["measured"] < first["measured"]  # the shifts multiply
    assert set(record["test_accuracy"]) == {"moving average", "training", "prediction"}
    assert run_variance_shift.run(config, "none", 0.0, 0, "synthetic")["layers"]["norm4"][
        "measured"
    ] == pytest.approx(1, abs=0.1)


def test_lengths_of_decay_and_of_the_growing_rate():
    config = {"activation": "relu", "lr": 0.1, "batch_size": 64, "examples": 192, "epochs": 2}
    decayed, grown = (
        run_weight_decay.run(config, "gluon", 0.3, way, 0, "synthetic")
        for way in ("decay", "growing rate")
    )
    assert decayed["steps"] == grown["steps"] == [0, 3, 6]
    lengths = (run["norms"]["dense1"] for run in (decayed, grown))
    for step, short, long in zip(decayed["steps"], *lengths):
        assert long / short == pytest.approx(0.97**-step, rel=1e-3)


def test_orders_of_the_examples():
    batches, _ = d2l_bn.load_fashion_mnist(8, data="synthetic", limit=400, seed=1)
    fixed = run_regularization.ordered(batches, "fixed")
    numpy.testing.assert_array_equal(fixed.order(0), batches.order(0))
    numpy.testing.assert_array_equal(fixed.order(0), fixed.order(5))
    assert (batches.order(0) != batches.order(5)).any()
    assert run_regularization.ordered(batches, None) is batches

    one_class = run_regularization.ordered(batches, "one class")
    pure = [len(set(y.tolist())) == 1 for _, y in one_class]
    assert sum(pure) >= 40  # of 50; each class leaves at most 7 of its examples over
    assert pure[:40] == [True] * 40
    order = run_regularization.one_class_batches(batches, 1)
    assert sorted(order) == list(range(400)) and (order != one_class.order(0)).any()
    labels = batches.labels[order][:320:8].astype(int)
    assert (numpy.diff(labels) < 0).any()  # the classes are mixed, not one after the other


RESULTS = SCRIPTS.parent / "results"


@pytest.mark.parametrize("name", ["variance_shift", "regularization", "weight_decay"])
def test_the_results_that_are_kept_are_of_real_data(name):
    records = read_records(RESULTS / f"{name}.jsonl")
    assert {record["seed"] for record in records} >= {0, 1, 2}
    assert not any(record["config"]["synthetic"] for record in records)
    assert len({str(record["config"]) for record in records}) == 1
