"""scripts/run_chapter.py: every run once, wherever it was stopped."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import d2l_bn

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import run_chapter  # noqa: E402

SMALL = ["--epochs", "2", "--data", "synthetic", "--limit", "40", "--quiet"]


@pytest.fixture
def arguments(tmp_path):
    return [*SMALL, "--out", str(tmp_path / "chapter.json"), "--work", str(tmp_path / "work")]


def runs_in(path):
    configs = [run["config"] for run in json.loads(path.read_text())["runs"]]
    return [(config["norm"], config["lr"], config["seed"]) for config in configs]


def without_times(path):
    runs = json.loads(path.read_text())["runs"]
    return [d2l_bn.History.from_dict(run) for run in runs]


def test_a_stop_loses_nothing_that_was_finished(arguments, tmp_path, monkeypatch, capsys):
    out = tmp_path / "chapter.json"
    train, started = d2l_bn.train, []

    def stopped_in_the_third_run(net, *data, on_epoch, **options):
        started.append(options["seed"])

        def stop(history):
            if len(started) == 3:
                raise KeyboardInterrupt
            on_epoch(history)

        return train(net, *data, on_epoch=stop, **options)

    monkeypatch.setattr(d2l_bn, "train", stopped_in_the_third_run)
    assert run_chapter.main(arguments) == 130
    assert runs_in(out) == run_chapter.RUNS[:2]

    epochs_trained = []

    def counted(net, *data, on_epoch, **options):
        def count(history):
            epochs_trained.append((options["config"]["norm"], options["seed"], len(history)))
            on_epoch(history)

        return train(net, *data, on_epoch=count, **options)

    monkeypatch.setattr(d2l_bn, "train", counted)
    assert run_chapter.main(arguments) == 0
    assert runs_in(out) == run_chapter.RUNS
    assert epochs_trained[0] == ("batch", 2, 2)  # the third run goes on with its second epoch
    assert len(epochs_trained) == 1 + 2 * 2

    resumed = without_times(out)
    monkeypatch.setattr(d2l_bn, "train", train)
    fresh = [*SMALL, "--out", str(tmp_path / "b.json"), "--work", str(tmp_path / "b")]
    assert run_chapter.main(fresh) == 0
    assert without_times(tmp_path / "b.json") == resumed
    assert "| norm none, lr 0.9, seed 0 | 2 |" in capsys.readouterr().out

    shutil.rmtree(tmp_path / "b")  # what is in the results file needs no checkpoint
    assert run_chapter.main(fresh) == 0
    assert not (tmp_path / "b").exists()


def test_a_file_of_other_settings_is_refused_and_kept(arguments, tmp_path, capsys, monkeypatch):
    out = tmp_path / "chapter.json"
    monkeypatch.setattr(run_chapter, "RUNS", run_chapter.RUNS[-1:])
    assert run_chapter.main(arguments) == 0
    before = out.read_bytes()
    capsys.readouterr()
    assert run_chapter.main([*arguments, "--epochs", "3"]) == 1
    assert "(2, 40, True), and this is (3, 40, True)" in capsys.readouterr().err
    assert out.read_bytes() == before


def test_as_a_user_runs_it(tmp_path):
    command = [sys.executable, str(SCRIPTS / "run_chapter.py"), "--epochs", "0"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "--epochs" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_recorded_results_are_the_chapters_and_reach_its_numbers():
    saved = json.loads((SCRIPTS.parent / "results" / "chapter.json").read_text())
    histories = [d2l_bn.History.from_dict(run) for run in saved["runs"]]
    assert [tuple(h.config[n] for n in ("norm", "lr", "seed")) for h in histories] == [
        ("batch", 1.0, 0),
        ("batch", 1.0, 1),
        ("batch", 1.0, 2),
        ("gluon", 1.0, 0),
        ("none", 0.9, 0),
    ]
    for history in histories:
        assert (len(history), history.config["batch_size"]) == (5, 256)
        assert (history.config["examples"], history.config["synthetic"]) == (60_000, False)
    for history in histories[:3]:
        assert history.last.loss <= 0.325 and history.last.train_accuracy >= 0.882
