"""The same seed gives the same weights bit for bit, in another process and after a resume too."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import mxnet as mx
import pytest
from mxnet.gluon import nn
from training_helpers import examples, linear, same, values

from d2l_bn import lenet, load_fashion_mnist, train

# As a user's script would do it. Argument 1: a folder; argument 2: the first epoch, or both.
SCRIPT = """
import hashlib, json, sys
import d2l_bn
from mxnet.gluon import nn

folder, part = sys.argv[1:]

def with_dropout():
    net = d2l_bn.lenet("gluon")
    net.register_child(nn.Dropout(0.5), "dropout")
    net.register_child(nn.Dense(10), "last")  # behind the dropout
    return net

def digest(net):
    parameters = net._collect_params_with_prefix()
    content = b"".join(parameters[name].data().asnumpy().tobytes() for name in sorted(parameters))
    return hashlib.sha256(content).hexdigest()

RUNS = {
    "batch": (lambda: d2l_bn.lenet("batch"), {}),
    "gluon": (lambda: d2l_bn.lenet("gluon"), {"optimizer_params": {"momentum": 0.9}, "lr": 0.1}),
    "dropout": (with_dropout, {"optimizer": "adam", "lr": 0.01, "recalibrate": 1}),
}
results = {}
for name, (build, options) in RUNS.items():
    def run(epochs, **more):
        batches = d2l_bn.load_fashion_mnist(24, data="synthetic", limit=60, seed=2)
        net = build()
        history = d2l_bn.train(net, *batches, epochs=epochs, seed=2, **{**options, **more})
        return [digest(net), history["loss"], history["test_accuracy"]]

    results[name] = run(3)
    checkpoint = f"{folder}/{name}"
    if part == "first":
        run(1, checkpoint=checkpoint)
    else:
        results[f"{name} resumed"] = run(3, checkpoint=checkpoint, resume=True)
print(json.dumps(results))
"""


def python(folder, part):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), part],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_processes_agree_and_a_resumed_run_is_an_uninterrupted_one(tmp_path):
    first, second = python(tmp_path, "first"), python(tmp_path, "second")
    for name, result in first.items():
        assert len(result[1]) == 3
        assert second[name] == result
        assert second[f"{name} resumed"] == result
    assert len({result[0] for result in first.values()}) == 3


@pytest.mark.parametrize(
    "optimizer, parameters",
    [("sgd", {"momentum": 0.9, "wd": 0.01}), ("adam", {}), ("rmsprop", {"centered": True})],
)
def test_the_state_of_the_optimizer_goes_on(optimizer, parameters, tmp_path):
    def run(epochs, net, **more):
        options = {"optimizer": optimizer, "optimizer_params": parameters, **more}
        return train(net, examples(4, 4, 2), epochs=epochs, lr=0.05, **options)

    through, resumed = linear(), linear()
    whole = run(4, through)
    run(2, linear(), checkpoint=tmp_path / "c")
    without_state = linear()
    run(2, without_state)
    assert run(4, resumed, checkpoint=tmp_path / "c", resume=True) == whole
    assert same(values(resumed), values(through))
    run(2, without_state)  # begins with an empty state: the test would see the difference
    assert not same(values(without_state), values(through))


def test_resuming_a_finished_run_gives_it_back(tmp_path):
    net, again = linear(), linear()
    whole = train(net, examples(4), epochs=2, lr=0.5, checkpoint=tmp_path / "c")
    steps = []
    history = train(
        again,
        examples(4),
        epochs=2,
        lr=0.5,
        checkpoint=tmp_path / "c",
        resume=True,
        on_batches=lambda *_: steps.append(1),
    )
    assert history == whole
    assert same(values(again), values(net))
    assert not steps


def test_resuming_without_a_checkpoint_starts_anew_and_not_resuming_replaces_it(tmp_path):
    path = tmp_path / "c"
    first = train(linear(), examples(4), epochs=1, lr=0.5, checkpoint=path, resume=True)
    assert len(first) == 1
    other = train(linear(), examples(4), epochs=1, lr=0.1, checkpoint=path)
    assert other.config["lr"] == 0.1
    resumed = train(linear(), examples(4), epochs=2, lr=0.1, checkpoint=path, resume=True)
    assert resumed.epochs[0] == other.epochs[0]


def test_parts_that_a_kill_left_behind_disturb_nothing(tmp_path):
    path = tmp_path / "c"
    train(linear(), examples(4), epochs=1, lr=0.5, checkpoint=path)
    for name in (".c-abc.part", ".c-def.part"):
        (tmp_path / name).write_bytes(path.read_bytes()[:100])
    resumed, through = linear(), linear()
    train(resumed, examples(4), epochs=2, lr=0.5, checkpoint=path, resume=True)
    train(through, examples(4), epochs=2, lr=0.5)
    assert same(values(resumed), values(through))


def test_a_configuration_with_a_tuple_can_be_resumed(tmp_path):
    """JSON gives a list back."""
    options = {"lr": 0.5, "checkpoint": tmp_path / "c", "config": {"sizes": (1, 2)}}
    train(linear(), examples(4), epochs=1, **options)
    history = train(linear(), examples(4), epochs=2, resume=True, **options)
    assert history.config["sizes"] == [1, 2]


def test_dropout_is_drawn_anew_in_each_epoch_and_the_same_in_each_run():
    masks = []

    class Watch(nn.Block):
        def forward(self, X):
            if mx.autograd.is_training():
                masks.append((X != 0).asnumpy().tobytes())
            return X

    for _ in range(2):
        net = nn.Sequential()
        net.add(nn.Dense(50, activation="sigmoid"), nn.Dropout(0.5), Watch(), nn.Dense(3))
        mx.np.random.uniform(size=(3,))  # whatever was drawn before
        train(net, examples(4), epochs=2, lr=0.1)
    assert masks[:2] == masks[2:]
    assert masks[0] != masks[1]


def test_recalibration_does_not_change_the_course_of_training():
    runs = []
    for recalibrate in (False, 2):
        net = lenet()
        history = train(
            net,
            *load_fashion_mnist(16, data="synthetic", limit=64),
            epochs=2,
            recalibrate=recalibrate,
        )
        accuracies = history["test_accuracy_moving"]
        runs.append((history["loss"], accuracies, values(net)["dense1.weight"]))
    assert runs[0][:2] == runs[1][:2]
    assert (runs[0][2] == runs[1][2]).all()
