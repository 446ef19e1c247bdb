"""train(): what it refuses, how it diverges, and what the network holds when it stops early."""

from __future__ import annotations

import os

import numpy
import pytest
from mxnet import np
from mxnet.gluon import nn
from training_helpers import NO_STEP, examples, linear, same, values

from d2l_bn import lenet, load_fashion_mnist, train
from d2l_bn.training.checkpoint import Checkpoint, CheckpointError
from d2l_bn.training.loop import DivergenceError

BATCHES = examples(4, 4)


class Batches:
    """A list that counts epochs, as load_fashion_mnist's batches do."""

    def __init__(self, batches):
        self.batches, self.epoch = batches, 0

    def __iter__(self):
        self.epoch += 1
        return iter(self.batches)


REFUSED = [
    ({"epochs": 0}, ValueError, "epochs is 0; expected a whole number of at least 1"),
    ({"epochs": 1.5}, TypeError, "epochs is 1.5"),
    ({"epochs": True}, TypeError, "epochs is True"),
    ({"seed": -1}, ValueError, "seed is -1"),
    ({"seed": None}, TypeError, "seed is None"),
    ({"lr": 0}, ValueError, "lr is 0; expected a finite number above 0"),
    ({"lr": float("nan")}, ValueError, "lr is nan"),
    ({"lr": float("inf")}, ValueError, "lr is inf"),
    ({"lr": "1"}, TypeError, "lr is '1'"),
    ({"train_iter": iter(BATCHES)}, TypeError, "train_iter is a list_iterator"),
    ({"test_iter": iter(BATCHES)}, TypeError, "test_iter is a list_iterator"),
    ({"train_iter": None}, TypeError, "train_iter is a NoneType"),
    ({"train_iter": np.ones((2, 4))}, TypeError, "train_iter is a ndarray"),
    ({"train_iter": []}, ValueError, "train_iter gives no batch"),
    ({"train_iter": [np.ones((2, 4))]}, TypeError, "train_iter gives a ndarray"),
    ({"train_iter": [(np.ones((2, 4)),)]}, TypeError, "train_iter gives a tuple"),
    ({"train_iter": [(numpy.ones((2, 4)), None)]}, TypeError, "X is a numpy.ndarray"),
    ({"train_iter": [(np.ones((2, 4)), np.ones((2, 1)))]}, ValueError, "of shape (2, 1); expected"),
    ({"train_iter": [(np.ones((2, 4)), [0, 1])]}, ValueError, "the labels y are a list"),
    ({"optimizer": "sdg"}, ValueError, "sdg"),
    ({"optimizer_params": {"momentun": 0.9}}, TypeError, "momentun"),
    ({"optimizer_params": {"wd": object()}}, TypeError, "the configuration is recorded as JSON"),
    ({"config": {"net": nn.Dense(1)}}, TypeError, "the configuration is recorded as JSON"),
    ({"recalibrate": "yes"}, TypeError, "recalibrate is 'yes'"),
    ({"recalibrate": 0}, ValueError, "recalibrate is 0"),
    ({"recalibrate": True}, ValueError, "no batch normalization"),
    ({"resume": True}, ValueError, "resume=True without a checkpoint"),
]


@pytest.mark.parametrize("options, error, message", REFUSED)
def test_bad_arguments_are_refused_before_anything_is_touched(options, error, message):
    net = linear()
    numpy.random.seed(7)
    with pytest.raises(error) as caught:
        train(net, **{"train_iter": BATCHES, "lr": 0.1, **options})
    assert message in str(caught.value)
    assert net[0].weight._data is None  # not even initialized
    assert numpy.random.rand() == numpy.random.RandomState(7).rand()


def test_a_refusal_does_not_start_a_pass():
    batches = Batches(BATCHES)
    with pytest.raises(ValueError):
        train(linear(), batches, lr=-1)
    assert batches.epoch == 0


class Poisoned:
    """From pass ``number`` on, batch ``batch`` (both counted from 1) holds a NaN."""

    def __init__(self, batches, number, batch):
        self.batches, self.number, self.batch, self.epoch = batches, number, batch, 0

    def __iter__(self):
        self.epoch += 1
        for position, (X, y) in enumerate(self.batches, start=1):
            poisoned = self.epoch >= self.number and position == self.batch
            yield (X * float("nan") if poisoned else X), y


