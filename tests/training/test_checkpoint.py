"""Checkpoints: exact, whole or not there, and never loaded when a single byte is wrong."""

from __future__ import annotations

import multiprocessing
import random
import time

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn import History, load_weights, save_weights
from d2l_bn.training.checkpoint import FORMAT, Checkpoint, CheckpointError
from d2l_bn.training.history import Epoch


def small_net(units=3, dtype="float32"):
    net = nn.Sequential(prefix="small_")
    net.add(nn.Dense(units, in_units=2, prefix="dense_"))
    net.initialize(mx.init.Normal(1))
    net.cast(dtype)
    return net


def trainer_of(net):
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.1}, kvstore=None)
    step(net, trainer)
    return trainer


def step(net, trainer):
    with autograd.record():
        loss = (net(np.array([[1.0, 2.0], [3.0, -1.0]])) ** 2).sum()
    loss.backward()
    trainer.step(2)


def history():
    return History({"lr": 0.1}, {}, [Epoch(1, 0.5, 0.8, None, 1.0, 2.0)])


def values(net):
    return {n: p.data().asnumpy() for n, p in net._collect_params_with_prefix().items()}


def same(one, other):
    return one.keys() == other.keys() and all((one[n] == other[n]).all() for n in one)


@pytest.fixture
def saved(tmp_path):
    net = small_net()
    Checkpoint.of(net, trainer_of(net), history()).save(tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def test_going_on_from_the_file_is_going_on(tmp_path):
    net = small_net()
    trainer = trainer_of(net)
    Checkpoint.of(net, trainer, history()).save(tmp_path / "checkpoint")
    step(net, trainer)
    other = small_net()
    other_trainer = gluon.Trainer(other.collect_params(), "adam", kvstore=None)
    loaded = Checkpoint.load(tmp_path / "checkpoint")
    loaded.restore(other, other_trainer)
    step(other, other_trainer)
    assert same(values(net), values(other))
    assert loaded.history == history()


def test_a_checkpoint_is_a_moment_not_a_view():
    net, record = small_net(), history()
    trainer = trainer_of(net)
    before = values(net)
    checkpoint = Checkpoint.of(net, trainer, record)
    step(net, trainer)
    record.epochs.clear()
    assert not same(values(net), before)
    assert same(checkpoint.parameters, before)
    assert checkpoint.history == history()
    checkpoint.restore(net)  # without a trainer: the parameters alone
    assert same(values(net), before)


def test_a_flipped_bit_is_noticed_wherever_it_is(saved):
    content = saved.read_bytes()
    chosen = random.Random(0)
    everywhere = [*range(200), *range(200, len(content), 4), len(content) - 1]
    for position in everywhere:  # every byte of the header, every fourth of the rest
        damaged = bytearray(content)
        damaged[position] ^= 1 << chosen.randrange(8)
        saved.write_bytes(damaged)
        with pytest.raises(CheckpointError):
            Checkpoint.load(saved)
    saved.write_bytes(content)
    Checkpoint.load(saved)


def test_a_space_that_became_a_tab_is_noticed(saved):
    """It would still be the same JSON."""
    saved.write_bytes(saved.read_bytes().replace(b" ", b"\t", 1))
    with pytest.raises(CheckpointError):
        Checkpoint.load(saved)


def test_a_file_cut_short_or_with_more_behind_it_is_noticed(saved):
    content = saved.read_bytes()
    for part in [content[:size] for size in range(0, len(content), 7)] + [content + b"\0"]:
        saved.write_bytes(part)
        with pytest.raises(CheckpointError, match="delete it to start anew"):
            Checkpoint.load(saved)


def test_another_file_is_refused_by_name(saved, tmp_path):
    small_net().save_parameters(str(tmp_path / "w.params"))
    numpy.savez(tmp_path / "a.npz", x=numpy.ones(3))
    (tmp_path / "list.json").write_text('["format"]\n')
    for name in ("w.params", "a.npz", "list.json"):
        with pytest.raises(CheckpointError, match=f"{name} is not a checkpoint of d2l_bn"):
            Checkpoint.load(tmp_path / name)
    newer = saved.read_bytes().replace(FORMAT.encode(), b"d2l_bn checkpoint 9", 1)
    saved.write_bytes(newer)
    with pytest.raises(CheckpointError, match="'d2l_bn checkpoint 9', expected"):
        Checkpoint.load(saved)
    with pytest.raises(FileNotFoundError):
        Checkpoint.load(tmp_path / "nothing")


def nested_net():
    net = nn.Sequential()
    net.add(small_net())
    return net


@pytest.mark.parametrize(
    "build", [lambda: small_net(4), lambda: small_net(dtype="float64"), nested_net]
)
def test_another_network_is_refused_and_stays_as_it_was(build, saved):
    net = build()
    before = values(net)
    with pytest.raises(CheckpointError, match="of another network"):
        Checkpoint.load(saved).restore(net)
    assert same(values(net), before)


def test_a_network_that_knows_its_sizes_later_can_be_checked_and_restored(saved):
    net = nn.Sequential(prefix="small_")
    net.add(nn.Dense(3, prefix="dense_"))  # the number of inputs is not known yet
    checkpoint = Checkpoint.load(saved)
    checkpoint.check(net)
    net.initialize()
    checkpoint.restore(net)
    net(np.ones((1, 2)))
    assert same(values(net), checkpoint.parameters)


def save_forever(path, parameters, ready):
    state = bytes(range(256)) * 4000
    number = 0
    while True:
        number += 1
        values = {name: numpy.full_like(array, number) for name, array in parameters.items()}
        record = History({"number": number})
        Checkpoint(values, state, record).save(path)
        ready.set()


def test_kill_minus_9_at_any_moment_leaves_a_checkpoint_that_loads(tmp_path):
    fork = multiprocessing.get_context("fork")  # NumPy and files only: MXNet is not called there
    path = tmp_path / "checkpoint"
    parameters = {"weight": numpy.zeros((200, 1000), "float32"), "bias": numpy.zeros(5, "float32")}
    moments = random.Random(0)
    for _ in range(10):
        ready = fork.Event()
        process = fork.Process(target=save_forever, args=(path, parameters, ready))
        process.start()
        assert ready.wait(30)
        time.sleep(moments.uniform(0, 0.05))
        process.kill()
        process.join()
        loaded = Checkpoint.load(path)  # all of one moment
        for array in loaded.parameters.values():
            assert (array == loaded.history.config["number"]).all()
    left = [p for p in tmp_path.iterdir() if p != path]
    assert left, "no kill hit a saving"
    for part in left:  # a part is never taken for a checkpoint, unless it is a whole one
        try:
            Checkpoint.load(part)
        except CheckpointError:
            pass


def test_weights_are_checked_against_their_checksum(tmp_path):
    net, path = small_net(), tmp_path / "w.params"
    digest = save_weights(net, path)
    fresh = small_net()
    load_weights(fresh, path, sha256=digest)
    assert same(values(fresh), values(net))
    content = path.read_bytes()
    before = values(fresh)
    for position in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[position] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="checksum"):
            load_weights(fresh, path, sha256=digest)
    assert same(values(fresh), before)


def test_what_is_no_file_of_weights_or_of_another_network_is_refused(saved, tmp_path):
    net = small_net()
    before = values(net)
    (tmp_path / "empty").write_bytes(b"")
    mx.npx.save(str(tmp_path / "arrays"), [np.ones(3)])  # without names
    for name in ("empty", "arrays", "checkpoint"):
        with pytest.raises(CheckpointError, match=f"{name} is not a file of weights"):
            load_weights(net, tmp_path / name)
    save_weights(small_net(5), tmp_path / "other.params")
    with pytest.raises(CheckpointError, match="another network: 0.weight is float32 .5, 2. there"):
        load_weights(net, tmp_path / "other.params")
    with pytest.raises(FileNotFoundError):
        load_weights(net, tmp_path / "nothing")
    assert same(values(net), before)
