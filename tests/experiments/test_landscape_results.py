"""Results of the landscape: lines and numbers by seed, from a file written by hand."""

import json
import math

import numpy
import pytest

from d2l_bn.experiments.landscape_results import LandscapeResults, times


def run(seed, network="none", factor=1, **changes):
    return {
        "activation": "relu",
        "network": network,
        "lr_factor": factor,
        "seed": seed,
        "lr": 0.1,
        "outcome": "finished",
        "losses": [2.0, 1.0 + seed],
        "accuracies": [0.3, 0.5],
        "test_accuracy": 0.6 + 0.1 * seed,
        "measurements": {
            "step": [0, 20],
            "smoothness": [1.0, 3.0 + 2 * seed],
            "moment_shift/act1": [1.0, 2.0],
            "moment_shift/act2": [3.0, 6.0 + 4 * seed],
        },
        **changes,
    }


@pytest.fixture
def results(tmp_path):
    runs = [
        run(1),
        run(0),
        run(0, "batch", losses=[0.5, 0.25]),
        run(0, "none", 10, outcome="diverged", losses=[3.0, None], test_accuracy=None),
    ]
    path = tmp_path / "landscape.json"
    path.write_text(json.dumps({"config": {"steps": 40}, "data": "by hand", "runs": runs}))
    return LandscapeResults.read(path)


def test_columns_are_in_the_order_of_the_seeds(results):
    assert results.config["steps"] == 40 and results.data == "by hand"
    assert results.column("smoothness", "none", "relu").tolist() == [[1, 3], [1, 5]]
    assert results.column("losses", "none", "relu").tolist() == [[2, 1], [2, 2]]
    assert numpy.isnan(results.column("losses", "none", "relu", 10)[0, 1])


@pytest.mark.parametrize(
    "name, expected",
    [
        ("final_loss", {0: 1.0, 1: 2.0}),
        ("final_accuracy", {0: 0.5, 1: 0.5}),
        ("test_accuracy", {0: 0.6, 1: 0.7}),
        ("smoothness", {0: 2.0, 1: 3.0}),
        ("moment_shift/act2", {0: 4.5, 1: 6.5}),
        ("moment_shift/*", {0: 3.0, 1: 4.0}),
    ],
)
def test_a_number_for_each_seed(results, name, expected):
    assert results.per_seed(name, "none", "relu") == pytest.approx(expected)


def test_what_diverged_counts_as_a_guess(results):
    assert results.per_seed("final_loss", "none", "relu", 10) == {0: pytest.approx(math.log(10))}
    assert results.per_seed("test_accuracy", "none", "relu", 10) == {0: 0.1}


def test_what_was_not_run_is_refused(results):
    with pytest.raises(ValueError, match="no run of 'noisy' with relu at 1 times the rate; run"):
        results.per_seed("final_loss", "noisy", "relu")
    with pytest.raises(KeyError):
        results.per_seed("gradient_norm", "none", "relu")


def test_times_is_the_logarithm_of_a_factor():
    effect = times({0: 100.0, 1: 10.0, 2: 1.0}, {2: 1.0, 1: 1.0, 0: 1.0})
    assert effect.mean == pytest.approx(1) and effect.n == 3
    assert effect.deviation == pytest.approx(1)
