"""Running a study: each run once, whatever stopped it; drawn data never pass for the real ones."""

from __future__ import annotations

import dataclasses
import shutil
import signal
import subprocess
import sys
import time

import pytest
from command_line import ROOT

from d2l_bn.data.fashion_mnist import DataError
from d2l_bn.experiments import results_folder, runner
from d2l_bn.experiments.lenet_training import lenet_case, train_lenet
from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.runner import MADE_DATA, REAL_DATA, SYNTHETIC_DATA, run_study
from d2l_bn.experiments.study import FINISHED, Study, grid

TINY = lenet_case(examples=130, test_examples=100, epochs=1)
SLOW = """
import sys
from d2l_bn.experiments.lenet_training import lenet_case, train_lenet
from d2l_bn.experiments.runner import run_study
from d2l_bn.experiments.study import Study
case = lenet_case(examples=130, test_examples=100, epochs=1)
study = Study("slow", "?", [case], train_lenet, seeds=tuple(range(500)))
run_study(study, sys.argv[1], data="synthetic")
"""


@pytest.fixture
def made():
    """The runs that were made, as (case, seed, data)."""
    return []


@pytest.fixture
def study(made):
    def run(case, seed, data):
        made.append((case, seed, data))
        return FINISHED, {"loss_by_epoch": [1.0 / (1 + seed)]}

    cases = grid({"examples": 5000, "epochs": 3}, lr=(0.1, 1.0))
    return Study("tiny", "Does it run?", cases, run, seeds=(0, 1))


@pytest.fixture
def real(monkeypatch):
    """As if the data of ``auto`` were at hand."""
    monkeypatch.setattr(
        runner, "name_of_data", lambda data: SYNTHETIC_DATA if data == "synthetic" else REAL_DATA
    )


def without_times(path):
    records = sorted(read_records(path), key=lambda record: record["seed"])
    for record in records:
        del record["seconds"], record["environment"], record["measures"]["seconds_by_epoch"]
    return records


def test_a_record_says_all_that_it_depends_on(study, made, tmp_path):
    told = []
    path = run_study(study, tmp_path, data="synthetic", on_plan=lambda *n: told.append(n))
    assert told == [(4, 4)] and path == tmp_path / "tiny.jsonl"
    records = read_records(path)
    assert [(r["case"]["lr"], r["seed"]) for r in records] == [(0.1, 0), (1.0, 0), (0.1, 1), (1, 1)]
    for record in records:
        assert (record["study"], record["size"], record["data"]) == ("tiny", "full", SYNTHETIC_DATA)
        assert record["outcome"] == FINISHED and record["environment"]["mxnet"]


def test_what_is_there_is_not_run_again_and_what_is_missing_is(study, made, tmp_path):
    for seeds, runs in (((0,), 2), ((0,), 2), ((0, 1), 4), ((0, 1), 4)):
        run_study(study, tmp_path, data="synthetic", seeds=seeds)
        assert len(made) == len(read_records(tmp_path / "tiny.jsonl")) == runs


def test_small_runs_are_other_runs(study, made, tmp_path):
    for _ in range(2):
        run_study(study, tmp_path, data="synthetic", seeds=[0])
        run_study(study, tmp_path, data="synthetic", seeds=[0], examples=50)
    assert [(case["examples"], case["epochs"]) for case, _, _ in made] == [
        *((5000, 3), (5000, 3)),
        *((50, 1), (50, 1)),
    ]
    assert [r["size"] for r in read_records(tmp_path / "tiny.jsonl")] == ["full"] * 2 + [
        "small"
    ] * 2


def test_the_data_are_part_of_what_tells_a_run(study, made, tmp_path, real):
    for data in ("synthetic", "auto", "synthetic", "auto"):
        run_study(study, tmp_path, data=data, seeds=[0])
    assert [data for _, _, data in made] == ["synthetic"] * 2 + ["auto"] * 2
    names = [record["data"] for record in read_records(tmp_path / "tiny.jsonl")]
    assert names == [SYNTHETIC_DATA] * 2 + [REAL_DATA] * 2


def test_a_study_that_makes_its_data_reads_no_images(study, made, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "load_fashion_mnist", None)
    monkeypatch.setattr(runner, "checkout_results", lambda: tmp_path / "results")
    own = dataclasses.replace(study, makes_data=True)
    assert run_study(own, seeds=[0]) == tmp_path / "results" / "tiny.jsonl"
    records = read_records(tmp_path / "results" / "tiny.jsonl")
    assert {record["data"] for record in records} == {MADE_DATA} and len(made) == 2


