"""Checkpoints: exact, whole or not there, and never loaded when a single byte is wrong."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import multiprocessing
import pickle
import random
import time

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn import History, save_weights
from d2l_bn._support.array_file import decode, encode
from d2l_bn.training.checkpoint import Checkpoint, CheckpointError
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


def test_a_file_cut_short_or_with_more_behind_it_is_noticed(saved):
    content = saved.read_bytes()
    for part in [content[:size] for size in range(0, len(content), 7)] + [content + b"\0"]:
        saved.write_bytes(part)
        with pytest.raises(CheckpointError, match="delete it to start anew"):
            Checkpoint.load(saved)


def test_another_file_is_refused_by_name(saved, tmp_path):
    small_net().save_parameters(str(tmp_path / "plain.params"))
    save_weights(small_net(), tmp_path / "w.params")
    numpy.savez(tmp_path / "a.npz", x=numpy.ones(3))
    (tmp_path / "empty").write_bytes(b"")
    for name in ("plain.params", "w.params", "a.npz", "empty"):
        with pytest.raises(CheckpointError, match=f"{name} is .*not a checkpoint of d2l_bn"):
            Checkpoint.load(tmp_path / name)
    arrays, kind = decode(saved.read_bytes())
    assert kind == "checkpoint 3"
    saved.write_bytes(encode(arrays, "checkpoint 9"))
    with pytest.raises(CheckpointError, match="is of kind 'checkpoint 9', expected 'checkpoint 3'"):
        Checkpoint.load(saved)
    with pytest.raises(FileNotFoundError):
        Checkpoint.load(tmp_path / "nothing")


def json_array(text):
    return numpy.frombuffer(text.encode(), "uint8")


EPOCH = (
    '{"number": 1, "loss": %s, "train_accuracy": 0, "test_accuracy_moving": null, "seconds": 1, %s}'
)
WRONG_CONTENTS = {
    "no history": {"history": None},
    "no json": {"history": json_array("{")},
    "nested without end": {"history": json_array("[" * 100_000)},
    "a list": {"history": json_array("[]")},
    "no epochs": {"history": json_array('{"config": {}}')},
    "an epoch of words": {
        "history": json_array(
            '{"config": {}, "epochs": [' + EPOCH % ('"low"', '"examples_per_second": 1') + "]}"
        )
    },
    "an unknown column": {
        "history": json_array('{"config": {}, "epochs": [' + EPOCH % (1, '"system": 1') + "]}")
    },
    "a best epoch that is not there": {
        "history": json_array('{"config": {}, "epochs": [], "best_epoch": 3}')
    },
    "a best epoch without weights": {
        "history": json_array('{"config": {}, "epochs": [], "best_epoch": 1}')
    },
    "another group": {"code:x": numpy.ones(1)},
}


@pytest.mark.parametrize("change", WRONG_CONTENTS.values(), ids=WRONG_CONTENTS.keys())
def test_a_right_checksum_over_a_wrong_content_is_refused(change, saved):
    arrays = {**decode(saved.read_bytes())[0], **change}
    saved.write_bytes(encode({n: a for n, a in arrays.items() if a is not None}, "checkpoint 3"))
    with pytest.raises(CheckpointError, match="is no checkpoint of a run: .*delete it to start"):
        Checkpoint.load(saved)


class Payload:
    """What pickle would run on loading: it makes a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_nothing_in_a_checkpoint_is_ever_run(saved, tmp_path):
    """The first format kept the trainer's state as a pickle, and its checksum is no seal."""
    ran = tmp_path / "ran"
    code = pickle.dumps(Payload(ran))
    archive = io.BytesIO()
    numpy.savez(
        archive,
        history=json_array('{"config": {}, "epochs": []}'),
        trainer=numpy.frombuffer(code, "uint8"),
    )
    digest = hashlib.sha256(archive.getvalue()).hexdigest()
    old = json.dumps({"format": "d2l_bn checkpoint 1", "sha256": digest}).encode()
    saved_as_old = tmp_path / "old"
    saved_as_old.write_bytes(old + b"\n" + archive.getvalue())
    arrays = decode(saved.read_bytes())[0]
    arrays |= dict.fromkeys([n for n in arrays if n.startswith("optimizer:")], json_array("x"))
    arrays["optimizer:state/0.weight/0"] = numpy.frombuffer(code, "uint8")
    saved.write_bytes(encode(arrays, "checkpoint 3"))
    for path in (saved_as_old, saved):
        net = small_net()
        with pytest.raises(CheckpointError):
            loaded = Checkpoint.load(path)
            loaded.restore(net, trainer_of(net))
    with pytest.raises(CheckpointError, match="older d2l_bn, whose checkpoints could run code"):
        Checkpoint.load(saved_as_old)
    assert not ran.exists()
    pickle.loads(code)  # the payload itself is no dud
    assert ran.exists()


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
    number = 0
    while True:
        number += 1
        values = {name: numpy.full_like(array, number) for name, array in parameters.items()}
        record = History({"number": number})
        Checkpoint(values, {}, record).save(path)
        ready.set()


def test_kill_minus_9_at_any_moment_leaves_a_checkpoint_that_loads(tmp_path):
    fork = multiprocessing.get_context("fork")  # NumPy and files only: MXNet is not called there
    path = tmp_path / "checkpoint"
    parameters = {"weight": numpy.zeros((200, 1000), "float32"), "bias": numpy.zeros(5, "float32")}
    moments, kills, hits = random.Random(0), 0, 0
    while kills < 10 or hits < 3:
        kills += 1
        assert kills < 200, "no kill hits a saving"
        ready = fork.Event()
        process = fork.Process(target=save_forever, args=(path, parameters, ready))
        process.start()
        assert ready.wait(30)
        while len(list(tmp_path.iterdir())) == 1:  # until it saves again
            pass
        time.sleep(moments.uniform(0, 0.002))
        process.kill()
        process.join()
        loaded = Checkpoint.load(path)  # all of one moment
        for array in loaded.parameters.values():
            assert (array == loaded.history.config["number"]).all()
        left = [p for p in tmp_path.iterdir() if p != path]
        hits += bool(left)
        for part in left:  # a part is never taken for a checkpoint, unless it is a whole one
            with contextlib.suppress(CheckpointError):
                Checkpoint.load(part)
    loaded.save(path)
    assert list(tmp_path.iterdir()) == [path]  # what the dead ones left is swept
