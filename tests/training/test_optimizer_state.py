"""Every optimizer that train() takes goes on bit for bit from a file that holds only arrays."""

from __future__ import annotations

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon
from mxnet.gluon import nn
from training_helpers import examples, linear, same, values

import d2l_bn
from d2l_bn import History
from d2l_bn.descent import RULES
from d2l_bn.training.checkpoint import Checkpoint, CheckpointError
from d2l_bn.training.optimizer_state import optimizer_state, restore_optimizer_state

MXNETS = sorted(  # whatever else has been registered by then
    name
    for name, kind in mx.optimizer.Optimizer.opt_registry.items()
    if kind.__module__.startswith("mxnet")
)
SETTINGS = [
    ("sgd", {"momentum": 0.9, "wd": 0.01}),
    ("nag", {"momentum": 0.9}),
    ("signum", {"momentum": 0.9}),
    ("lars", {"momentum": 0.9}),
    ("lbsgd", {"momentum": 0.9}),
    ("rmsprop", {"centered": True}),
    ("lamb", {"bias_correction": True}),
    *((name, {}) for name in MXNETS if name != "groupadagrad"),
    *(("ruleoptimizer", {"rule": rule}) for rule in RULES),
]
BATCHES = examples(4, 4, 2)


@pytest.mark.parametrize("name, params", SETTINGS, ids=lambda value: str(value))
def test_a_resumed_run_is_an_uninterrupted_one(name, params, tmp_path):
    def run(epochs, **more):
        net = linear()
        options = {"optimizer": name, "optimizer_params": params, **more}
        history = d2l_bn.train(net, BATCHES, epochs=epochs, lr=0.05, **options)
        return history, values(net)

    path = tmp_path / "checkpoint"
    history, whole = run(4)
    run(2, checkpoint=path)
    resumed = run(4, checkpoint=path, resume=True)
    assert resumed[0] == history
    assert same(resumed[1], whole)


def stepped(optimizer, params, dtype="float32", steps=3, prefix=None):
    """A network after some steps, and its trainer."""
    mx.random.seed(0)
    net = nn.Sequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(4, in_units=4), nn.Dense(4, in_units=4))
    net.initialize(mx.init.Normal(0.5))
    net.cast(dtype)
    trainer = gluon.Trainer(net.collect_params(), optimizer, dict(params), kvstore=None)
    for _ in range(steps):
        step(net, trainer)
    return net, trainer


def step(net, trainer):
    """On a loss of the parameters: MXNet has no dense layer in float16 on the CPU."""
    parameters = [parameter.data() for parameter in trainer._params]
    with autograd.record():
        losses = [((data - 0.5) * (data - 0.5)).sum() for data in parameters]
    autograd.backward(losses)
    trainer.step(2)


@pytest.mark.parametrize("optimizer", ["sgd", "nag", "adam", "lamb", "lars"])
@pytest.mark.parametrize("multi_precision", [True, False])
def test_half_precision_goes_on_with_its_copy_in_float32(optimizer, multi_precision):
    params = {"learning_rate": 0.01, "multi_precision": multi_precision}
    if optimizer in ("sgd", "nag", "lars"):
        params["momentum"] = 0.9
    net, trainer = stepped(optimizer, params, "float16")
    moment = Checkpoint.of(net, trainer, History())
    kinds = {str(array.dtype) for name, array in moment.optimizer_state.items() if "state" in name}
    assert ("float32" in kinds) == multi_precision
    other, other_trainer = stepped(optimizer, params, "float16", steps=1)
    moment.restore(other, other_trainer)
    for _ in range(2):
        step(net, trainer)
        step(other, other_trainer)
    assert same(values(net), values(other))


def test_states_are_kept_by_place_and_not_by_the_order_of_names():
    """A trainer sorts by name, and dense10 comes before dense9."""
    (one, trainer), (other, other_trainer) = (
        stepped("adam", {}, steps=steps, prefix=prefix)
        for steps, prefix in ((3, "net_"), (0, None))
    )
    names = [f"{p}_" for p in ("dense9", "dense10")]
    other = nn.Sequential()
    other.add(*(nn.Dense(4, in_units=4, prefix=name) for name in names))
    other.initialize()
    other_trainer = gluon.Trainer(other.collect_params(), "adam", kvstore=None)
    assert other_trainer._params[0] is other[1].bias
    Checkpoint.of(one, trainer, History()).restore(other, other_trainer)
    for net, its in ((one, trainer), (other, other_trainer)):
        step(net, its)
    assert same(values(one), values(other))


def test_the_state_of_another_optimizer_is_refused_and_nothing_changes():
    net, trainer = stepped("adam", {})
    state = optimizer_state(net, trainer)
    before = values(net)
    for optimizer, message in (
        ("sgd", "it has state/"),
        ("rmsprop", "it has state/"),
        ("nadam", "m_sch"),
    ):
        other, other_trainer = stepped(optimizer, {}, steps=2)
        theirs, weights = optimizer_state(other, other_trainer), values(other)
        with pytest.raises(CheckpointError, match=f"state is of another optimizer: .*{message}"):
            Checkpoint(before, state, History()).restore(other, other_trainer)
        assert same(optimizer_state(other, other_trainer), theirs)
        assert same(values(other), weights)


BAD = {
    "steps": numpy.array(3, "int64"),
    "steps/0.weight": numpy.array(3.0),
    "state/0.weight/1": numpy.ones((4, 5), "float32"),
    "state/0.bias/0": numpy.ones(4, "float64"),
    "state/1.bias": numpy.ones(4, "float32"),
    "state/0.weight/0/__reduce__": numpy.ones(1, "uint8"),
    "steps/2.weight": numpy.array(1, "int64"),
}


@pytest.mark.parametrize("name", BAD)
def test_arrays_that_do_not_fit_are_refused(name):
    net, trainer = stepped("adam", {})
    state = optimizer_state(net, trainer)
    with pytest.raises(CheckpointError, match="the state is of another optimizer"):
        restore_optimizer_state(net, trainer, {**state, name: BAD[name]})
    assert same(optimizer_state(net, trainer), state)
    restore_optimizer_state(net, trainer, state)


def test_a_trainer_on_two_devices_is_refused():
    net = linear(in_units=4)
    net.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = gluon.Trainer(net.collect_params(), "sgd", kvstore=None)
    with pytest.raises(ValueError, match="on 2 devices"):
        optimizer_state(net, trainer)
