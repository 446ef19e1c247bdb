"""The sweep at the command line: what it runs, says and leaves behind."""

from __future__ import annotations

import dataclasses

import pytest
from command_line import InProcess

from d2l_bn.experiments import studies
from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.trial import Trial, grid


@pytest.fixture
def study(monkeypatch):
    tiny = Trial(examples=5000, epochs=2)
    made = studies.Study("Does it train?", grid(tiny, norm=(None, "gluon")))
    monkeypatch.setitem(studies.STUDIES, "tiny", made)
    return made


@pytest.fixture
def sweep(monkeypatch, capsys):
    run = InProcess(monkeypatch, capsys)
    return lambda *arguments: run(
        *("sweep.py", "tiny", "--data", "synthetic", "--limit", "64"), *arguments
    )


def test_small_runs_go_to_a_folder_of_their_own(study, sweep, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, output, errors = sweep()
    assert status == 0 and "Does it train?" in output and "2 runs, 0 diverged" in output
    records = read_records("out/sweeps/tiny.jsonl")
    assert [record["trial"]["norm"] for record in records] == [None, "gluon"]
    assert {record["trial"]["examples"] for record in records} == {64}
    assert {record["trial"]["epochs"] for record in records} == {1}
    assert "left" in errors  # the bar with the time left


def test_a_second_call_runs_only_what_is_missing(study, sweep, tmp_path):
    sweep("--out", tmp_path)
    content = (tmp_path / "tiny.jsonl").read_bytes()
    study.trials.append(dataclasses.replace(study.trials[0], seed=1))
    status, output, _ = sweep("--out", tmp_path)
    assert status == 0 and "3 runs" in output
    assert (tmp_path / "tiny.jsonl").read_bytes().startswith(content)
    assert len(read_records(tmp_path / "tiny.jsonl")) == 3


def test_a_damaged_file_ends_it_with_one_line(study, sweep, tmp_path):
    (tmp_path / "tiny.jsonl").write_text("{\n")
    status, _, errors = sweep("--out", tmp_path)
    assert status == 1 and "tiny.jsonl, line 1: not a record" in errors
    assert "Traceback" not in errors


def test_every_study_has_three_seeds_of_each_configuration():
    for name, study in studies.STUDIES.items():
        settings = {}
        for trial in study.trials:
            key = str(dataclasses.replace(trial, seed=0))
            settings.setdefault(key, set()).add(trial.seed)
        assert all(len(seeds) >= 3 for seeds in settings.values()), name
        assert len(set(map(str, study.trials))) == len(study.trials), name