def test_a_folder_that_holds_something_else_is_refused_before_any_work(study, made, tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(DataError):
        run_study(study, tmp_path / "out", data=str(tmp_path / "data"))
    with pytest.raises(ValueError, match="nor an existing folder"):
        run_study(study, tmp_path / "out", data=str(tmp_path / "nowhere"))
    assert not made and not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [{"data": "synthetic"}, {"examples": 10}])
@pytest.mark.parametrize("below", [".", "below"])
def test_drawn_data_and_small_runs_never_go_where_results_are_kept(
    study, made, tmp_path, monkeypatch, real, options, below
):
    kept = results_folder.checkout_results()
    for out in (kept / below, tmp_path / "named" / below):
        monkeypatch.setenv("D2L_BN_RESULTS", str(tmp_path / "named"))
        if kept in (out, *out.parents):
            monkeypatch.delenv("D2L_BN_RESULTS")
        with pytest.raises(ValueError, match="where results are kept"):
            run_study(study, out, **options)
    monkeypatch.chdir(tmp_path)
    path = run_study(study, **options)
    assert path.resolve() == tmp_path / "out" / "studies" / "tiny.jsonl"
    assert len(made) == 4 and not (kept / "tiny.jsonl").exists()


def test_full_runs_on_real_data_are_kept(study, monkeypatch, tmp_path, real):
    monkeypatch.setattr(runner, "checkout_results", lambda: tmp_path / "results")
    assert run_study(study) == tmp_path / "results" / "tiny.jsonl"


def test_two_processes_come_to_the_same_records_as_one(tmp_path):
    study = Study("two", "?", [TINY], train_lenet)
    one = run_study(study, tmp_path / "one", data="synthetic")
    two = run_study(study, tmp_path / "two", data="synthetic", workers=2)
    assert without_times(one) == without_times(two)


def test_the_command_takes_a_process_for_each_core(run, tmp_path, monkeypatch):
    asked = []

    def noted(study, out, *, workers, **options):
        asked.append(workers)
        path = tmp_path / "none.jsonl"
        path.touch()
        return path

    monkeypatch.setattr("d2l_bn.commands.run.available", lambda: 3)
    monkeypatch.setattr("d2l_bn.experiments.runner.run_study", noted)
    for options in ((), ("--workers", 2)):
        assert run("d2l-bn run", "last_batch", *options)[0] == 0
    assert asked == [3, 2]


def test_one_run_needs_no_other_process(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "ProcessPoolExecutor", lambda *_, **__: pytest.fail("started"))
    study = Study("alone", "?", [TINY], train_lenet, seeds=(1,))
    for made in (1, 0):
        new = []
        run_study(study, tmp_path, data="synthetic", workers=3, on_record=new.append)
        assert len(new) == made


def test_a_killed_study_goes_on_where_it_was(tmp_path):
    path = tmp_path / "slow.jsonl"
    process = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path)], cwd=ROOT)
    deadline = time.monotonic() + 60
    while len(read_records(path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = len(read_records(path))
    assert 2 <= finished < 500
    with open(path, "ab") as file:
        file.write(b'{"study": "sl')  # what a kill amid a write would leave
    new, study = [], Study("slow", "?", [TINY], train_lenet, seeds=tuple(range(finished + 1)))
    run_study(study, tmp_path, data="synthetic", on_record=new.append)
    assert [record["seed"] for record in new] == [finished]
    assert [record["seed"] for record in read_records(path)] == list(range(finished + 1))
    alone = run_study(study, tmp_path / "alone", data="synthetic", seeds=[1])
    assert without_times(path)[1] == without_times(alone)[0]


def test_the_command_runs_lists_and_refuses(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ("--examples", 60, "--data", "synthetic", "--seeds", 7)
    status, out, _ = run("d2l-bn run", "last_batch", *small)
    assert status == 0 and "out/studies/last_batch.jsonl: 1 runs, 0 diverged" in out
    before = (tmp_path / "out/studies/last_batch.jsonl").read_bytes()
    assert run("d2l-bn run", "last_batch", *small)[0] == 0
    assert (tmp_path / "out/studies/last_batch.jsonl").read_bytes() == before
    status, out, _ = run("d2l-bn run")
    assert status == 0 and "last_batch               3 of   3 runs" in out
    kept = results_folder.checkout_results()
    status, _, err = run("d2l-bn run", "last_batch", *small, "--out", kept)
    assert status == 2 and "where results are kept" in err
    shutil.rmtree(tmp_path / "out")
