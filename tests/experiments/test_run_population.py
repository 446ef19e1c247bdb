"""scripts/run_population.py: three kinds of statistics after each epoch, each seed once."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import mxnet as mx
import pytest
from mxnet import autograd

import d2l_bn

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import run_population  # noqa: E402


@pytest.fixture
def arguments(tmp_path):
    small = ["--epochs", "2", "--limit", "300", "--population-batches", "1"]
    return [*small, "--data", "synthetic", "--out", str(tmp_path / "population.json")]


def rows_in(tmp_path):
    return json.loads((tmp_path / "population.json").read_text())["rows"]


def test_each_number_is_what_its_name_says(arguments, tmp_path):
    assert run_population.main([*arguments, "--seeds", "4"]) == 0
    rows = rows_in(tmp_path)
    assert [(row["seed"], row["epoch"]) for row in rows] == [(4, 1), (4, 2)]

    train_iter, test_iter = d2l_bn.load_fashion_mnist(256, data="synthetic", limit=300, seed=4)
    net = d2l_bn.lenet()
    history = d2l_bn.train(net, train_iter, test_iter, epochs=2, seed=4)
    last = rows[-1]
    assert last["loss"] == history.last.loss  # measuring has changed nothing
    assert last["moving_average"] == history.last.test_accuracy
    with autograd.train_mode():  # takes no label into account, only the other images
        assert last["batch"] == d2l_bn.evaluate(net, test_iter)
    train_iter.epoch = 2
    d2l_bn.recalibrate(net, train_iter, batches=1)
    assert last["population"] == d2l_bn.evaluate(net, test_iter)


def test_what_is_there_is_not_run_again(arguments, tmp_path, monkeypatch, capsys):
    train = d2l_bn.train

    def stop_at_seed_1(*args, seed, **options):
        if seed == 1:
            raise KeyboardInterrupt
        return train(*args, seed=seed, **options)

    monkeypatch.setattr(d2l_bn, "train", stop_at_seed_1)
    assert run_population.main([*arguments, "--seeds", "0", "1"]) == 130
    first = rows_in(tmp_path)
    assert {row["seed"] for row in first} == {0}

    monkeypatch.setattr(d2l_bn, "train", train)
    mx.random.seed(9)
    assert run_population.main([*arguments, "--seeds", "0", "1"]) == 0
    assert rows_in(tmp_path)[:2] == first and len(rows_in(tmp_path)) == 4
    assert "seed 0: in " in capsys.readouterr().out
    with pytest.raises(SystemExit, match="another configuration"):
        run_population.main([*arguments, "--epochs", "3"])


def test_summary_by_hand():
    def rows(seed, moving, population):
        return [
            {"seed": seed, "epoch": e, "moving_average": m, "batch": 0.5, "population": p}
            for e, (m, p) in enumerate(zip(moving, population), start=1)
        ]

    summary = run_population.summarize(
        rows(7, [0.0, 0.50, 0.75, 0.25], [0.5, 0.50, 0.75, 0.50])
        + rows(3, [0.0, 0.75, 0.50, 0.50], [0.5, 0.50, 0.50, 0.50])
    )
    assert summary["population_at_least_moving_average"] == 7 and summary["cases"] == 8
    assert summary["seeds"] == [3, 7]
    assert summary["spread"]["moving_average"] == [0.25, 0.5]  # the first epoch does not count
    assert summary["spread"]["population"] == [0.0, 0.25]
    assert summary["mean_spread"]["moving_average"] == 0.375


def test_the_results_that_are_kept_are_of_the_whole_data_set():
    path = SCRIPTS.parent / "results" / "population.json"
    results = json.loads(path.read_text())
    config = results["config"]
    assert not config["synthetic"] and config["limit"] is None
    assert (config["batch_size"], config["lr"], config["epochs"]) == (256, 1.0, 5)
    assert results["summary"] == run_population.summarize(results["rows"])
    assert results["summary"]["cases"] == 15
