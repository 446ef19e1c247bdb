"""The command train as a user meets it: output, files, Ctrl-C, kill -9, bad arguments."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pty
import re
import resource
import shlex
import signal
import struct
import subprocess
import termios
import time

import matplotlib.image
import pytest
from command_line import SYNTHETIC, command, environment, start
from training_helpers import same, values

import d2l_bn
from d2l_bn.training.checkpoint import Checkpoint

NAME, PREDICT = "d2l-bn train", "d2l-bn predict"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """An uninterrupted run of three epochs: its folder and what it printed, without a terminal."""
    out = tmp_path_factory.mktemp("finished")
    process = start(NAME, *SYNTHETIC, "--epochs", 3, "--out", out)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    return out, stdout, stderr


def weights(out):
    return (out / "lenet.params").read_bytes()


def test_it_prints_plain_lines_where_there_is_no_terminal(finished):
    out, stdout, stderr = finished
    assert stderr == ""
    assert "\r" not in stdout
    assert "\x1b" not in stdout
    lines = stdout.splitlines()
    assert lines[0] == (
        "synthetic garments (NOT Fashion-MNIST), cpu(0), threads: 1 (OMP_NUM_THREADS), "
        "norm batch, lr 1"
    )
    for number, line in enumerate(lines[1:4], start=1):
        assert line.startswith(f"epoch {number}, loss ")
    assert lines[4].startswith("first layer, learned gamma [")
    assert lines[4].count(",") == 6
    assert lines[5].startswith("first layer, learned beta  [")
    assert str(out) in lines[6]
    assert "lesson 06, test time" in lines[7]
    assert lines[8].endswith("examples/sec, synthetic garments (NOT Fashion-MNIST)")
    assert len(lines) == 9


def test_the_metrics_say_what_was_run_and_where(finished):
    out, stdout, _ = finished
    metrics = json.loads((out / "metrics.json").read_text())
    expected = {"network": "lenet", "norm": "batch", "epochs": 3, "lr": 1.0, "seed": 0}
    expected |= {"batch_size": 32, "limit": 300, "examples": 300, "synthetic": True}
    assert metrics["config"].items() >= expected.items()
    for name in ("python", "mxnet", "numpy", "d2l_bn", "device", "processor", "omp_num_threads"):
        assert metrics["environment"][name]
    assert metrics["environment"]["data"] == "synthetic garments (NOT Fashion-MNIST)"
    assert metrics["weights"]["sha256"] == hashlib.sha256(weights(out)).hexdigest()
    history = d2l_bn.History.load(out / "metrics.json")
    assert [str(epoch) for epoch in history.epochs] == stdout.splitlines()[1:4]


def test_the_curve_is_drawn_and_the_weights_give_the_accuracy(finished):
    out, *_ = finished
    picture = matplotlib.image.imread(out / "curve.png")
    assert picture.shape[0] > 300
    assert 0.01 < (picture[..., :3].min(axis=2) < 0.5).mean() < 0.5  # lines and text on white
    assert b"<svg" in (out / "curve.svg").read_bytes()[:1000]
    assert "NOT Fashion-MNIST" in (out / "curve.svg").read_text()
    _, test_iter = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=300)
    net = d2l_bn.lenet()
    net.load_parameters(str(out / "lenet.params"))
    assert (
        d2l_bn.evaluate(net, test_iter)
        == d2l_bn.History.load(out / "metrics.json").last.test_accuracy
    )
    assert {p.name for p in out.iterdir()} == set(FILES)


FILES = ("checkpoint", "curve.png", "curve.svg", "lenet.params", "metrics.json")


@pytest.mark.parametrize(
    "blows, status",
    [
        ([signal.SIGINT, signal.SIGINT], 130),
        ([signal.SIGTERM, signal.SIGINT], 143),
        ([signal.SIGKILL], -signal.SIGKILL),
    ],
)
def test_a_stopped_run_goes_on_to_the_very_weights_of_an_uninterrupted_one(
    blows, status, finished, tmp_path
):
    out = tmp_path / "a folder"  # the command to go on with must quote it
    process = start(NAME, *SYNTHETIC, "--epochs", 3, "--out", out)
    while not process.stdout.readline().startswith("epoch 1,"):
        assert process.poll() is None
    for blow in blows:  # in the second epoch, and while it writes what it has
        process.send_signal(blow)
        time.sleep(0.1)
    _, stderr = process.communicate()
    assert process.returncode == status
    if status > 0:
        assert stderr.count("\n") == 1
        assert len(d2l_bn.History.load(out / "metrics.json")) in (1, 2)
        how = shlex.split(stderr.partition("go on with: ")[2])
        assert Checkpoint.load(out / "checkpoint").parameters.keys()
    else:
        how = command(NAME, *SYNTHETIC, "--epochs", 3, "--out", out, "--resume")
    assert "epoch 3" not in (out / "checkpoint").read_text(errors="ignore")
    done = subprocess.run(how, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "epoch 1," not in done.stdout
    assert "epoch 3," in done.stdout
    assert weights(out) == weights(finished[0])
    assert d2l_bn.History.load(out / "metrics.json") == d2l_bn.History.load(
        finished[0] / "metrics.json"
    )


def test_a_second_process_is_told_at_once_and_spoils_nothing(finished, tmp_path):
    arguments = [NAME, *SYNTHETIC, "--epochs", 3, "--out", tmp_path]
    first = start(*arguments)
    while not first.stdout.readline().startswith("epoch 1,"):
        assert first.poll() is None
    first.send_signal(signal.SIGSTOP)  # it is still there, however quick it is
    for options in (["--lr", 0.5], ["--resume"]):
        second = start(*arguments, *options)
        stdout, stderr = second.communicate()
        assert (second.returncode, stdout) == (1, "")
        assert stderr.endswith(
            f"{tmp_path} is being written by process {first.pid}; wait for it, or name another "
            "one\n"
        )
        assert stderr.count("\n") == 1
    first.send_signal(signal.SIGCONT)
    _, stderr = first.communicate()
    assert (first.returncode, stderr) == (0, "")
    assert weights(tmp_path) == weights(finished[0])
    assert {p.name for p in tmp_path.iterdir()} == set(FILES)


def in_terminal(*arguments):
    """What a terminal gets to see."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))  # rows, columns
    process = start(NAME, *arguments, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:  # the other end was closed
        pass
    os.close(ours)
    assert process.wait() == 0
    return seen.decode()


def test_a_terminal_gets_a_bar_with_loss_and_rate(tmp_path, monkeypatch):
    for name, value in (("MININTERVAL", "0"), ("MINITERS", "1")):  # redrawn whatever the clock says
        monkeypatch.setenv(f"TQDM_{name}", value)
    seen = in_terminal(*SYNTHETIC, "--epochs", 2, "--out", tmp_path)
    for epoch in ("epoch 1/2:   0%", "epoch 1/2: 100%", "epoch 2/2: 100%"):
        assert f"\r{epoch}" in seen
    assert "loss=" in seen
    assert "examples/s" in seen
    assert "\nepoch 1, loss" in seen.replace("\r", "\n")


def test_quiet_is_one_line_even_in_a_terminal(tmp_path):
    seen = in_terminal(*SYNTHETIC, "--epochs", 1, "--quiet", "--out", tmp_path)
    assert seen.count("\n") == 1
    assert seen.startswith("loss ")
    assert "NOT Fashion-MNIST" in seen


def test_divergence_is_one_line_and_keeps_what_was_good(run, tmp_path):
    options = [*SYNTHETIC, "--out", tmp_path, "--norm", "none", "--epochs", 2]
    status, _, err = run(NAME, *options, "--lr", "1e38")
    assert status == 1
    assert err.startswith(f"{NAME}: training diverged: ")
    assert "in epoch 1, batch " in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_old_checkpoint_is_not_taken_for_this_runs(run, tmp_path):
    """Stopped in its first epoch, a new run in the same folder has nothing of its own to keep."""
    assert run(NAME, *SYNTHETIC, "--out", tmp_path, "--epochs", 1)[0] == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    status, _, err = run(NAME, *SYNTHETIC, "--out", tmp_path, "--norm", "none", "--lr", "1e38")
    assert status == 1
    assert "diverged" in err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    status, _, err = run(NAME, *SYNTHETIC, "--out", tmp_path, "--epochs", 2, "--lr", 2, "--resume")
    assert status == 2
    assert "was written with lr=1.0, and this run has lr=2.0" in err
    (tmp_path / "checkpoint").write_bytes(before["checkpoint"][:-3])
    status, _, err = run(NAME, *SYNTHETIC, "--out", tmp_path, "--epochs", 2, "--resume")
    assert (status, err.count("\n")) == (2, 1)
    assert "is damaged" in err


def test_ctrl_c_just_after_a_checkpoint_took_its_name(run, tmp_path, monkeypatch):
    """The file is one epoch ahead of the network: the results must be those of the file."""
    saved = []

    def replace(source, target, original=os.replace):
        original(source, target)
        saved.append(target.name)
        if saved == ["checkpoint"] * 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)
    status, _, err = run(NAME, *SYNTHETIC, "--out", tmp_path, "--epochs", 3)
    assert status == 130
    assert "go on with: " in err
    checkpoint = Checkpoint.load(tmp_path / "checkpoint")
    assert len(checkpoint.history) == 2
    assert d2l_bn.History.load(tmp_path / "metrics.json") == checkpoint.history
    net = d2l_bn.lenet()
    net.load_parameters(str(tmp_path / "lenet.params"))
    assert same(values(net), checkpoint.final)


