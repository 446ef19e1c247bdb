"""Workers: sums, their gradients, synchronized moments against one big batch, and deaths."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy
import pytest
from mxnet import autograd, np

from d2l_bn import BatchNorm
from d2l_bn._support.command_line import Failure
from d2l_bn._support.launcher import launch
from d2l_bn.norms.ghost_batch import GhostBatchNorm
from d2l_bn.norms.sync_batch import SyncBatchNorm, sync_moments
from d2l_bn.training.together import Together
from d2l_bn.workers.group import Group, all_sum

HERE = Path(__file__).parent
PROGRAM = HERE / "worker_program.py"


def workers(number, task, *arguments, hosts=()):
    launch([sys.executable, str(PROGRAM), task, *map(str, arguments)], number, hosts)


class Fake(Group):
    """Workers that have had their say: what the others bring is known."""

    rank, size = 0, 2

    def __init__(self, others):
        self.others = others

    def sum(self, name, X):
        return X + self.others[name]


def test_the_gradient_of_a_sum_is_the_sum_of_the_gradients():
    group = Fake({"a": 10.0, "a/gradient": 100.0})
    X = np.array([1.0, 2.0])
    X.attach_grad()
    with autograd.record():
        Y = all_sum("a", X, group)
        loss = (Y * np.array([3.0, 4.0])).sum()
    loss.backward()
    assert Y.tolist() == [11.0, 12.0] and X.grad.tolist() == [103.0, 104.0]


@pytest.mark.parametrize("mean", [0.0, 1e4])
def test_moments_of_parts_are_those_of_the_whole(mean):
    whole = numpy.random.default_rng(0).normal(mean, 2, (7, 3, 5, 4)).astype("float32")
    parts = whole[:2], whole[2:]  # of different size
    sums = [{}, {}]
    for _ in range(3):  # once for each name, and once with both
        results = []
        for me, other in ((0, 1), (1, 0)):

            def total(name, X, me=me, other=other):
                sums[me][name] = X
                return X + sums[other].get(name, 0.0)

            results.append(sync_moments(np.array(parts[me]), (0, 2, 3), total))
    exact = whole.astype("float64")
    for _, _, mu, var in results:
        numpy.testing.assert_allclose(
            mu.asnumpy(), exact.mean((0, 2, 3), keepdims=True), 1e-6, 1e-6
        )
        numpy.testing.assert_allclose(var.asnumpy(), exact.var((0, 2, 3), keepdims=True), 1e-5)


def test_alone_it_is_batch_normalization():
    X, dY = (np.random.normal(3, 2, (8, 3, 4, 4)) for _ in range(2))
    answers = []
    for layer in (BatchNorm(3, 4), SyncBatchNorm(3, 4)):
        layer.initialize()
        X.attach_grad()
        with autograd.record():
            Y = layer(X)
        Y.backward(dY)
        answers.append((Y, X.grad.copy(), layer.gamma.grad(), layer.moving_var.data()))
    for one, other in zip(*answers):
        numpy.testing.assert_allclose(one.asnumpy(), other.asnumpy(), 1e-5, 1e-5)


@pytest.mark.parametrize("number", [2, 3])
def test_workers_with_synchronized_moments_are_one_big_batch(number):
    workers(number, "one_big_batch")


def test_workers_with_their_own_moments_are_a_ghost_batch_norm():
    """What each device's own statistics do can therefore be studied in one process."""
    batch = np.random.normal(0, 1, (6, 2))
    ghost = GhostBatchNorm(2, ghost_size=3)
    ghost.initialize()
    with autograd.train_mode():
        whole = ghost(np.concatenate([X for X, _ in parts(batch)]))
        for rank, (X, _) in enumerate(parts(batch)):
            layer = BatchNorm(2, 2)
            layer.initialize()
            numpy.testing.assert_allclose(
                layer(X).asnumpy(), whole[3 * rank : 3 * rank + 3].asnumpy(), 1e-4, 1e-5
            )


def parts(X):
    groups = Fake({}), Fake({})
    groups[1].rank = 1
    return [Together(None, group).part((X, np.arange(len(X)))) for group in groups]


