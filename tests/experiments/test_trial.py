"""Trials, sweeps and their files: the same results in any order, and none twice after a kill."""

from __future__ import annotations

import dataclasses
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest
from command_line import ROOT

from d2l_bn.experiments import trial as experiments
from d2l_bn.experiments.record_file import RecordFile, read_records
from d2l_bn.experiments.trial import Trial, grid, run_trial, sweep

TINY = Trial(examples=130, test_examples=100, epochs=2, batch_size=64)
SLOW_SWEEP = """
import sys
from d2l_bn.experiments.trial import Trial, grid, sweep
tiny = Trial(examples=130, test_examples=100, epochs=2)
sweep(grid(tiny, seed=range(500)), sys.argv[1], data="synthetic")
"""


def run(trial):
    return run_trial(trial, data="synthetic")


def without_times(records):
    return [
        {name: record[name] for name in record if name not in ("seconds", "environment")}
        for record in records
    ]


def by_seed(path):
    return sorted(without_times(read_records(path)), key=lambda record: record["trial"]["seed"])


def test_a_grid_is_every_combination_on_top_of_a_trial():
    trials = grid(TINY, norm=(None, "gluon"), lr=(0.1, 1.0, 10.0))
    assert len(trials) == 6 == len({(trial.norm, trial.lr) for trial in trials})
    assert all(trial.examples == 130 for trial in trials)


def test_a_trial_comes_back_from_json_as_it_was():
    trial = dataclasses.replace(TINY, places=(1, 3), dropout={"act3": 0.5}, init=0.1)
    assert Trial(**json.loads(json.dumps(dataclasses.asdict(trial)))) == trial


@pytest.mark.parametrize("init", ["glorot", None])
def test_an_unknown_initialization_is_refused(init):
    with pytest.raises(ValueError, match="init is .*; expected 'xavier' or the deviation"):
        Trial(init=init)


def test_the_same_trial_gives_the_same_record_and_another_seed_another():
    first, again, other = run(TINY), run(TINY), run(dataclasses.replace(TINY, seed=1))
    assert without_times([first]) == without_times([again])
    assert first["loss"] != other["loss"]


@pytest.mark.parametrize(
    "changed",
    [
        {"norm": None},
        {"places": (1,)},
        {"placement": "after"},
        {"activation": "relu"},
        {"use_bias": False},
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
def test_every_setting_of_a_trial_reaches_the_training(changed):
    assert run(dataclasses.replace(TINY, **changed))["loss"] != run(TINY)["loss"]


def test_the_curve_holds_the_means_between_two_reports():
    record = run(dataclasses.replace(TINY, batch_size=2, examples=130, epochs=2))
    steps = [row[0] for row in record["curve"]]
    assert steps == [50, 65, 115, 130]  # a report every 50 steps and at the end of each epoch
    for epoch in (0, 1):
        rows = record["curve"][2 * epoch : 2 * epoch + 2]
        assert (50 * rows[0][1] + 15 * rows[1][1]) / 65 == pytest.approx(
            record["loss"][epoch], rel=1e-4
        )
        assert (50 * rows[0][2] + 15 * rows[1][2]) / 65 == pytest.approx(
            record["train_accuracy"][epoch], rel=1e-4
        )


def test_a_run_that_diverges_is_a_record_like_any_other(tmp_path):
    absurd = dataclasses.replace(TINY, norm=None, activation="relu", lr=1e30)
    sweep([absurd, TINY], tmp_path / "r.jsonl", data="synthetic")
    first, second = read_records(tmp_path / "r.jsonl")
    assert (first["outcome"], first["loss"]) == ("diverged", [])
    assert (second["outcome"], len(second["loss"])) == ("finished", 2)


def test_population_statistics_where_they_are_asked_for():
    record = run(dataclasses.replace(TINY, recalibrate=2))
    assert all(0 <= accuracy <= 1 for accuracy in record["population_test_accuracy"])
    assert run(TINY)["population_test_accuracy"] == [None, None]


def test_a_finished_trial_is_not_run_again(tmp_path, monkeypatch):
    path = tmp_path / "r.jsonl"
    sweep([TINY, TINY], path, data="synthetic")
    before = path.read_bytes()
    assert len(read_records(path)) == 1
    monkeypatch.setattr(experiments, "run_trial", lambda *_, **__: pytest.fail("was run again"))
    sweep([TINY], path, data="synthetic")
    assert path.read_bytes() == before


def test_two_processes_come_to_the_same_records_as_one(tmp_path):
    trials = grid(TINY, seed=(0, 1, 2))
    sweep(trials, tmp_path / "one.jsonl", data="synthetic")
    sweep(trials, tmp_path / "two.jsonl", data="synthetic", workers=2)
    assert by_seed(tmp_path / "one.jsonl") == by_seed(tmp_path / "two.jsonl")


def test_a_killed_sweep_goes_on_where_it_was(tmp_path):
    path = tmp_path / "r.jsonl"
    process = subprocess.Popen([sys.executable, "-c", SLOW_SWEEP, str(path)], cwd=ROOT)
    deadline = time.monotonic() + 60
    while len(read_records(path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = len(read_records(path))
    assert 2 <= finished < 500
    with open(path, "ab") as file:
        file.write(b'{"trial": {"norm": "glu')  # what a kill amid a write would leave
    new = []
    sweep(grid(TINY, seed=range(finished + 1)), path, data="synthetic", on_record=new.append)
    assert [record["trial"]["seed"] for record in new] == [finished]
    assert [record["trial"]["seed"] for record in read_records(path)] == list(range(finished + 1))
    assert by_seed(path)[1] == without_times([run(dataclasses.replace(TINY, seed=1))])[0]


def test_two_sweeps_of_one_file_do_not_mix(tmp_path):
    path = tmp_path / "r.jsonl"
    with RecordFile(path, {}) as records:
        records.append({"a": 1})
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            with pytest.raises(BlockingIOError, match="is being written by another process"):
                pool.apply(_open, (os.fspath(path),))
        records.append({"a": 2})
    assert [record["a"] for record in read_records(path)] == [1, 2]


def _open(path):
    with RecordFile(path, {}):
        pass


def test_each_record_knows_its_environment(tmp_path):
    path = tmp_path / "r.jsonl"
    for environment in ({"python": "3.10"}, {"python": "3.10"}, {"python": "3.11"}):
        with RecordFile(path, environment) as records:
            records.append({"accuracy": 0.5})
    assert [record["environment"]["python"] for record in read_records(path)] == [
        *("3.10", "3.10", "3.11")
    ]
    assert len(path.read_text().splitlines()) == 5  # an environment is written where it changes


@pytest.mark.parametrize("line", ["[1, 2]", "{", "\x00", "3"])
def test_a_damaged_line_is_named_and_the_file_left_alone(tmp_path, line):
    path = tmp_path / "r.jsonl"
    path.write_text(f'{{"a": 1}}\n{line}\n{{"a": 2}}\n')
    before = path.read_bytes()
    with pytest.raises(ValueError, match="r.jsonl, line 2: not a record"):
        sweep([TINY], path, data="synthetic")
    assert path.read_bytes() == before


def test_a_file_that_is_not_there_holds_no_records(tmp_path):
    assert read_records(tmp_path / "none.jsonl") == []
