"""``d2l-bn train --workers``: the same training as alone, and a death costs one epoch at most."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from d2l_bn._support.launcher import Member

SETTINGS = "--data synthetic --limit 240 --batch-size 80 --norm sync --lr 0.5".split()


def train(folder, workers, *more, epochs=2):
    command = [sys.executable, "-m", "d2l_bn", "train", *SETTINGS, "--out", str(folder)]
    counts = ["--workers", str(workers), "--epochs", str(epochs)]
    return subprocess.Popen(
        [*command, *counts, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def told(process):
    out, errors = process.communicate()
    return process.returncode, out, errors


def epochs_of(folder):
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["epochs"]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    assert told(train(folder, 1))[0] == 0
    return folder


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_train_as_one(alone, tmp_path, workers):
    status, out, errors = told(train(tmp_path, workers))
    assert status == 0, errors
    assert out.count("\nloss ") == 1  # one of them prints
    for one, many in zip(epochs_of(alone), epochs_of(tmp_path)):
        assert many["loss"] == pytest.approx(one["loss"], rel=1e-3)
        assert abs(many["test_accuracy_population"] - one["test_accuracy_population"]) < 0.1


def test_another_number_of_workers_goes_on(alone, tmp_path):
    assert told(train(tmp_path, 2, epochs=1))[0] == 0
    assert told(train(tmp_path, 3, "--resume"))[0] == 0
    assert epochs_of(tmp_path)[1]["loss"] == pytest.approx(epochs_of(alone)[1]["loss"], rel=1e-3)


def test_a_killed_worker_ends_the_run_in_one_line(tmp_path):
    run = train(tmp_path, 2, epochs=10_000)
    while not (tmp_path / "checkpoint").exists():
        assert run.poll() is None
        time.sleep(0.05)
    victim = next(pid for pid in children(run.pid) if b"D2L_BN_WORKER=1" in environment(pid))
    os.kill(victim, signal.SIGKILL)
    status, _, errors = told(run)
    assert status == 1
    last = errors.strip().splitlines()[-1]
    assert "worker 1 of 2 ended by SIGKILL; the others were stopped; go on" in last
    assert last.endswith("--resume")
    assert (tmp_path / "checkpoint").exists()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return [int(child) for child in listed.read().split()]


def environment(pid):
    with open(f"/proc/{pid}/environ", "rb") as variables:
        return variables.read()


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--hosts", "a,b"], "--hosts is given, and --workers is 1"),
        (["--hosts", "a,,b", "--workers", "2"], "expected names of hosts, such as a,b,user@c"),
        (["--hosts=-oProxyCommand=x", "--workers", "2"], "expected names of hosts"),
    ],
)
def test_what_does_not_go_together(tmp_path, arguments, words):
    command = [sys.executable, "-m", "d2l_bn", "train", "--out", str(tmp_path / "out")]
    refused = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert refused.returncode == 2 and words in refused.stderr
    assert not (tmp_path / "out").exists()


def test_too_many_workers_for_a_batch(tmp_path):
    process = train(tmp_path, 2, "--limit", "81", epochs=1)  # a last batch of one
    status, _, errors = told(process)
    assert status != 0
    assert "a batch has 1 examples for 2 workers; expected one for each" in errors


def test_a_death_is_told_by_its_last_line(tmp_path):
    errors = open(tmp_path / "errors", "w+b")
    errors.write(b"Traceback\nValueError: so it was\n")
    process = subprocess.Popen(["false"])
    process.wait()
    assert Member("worker 1 of 2", process, errors).obituary() == (
        "worker 1 of 2 ended with status 1: ValueError: so it was"
    )