@pytest.mark.parametrize("number, batch", [(1, 1), (1, 57), (2, 50), (3, 51), (2, 60)])
def test_divergence_names_epoch_batch_and_rate_and_keeps_the_last_good_weights(
    number, batch, tmp_path
):
    net, path = linear(), tmp_path / "checkpoint"
    with pytest.raises(DivergenceError) as caught:
        train(net, Poisoned(examples(*[2] * 60), number, batch), epochs=4, lr=0.25, checkpoint=path)
    message = str(caught.value)
    assert f"the loss is nan in epoch {number}, batch {batch}, at learning rate 0.25" in message
    assert "Try a smaller rate, such as 0.025" in message
    good = linear()
    if number == 1:
        assert not path.exists()
        train(good, examples(2), epochs=1, lr=NO_STEP)  # where it started
    else:
        train(good, examples(*[2] * 60), epochs=number - 1, lr=0.25)
        saved = Checkpoint.load(path)
        assert len(saved.history) == number - 1
        assert same(saved.parameters, values(good))
    assert same(values(net), values(good))


def test_weights_that_the_very_last_step_ruins_are_noticed(tmp_path):
    """The loss of the only batch was still finite."""
    net, path = linear(in_units=4), tmp_path / "checkpoint"
    net.initialize()
    before = values(net)
    batches = [(X * 1e20, y) for X, y in examples(4)]
    with pytest.raises(DivergenceError, match=r"0\.weight is not finite in epoch 1, batch 1, at"):
        train(net, batches, epochs=1, lr=1e30, checkpoint=path)
    assert same(values(net), before)
    assert not path.exists()


def interrupt(number, tally):
    if number == 2 and tally.batches:
        raise KeyboardInterrupt


def test_ctrl_c_in_an_epoch_leaves_the_network_as_the_checkpoint_has_it(tmp_path):
    net, path = linear(), tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        train(net, BATCHES, epochs=3, lr=0.5, checkpoint=path, on_batches=interrupt)
    saved = Checkpoint.load(path)
    assert len(saved.history) == 1
    assert same(values(net), saved.parameters)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_ctrl_c_or_a_full_disk_while_saving_does_so_too(error, tmp_path, monkeypatch):
    net, path, replaced = linear(), tmp_path / "checkpoint", []

    def replace(source, target, original=os.replace):
        replaced.append(target)
        if len(replaced) == 2:
            raise error
        original(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(error):
        train(net, BATCHES, epochs=3, lr=0.5, checkpoint=path)
    saved = Checkpoint.load(path)
    assert len(saved.history) == 1
    assert same(values(net), saved.parameters)
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint"]
    resumed, through = linear(), linear()
    one = train(resumed, BATCHES, epochs=3, lr=0.5, checkpoint=path, resume=True)
    assert one == train(through, BATCHES, epochs=3, lr=0.5)
    assert same(values(resumed), values(through))


def other_runs():
    return [
        (linear(), {"lr": 0.25}, "was written with lr=0.5, and this run has lr=0.25"),
        (linear(), {"seed": 1}, "seed=0, and this run has seed=1"),
        (linear(), {"optimizer": "adam"}, "optimizer='sgd', and this run has optimizer='adam'"),
        (linear(), {"config": {"limit": 3}}, "limit=None, and this run has limit=3"),
        (linear(), {"epochs": 1}, "2 epochs on, and this run has epochs=1"),
        (linear(use_bias=False), {}, "another network: 0.bias"),
        (linear(in_units=5), {}, "another network: 0.weight"),
    ]


@pytest.mark.parametrize("net, options, message", other_runs())
def test_a_checkpoint_of_another_run_is_refused_before_anything_is_touched(
    net, options, message, tmp_path
):
    path = tmp_path / "checkpoint"
    train(linear(), BATCHES, epochs=2, lr=0.5, checkpoint=path)
    content = path.read_bytes()
    asked = {"epochs": 3, "lr": 0.5, "checkpoint": path, "resume": True, **options}
    with pytest.raises(CheckpointError) as caught:
        train(net, BATCHES, **asked)
    assert message in str(caught.value)
    assert net[0].weight._data is None
    path.write_bytes(content[:-1])
    with pytest.raises(CheckpointError, match="damaged"):
        train(linear(), BATCHES, epochs=3, lr=0.5, checkpoint=path, resume=True)
    assert path.read_bytes() == content[:-1]  # it is the user's to delete


def test_a_limit_below_the_batch_size_is_one_small_batch():
    train_iter, test_iter = load_fashion_mnist(256, data="synthetic", limit=20)
    history = train(lenet(), train_iter, test_iter, epochs=1)
    assert history.config["examples"] == 20
    assert 0 < history.last.loss < 5
