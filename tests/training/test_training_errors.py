"""train(): what it refuses, how it diverges, and what the network holds when it stops early."""

from __future__ import annotations

import os
import warnings

import numpy
import pytest
from mxnet import gluon, np
from mxnet.gluon import nn
from training_helpers import NO_STEP, examples, linear, same, values

from d2l_bn import lenet, load_fashion_mnist, train
from d2l_bn.training.checkpoint import Checkpoint, CheckpointError
from d2l_bn.training.early_stopping import EarlyStopping
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
    ({"lr": 1e39}, ValueError, "lr is 1e+39; expected a number that is finite in float32"),
    ({"optimizer_params": {"wd": -1e39}}, ValueError, "wd is -1e+39; expected a number that is"),
    ({"optimizer_params": {"momentum": float("nan")}}, ValueError, "momentum is nan"),
    ({"checkpoint": ""}, ValueError, "checkpoint is an empty path"),
    ({"checkpoint": 3}, TypeError, "checkpoint is a int; expected a path"),
    ({"checkpoint": os.curdir}, IsADirectoryError, "checkpoint=. is a folder; expected a file"),
]


class Labelled(list):
    """Batches whose labels are at hand, as those of load_fashion_mnist are."""

    labels = numpy.array([0, 1, 2, 3], "uint8")


def labels(*values, dtype="int32"):
    return [(np.ones((len(values), 4)), np.array(values, dtype=dtype))]


GOOD = labels(0, 1, 2)
NAN = float("nan")
WRONG_DATA = [
    (labels(1, 2, 3), ValueError, "the labels reach from 1 to 3, and the network has 3 outputs"),
    (labels(-1, 0, 2), ValueError, "the labels reach from -1 to 2"),
    (Labelled(GOOD), ValueError, "the labels reach from 0 to 3"),
    (labels(0, 1, dtype="float32"), TypeError, "the labels y have dtype float32; expected whole"),
    (labels(0, NAN, dtype="float32"), TypeError, "the labels y have dtype float32"),
    (labels(0, 1, dtype="bool"), TypeError, "the labels y have dtype bool"),
    (labels(), ValueError, "of shape (0,); expected"),
    ([(np.array([[1.0, 2, NAN, 0]]), GOOD[0][1][:1])], ValueError, "X holds NaN or infinity"),
    ([(np.ones((3, 5)), GOOD[0][1])], ValueError, "the network cannot take X of shape (3, 5): "),
]


@pytest.mark.parametrize("place", ["train_iter", "test_iter", "validation"])
@pytest.mark.parametrize("data, error, message", WRONG_DATA)
def test_data_that_do_not_fit_are_refused_before_any_training(place, data, error, message):
    net, good = linear(in_units=4), labels(0, 1, 2)
    arguments = {"train_iter": good, "test_iter": good, "early_stopping": EarlyStopping(good)}
    if place == "validation":
        arguments["early_stopping"] = EarlyStopping(data)
    else:
        arguments[place] = data
    numpy.random.seed(7)
    with pytest.raises(error) as caught:
        train(net, lr=0.1, on_batches=lambda *_: pytest.fail("it has begun"), **arguments)
    assert message in str(caught.value)
    if "y are" not in message and not message.startswith("of shape"):
        assert str(caught.value).startswith(f"{place}: ")
    assert net[0].weight._data is None  # as it was: not initialized
    assert numpy.random.rand() == numpy.random.RandomState(7).rand()


def test_after_a_refusal_the_network_trains_as_if_nothing_had_been():
    """Sizes that the first batch decided, and compiled graphs, are forgotten again."""
    nets = [lenet(None), lenet(None)]
    train_iter, test_iter = load_fashion_mnist(16, data="synthetic", limit=32)
    nets[0].hybridize()
    with pytest.raises(ValueError, match="labels reach from 0 to 10"):
        train(nets[0], [(np.ones((11, 1, 32, 32)), np.arange(11).astype("int32"))])
    assert nets[0].dense1.weight.shape == nets[1].dense1.weight.shape
    for net in nets:
        train(net, train_iter, test_iter, epochs=1)
    assert same(values(nets[0]), values(nets[1]))


def test_scores_that_are_not_one_row_an_example_are_refused():
    net = nn.Sequential()
    net.add(nn.Dense(3, flatten=False))
    data = [(np.ones((2, 5, 4)), np.array([0, 1], dtype="int32"))]
    with pytest.raises(ValueError, match=r"makes \(2, 5, 3\) of X .*expected one score per class"):
        train(net, data)


def test_bytes_that_nobody_divided_by_255_are_named():
    X = np.array([[[[0.0, 200.0], [7.0, 255.0]]]])
    with pytest.warns(UserWarning, match="pixels of X are whole numbers up to 255; .*X / 255"):
        train(linear(), [(X, np.array([1], dtype="int32"))], lr=NO_STEP, epochs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(linear(), [(X / 255, np.array([1], dtype="int32"))], lr=NO_STEP, epochs=1)


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


@pytest.mark.parametrize("number, batch", [(1, 2), (1, 57), (2, 50), (3, 51), (2, 60)])
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


def test_a_second_run_with_the_same_checkpoint_is_refused_while_the_first_one_runs(tmp_path):
    path = tmp_path / "new folder" / "checkpoint"
    seen = []

    def start_another(history):
        for resume in (False, True):
            other = linear()
            with pytest.raises(BlockingIOError) as caught:
                train(other, BATCHES, lr=0.1, checkpoint=path, resume=resume)
            seen.append(str(caught.value))
            assert other[0].weight._data is None

    net = linear()
    train(net, BATCHES, epochs=2, lr=0.5, checkpoint=path, on_epoch=start_another)
    assert set(seen) == {
        f"{path} is being written by process {os.getpid()}; wait for it, or name another one"
    }
    assert same(Checkpoint.load(path).parameters, values(net))
    assert list(path.parent.iterdir()) == [path]
    train(linear(), BATCHES, epochs=3, lr=0.5, checkpoint=path, resume=True)


def test_ctrl_c_again_and_again_still_leaves_the_last_finished_epoch(tmp_path, monkeypatch):
    """… also in the middle of putting the parameters back."""
    net, path, presses = linear(), tmp_path / "checkpoint", iter([1, 1, 0])
    set_data = gluon.Parameter.set_data

    def pressed(parameter, data):
        set_data(parameter, data)
        if next(presses, 0):
            raise KeyboardInterrupt

    def on_batches(number, totals):
        if number == 2 and totals.batches:
            monkeypatch.setattr(gluon.Parameter, "set_data", pressed)
            raise KeyboardInterrupt

    told = []
    with pytest.raises(KeyboardInterrupt):
        train(
            net,
            BATCHES,
            epochs=3,
            lr=0.5,
            checkpoint=path,
            on_batches=on_batches,
            on_epoch=told.append,
        )
    assert next(presses, None) is None
    saved = Checkpoint.load(path)
    assert same(values(net), saved.parameters)
    assert told[0] == saved.history  # what a callback was given does not run ahead either