def test_a_full_disk_is_one_line(run, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        status, _, err = run(NAME, *SYNTHETIC, "--out", tmp_path, "--epochs", 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (status, err.count("\n")) == (1, 1)
    assert err.startswith(f"{NAME}: {tmp_path}") and "File too large" in err
    assert not list(tmp_path.iterdir())


def test_a_reader_who_leaves_ends_no_training(tmp_path):
    """As in ``d2l-bn train | head -1``."""
    process = start(NAME, *SYNTHETIC, "--epochs", 2, "--out", tmp_path)
    process.stdout.readline()
    process.stdout.close()
    assert (process.wait(), process.stderr.read()) == (0, "")
    assert len(d2l_bn.History.load(tmp_path / "metrics.json")) == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_output_that_cannot_be_written_ends_no_training_and_is_told(tmp_path):
    with open("/dev/full", "w") as full:
        process = start(NAME, *SYNTHETIC, "--epochs", 1, "--out", tmp_path, stdout=full)
    _, stderr = process.communicate()
    assert (process.returncode, stderr) == (
        1,
        f"{NAME}: standard output: No space left on device\n",
    )
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)


@pytest.mark.parametrize("script, name", [("train_lenet_bn.py", NAME), ("predict.py", PREDICT)])
def test_the_script_is_the_command_by_another_name(script, name, run):
    (ours, help_, _), (theirs, script_help, _) = run(script, "--help"), run(name, "--help")
    assert ours == theirs == 0
    head = r"\n(?:options|optional arguments):\n"  # the second is Python 3.9's
    assert re.split(head, help_)[1] == re.split(head, script_help)[1]
    assert run(script, "--limit", "0")[2].startswith(f"{script}: ")