def test_parts_are_the_batch_once():
    labels = [y.tolist() for _, y in parts(np.zeros((5, 1)))]
    assert labels == [[0, 2, 4], [1, 3]]


def test_a_batch_too_small_for_the_workers_is_refused():
    with pytest.raises(ValueError, match="a batch has 1 examples for 2 workers; expected one"):
        parts(np.zeros((1, 1)))


def test_a_pushed_array_stays_what_it_is():
    workers(2, "keeps_its_input")


@pytest.mark.parametrize(
    "task, words",
    [
        ("killed", "worker 1 of 3 ended by SIGKILL; the others were stopped"),
        ("raises", "worker 1 of 3 ended with status 1: ValueError: broken on purpose; the others"),
    ],
)
def test_a_death_ends_the_group(task, words):
    with pytest.raises(Failure) as failure:
        workers(3, task)
    assert words in str(failure.value)


def test_no_process_outlives_a_killed_launcher(tmp_path):
    started = tmp_path / "started"
    code = f"import sys; sys.path.insert(0, {str(HERE)!r})\nimport test_group\n"
    code += f"test_group.workers(2, 'sleeps', {str(started)!r})"
    launcher = subprocess.Popen([sys.executable, "-c", code], cwd=HERE)
    while not started.exists() or len(started.read_text().split()) < 2:
        assert launcher.poll() is None
        time.sleep(0.05)
    launcher.kill()
    launcher.wait()
    pids = [int(pid) for pid in started.read_text().split()]
    while any(alive(pid) for pid in pids):  # the test's own time limit ends it
        time.sleep(0.05)


def alive(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    """Puts a stand-in for ssh on the path: ``ssh -tt -o BatchMode=yes HOST COMMAND``."""

    def stand_in(script):
        (tmp_path / "ssh").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "ssh").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return stand_in


EMPTY = 'env -i PATH="$PATH" HOME="$HOME" sh -c "$5"'  # another host knows nothing of this one


def test_other_hosts_are_reached_by_ssh(ssh, tmp_path):
    ssh(f'echo "$4" >>{tmp_path / "log"}\nexec {EMPTY}')
    workers(2, "keeps_its_input", hosts=("localhost", "127.0.0.1"))
    assert sorted((tmp_path / "log").read_text().split()) == ["127.0.0.1", "localhost"]


@pytest.fixture
def far_host():
    """The address of a network namespace: a host whose loopback is not ours."""
    name, here, there = f"d2lbn{os.getpid()}", "10.213.77.1", "10.213.77.2"
    inside = ["ip", "netns", "exec", name]
    commands = [
        ["ip", "netns", "add", name],
        ["ip", "link", "add", f"{name}a", "type", "veth", "peer", "name", "far0", "netns", name],
        ["ip", "address", "add", f"{here}/30", "dev", f"{name}a"],
        ["ip", "link", "set", f"{name}a", "up"],
        [*inside, "ip", "address", "add", f"{there}/30", "dev", "far0"],
        [*inside, "ip", "link", "set", "far0", "up"],
        [*inside, "ip", "link", "set", "lo", "up"],  # a worker also talks to itself
    ]
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
        yield name, there
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("network namespaces need Linux, iproute2 and root")
    finally:
        with contextlib.suppress(OSError):
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def test_workers_on_another_network(ssh, far_host):
    name, address = far_host
    ssh(f"exec ip netns exec {name} {EMPTY}")
    workers(2, "keeps_its_input", hosts=(address,))


def test_a_worker_that_nobody_answers_gives_up():
    with socket.socket() as silent:  # bound, and never listening
        silent.bind(("127.0.0.1", 0))
        root = {"DMLC_PS_ROOT_URI": "127.0.0.1", "DMLC_PS_ROOT_PORT": str(silent.getsockname()[1])}
        counts = {"DMLC_NUM_WORKER": "2", "DMLC_NUM_SERVER": "1", "DMLC_ROLE": "worker"}
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), "lonely"],
            env={**os.environ, **root, **counts},
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 1
    assert "the other workers did not come together at 127.0.0.1:" in ended.stderr


def test_a_host_that_nobody_knows():
    with pytest.raises(Failure, match="--hosts nobody.invalid: "):
        workers(1, "keeps_its_input", hosts=("nobody.invalid",))
