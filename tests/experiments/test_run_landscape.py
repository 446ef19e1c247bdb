"""scripts/run_landscape.py: each run once, measured without a trace; the results that are kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import run_landscape  # noqa: E402

ONE = numpy.ones(1)
SOMETHING = dict.fromkeys(run_landscape.ACTIVATIONS, (ONE, ONE))
CONFIG = {"batch_size": 16, "steps": 4, "every": 1, "limit": 64}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(run_landscape, "POWER_ITERATIONS", 1)
    monkeypatch.setattr(run_landscape, "RANDOM_DIRECTIONS", 1)
    monkeypatch.setattr(run_landscape, "RECALIBRATION_BATCHES", 1)
    monkeypatch.setattr(run_landscape, "LEARNING_RATES", {"relu": 0.1})
    monkeypatch.setattr(run_landscape, "SHIFT", ("none",))
    monkeypatch.setattr(run_landscape, "CONTROLS", (("none", 3),))


@pytest.fixture
def arguments(tmp_path, small):
    numbers = ["--steps", "4", "--every", "2", "--batch-size", "16", "--limit", "64"]
    return [*numbers, "--data", "synthetic", "--out", str(tmp_path / "landscape.json")]


def run_one(network, activation="relu", factor=1):
    key = {"activation": activation, "network": network, "lr_factor": factor, "seed": 3}
    return run_landscape.train_and_measure(key, CONFIG, "synthetic")[0]


@pytest.mark.parametrize("network", ["none", "noisy"])
def test_measuring_changes_nothing_in_the_training(small, monkeypatch, network):
    monkeypatch.setattr(run_landscape, "LANDSCAPE", (network,))
    often = run_one(network)
    monkeypatch.setattr(run_landscape, "LANDSCAPE", ())
    monkeypatch.setattr(run_landscape.covariate_shift, "input_moments", lambda *_: SOMETHING)
    rarely = run_one(network)
    assert often["measurements"]["step"] == [0, 1, 2, 3] and "loss" not in rarely["measurements"]
    for name in ("losses", "accuracies", "test_accuracy"):
        assert often[name] == rarely[name]
    assert numpy.ptp(often["losses"]) > 0


def test_what_is_measured_is_the_step_that_is_taken(small):
    """The loss of a batch before its step is that of the landscape at that place, and so on."""
    run = run_one("none")
    seen = run["measurements"]
    assert seen["loss"] == pytest.approx(run["losses"], rel=1e-3)
    assert len(seen["losses_along_gradient"][0]) == len(run_landscape.STEP_FACTORS)
    rare = [step for step in seen["step"] if step % run_landscape.CURVATURE_EVERY == 0]
    assert 0 < len(rare) < len(seen["step"])
    assert seen["curvature_step"] == rare and len(seen["largest_eigenvalue"]) == len(rare)
    norms = [seen[f"layer_gradient_norm/{name}"][0] for name in ("conv1", "output")]
    assert 0 < max(norms) < seen["gradient_norm"][0]
    assert min(seen["moment_shift/act1"]) > 0
    assert set(seen) >= {f"gradient_cosine/{name}" for name in ("conv2", "dense1", "output")}


def test_a_run_that_diverges_is_a_result(small):
    run = run_one("none", factor=1e30)
    assert run["outcome"] == "diverged" and run["test_accuracy"] is None
    assert run["losses"][-1] is None  # not NaN, which is no JSON


def test_what_is_there_is_not_run_again(arguments, tmp_path, monkeypatch):
    path, run = tmp_path / "landscape.json", run_landscape.train_and_measure

    def stop_at_the_second(key, *rest):
        if key["lr_factor"] == 3:
            raise KeyboardInterrupt
        return run(key, *rest)

    monkeypatch.setattr(run_landscape, "train_and_measure", stop_at_the_second)
    assert run_landscape.main([*arguments, "--seeds", "0"]) == 130
    first = json.loads(path.read_text())["runs"]
    assert [r["lr_factor"] for r in first] == [1]

    asked = []
    monkeypatch.setattr(
        run_landscape, "train_and_measure", lambda key, *rest: asked.append(key) or run(key, *rest)
    )
    assert run_landscape.main([*arguments, "--seeds", "0"]) == 0
    results = json.loads(path.read_text())
    assert results["runs"][0] == first[0] and [key["lr_factor"] for key in asked] == [3]
    assert results["runs"][1]["lr"] == pytest.approx(0.3)
    with pytest.raises(SystemExit, match="another configuration"):
        run_landscape.main([*arguments, "--every", "3"])


def test_numbers_become_json():
    value = {"a": [numpy.float32(1 / 3), (float("nan"), 2)], "b": float("inf")}
    assert run_landscape.as_json(value) == {"a": [0.33333, [None, 2]], "b": None}


def test_the_results_that_are_kept_are_complete():
    results = json.loads((SCRIPTS.parent / "results" / "landscape.json").read_text())
    config, runs = results["config"], results["runs"]
    assert not config["synthetic"] and config["limit"] is None
    seeds = {run["seed"] for run in runs}
    assert len(seeds) >= 3
    plan = {(network, 1) for network in run_landscape.SHIFT} | set(run_landscape.CONTROLS)
    for seed in seeds:
        for activation in run_landscape.LEARNING_RATES:
            of_seed = [r for r in runs if (r["seed"], r["activation"]) == (seed, activation)]
            assert {(r["network"], r["lr_factor"]) for r in of_seed} == plan
            assert len(of_seed) == len(plan)
