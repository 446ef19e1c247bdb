"""Early stopping: when it stops, which weights it leaves, and that a resumed run does the same."""

from __future__ import annotations

import numpy
import pytest
from mxnet import init, np
from training_helpers import NO_STEP, examples, linear, same, values

from d2l_bn import train
from d2l_bn.training.checkpoint import Checkpoint, CheckpointError
from d2l_bn.training.early_stopping import EarlyStopping
from d2l_bn.training.history import History
from d2l_bn.training.loop import DivergenceError


class Scripted:
    """Validation data on which the network scores what is written down, epoch after epoch."""

    def __init__(self, shares):
        self.shares = iter(shares)
        self.num_examples = 10

    def __iter__(self):
        right = round(10 * next(self.shares, 0))
        y = numpy.where(numpy.arange(10) < right, 0, 1)  # all images are of class 0 to the network
        return iter([(np.ones((10, 4)), np.array(y, dtype="int32"))])


def always_class_0():
    net = linear(in_units=4)
    net.initialize(init.One())
    net[0].bias.set_data(np.array([1e3, 0, 0]))
    return net


def run(shares, *, epochs=20, net=None, **options):
    net = always_class_0() if net is None else net
    stopping = EarlyStopping(Scripted([0, *shares]), **options)  # train() looks at a first batch
    return train(net, examples(4), epochs=epochs, lr=0.01, early_stopping=stopping), net


@pytest.mark.parametrize(
    "shares, options, best, length, stopped",
    [
        ([0.1, 0.5, 0.4, 0.5, 0.9], {"patience": 2}, 2, 4, True),  # equal is not better
        ([0.1, 0.5, 0.4, 0.5, 0.9], {"patience": 3}, 5, 8, True),
        ([0.5, 0.6, 0.7, 0.8], {"patience": 1}, 4, 5, True),
        (
            [0.5, 0.6, 0.7, 0.8],
            {"patience": 2, "min_gain": 0.15},
            3,
            5,
            True,
        ),  # 0.7 is > 0.5 + 0.15
        ([0.1] * 30, {"patience": 30}, 1, 20, False),
        ([0.0, 0.0], {"patience": 1}, 1, 2, True),
    ],
)
def test_it_stops_after_so_many_epochs_without_progress(shares, options, best, length, stopped):
    history, _ = run(shares, **options)
    assert (history.best_epoch, len(history), history.stopped_early) == (best, length, stopped)
    assert history["validation_accuracy"][: len(shares)] == pytest.approx(shares[:length])
    assert "validation acc" in str(history.last)


def test_the_network_holds_the_weights_of_the_best_epoch():
    history, net = run([0.1, 0.5, 0.9, 0.4, 0.4, 0.4], patience=3)
    assert history.best_epoch == 3
    until_then, one_more = always_class_0(), always_class_0()
    train(until_then, examples(4), epochs=3, lr=0.01)
    train(one_more, examples(4), epochs=4, lr=0.01)
    assert same(values(net), values(until_then))
    assert not same(values(net), values(one_more))


def test_without_it_nothing_is_recorded():
    history = train(linear(), examples(4), epochs=2, lr=0.1)
    assert history.best_epoch is None and not history.stopped_early
    assert history["validation_accuracy"] == [None, None]


SHARES = [0.1, 0.5, 0.4, 0.6, 0.3, 0.3, 0.3, 0.3]  # with a patience of 3: best 4, stops after 7


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 6, 7])
def test_a_resumed_run_is_an_uninterrupted_one(first, tmp_path):
    through, whole = always_class_0(), tmp_path / "whole"
    expected = resumable(through, SHARES, 20, whole)
    assert (expected.best_epoch, len(expected), expected.stopped_early) == (4, 7, True)

    part = tmp_path / "part"
    resumable(always_class_0(), SHARES, first, part)
    net = always_class_0()
    again = resumable(net, SHARES[first:], 20, part)
    assert again == expected
    assert same(values(net), values(through))
    one, other = Checkpoint.load(part), Checkpoint.load(whole)
    assert same(one.parameters, other.parameters) and same(one.final, other.final)
    assert same(one.final, values(net)) and not same(one.parameters, values(net))


def resumable(net, shares, epochs, path):
    options = {
        "lr": 0.01,
        "checkpoint": path,
        "resume": True,
        "optimizer_params": {"momentum": 0.9},
    }
    stopping = EarlyStopping(Scripted([0, *shares]), patience=3)
    return train(net, examples(4, 4), epochs=epochs, early_stopping=stopping, **options)


def test_a_checkpoint_of_another_patience_or_of_none_is_refused(tmp_path):
    path = tmp_path / "c"
    train(linear(), examples(4), epochs=1, lr=0.1, checkpoint=path)
    for patience in (1, 2):
        net = linear()
        with pytest.raises(CheckpointError, match="early_stopping"):
            train(
                net,
                examples(4),
                epochs=3,
                lr=0.1,
                checkpoint=path,
                resume=True,
                early_stopping=EarlyStopping(examples(4), patience=patience),
            )
        assert net[0].weight._data is None
        stopping = EarlyStopping(examples(4), patience=3)
        train(linear(), examples(4), epochs=1, lr=0.1, checkpoint=path, early_stopping=stopping)


def test_a_history_of_before_there_was_early_stopping_can_be_read():
    old = History({"lr": 1.0}).to_dict()
    del old["best_epoch"], old["stopped_early"]
    assert History.from_dict(old) == History({"lr": 1.0})


def test_divergence_leaves_the_weights_of_the_best_epoch_and_the_last_ones_in_the_file(tmp_path):
    class Poisoned(list):
        epoch = 0

        def __iter__(self):
            return ((X * float("nan") if self.epoch >= 2 else X, y) for X, y in super().__iter__())

    net, path = always_class_0(), tmp_path / "c"
    stopping = EarlyStopping(Scripted([0, 0.5, 0.4]), patience=5)
    with pytest.raises(DivergenceError, match="epoch 3"):
        train(
            net,
            Poisoned(examples(4)),
            epochs=9,
            lr=0.01,
            early_stopping=stopping,
            checkpoint=path,
        )
    saved = Checkpoint.load(path)
    assert same(values(net), saved.final) and not same(saved.final, saved.parameters)
    assert saved.history.best_epoch == 1


def test_with_recalibrate_validation_and_final_weights_have_population_statistics():
    from d2l_bn import evaluate, lenet, load_fashion_mnist

    train_iter, test_iter = load_fashion_mnist(32, data="synthetic", limit=128)
    rest, validation = train_iter.hold_out(32)
    net = lenet("gluon")
    stopping = EarlyStopping(validation, patience=1)
    history = train(net, rest, test_iter, epochs=4, recalibrate=2, early_stopping=stopping)
    best = history.epochs[history.best_epoch - 1]
    assert evaluate(net, validation) == best.validation_accuracy
    assert evaluate(net, test_iter) == best.test_accuracy_population


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: EarlyStopping(iter([])), TypeError, "validation is a list_iterator"),
        (lambda: EarlyStopping([], patience=0), ValueError, "patience is 0"),
        (lambda: EarlyStopping([], patience=1.5), TypeError, "patience is 1.5"),
        (lambda: EarlyStopping([], min_gain=-0.1), ValueError, "min_gain is -0.1"),
        (lambda: EarlyStopping([], min_gain=float("nan")), ValueError, "min_gain is nan"),
        (lambda: EarlyStopping([], min_gain="little"), TypeError, "min_gain is 'little'"),
        (lambda: EarlyStopping([]), ValueError, "validation gives no batch"),
        (lambda: 3, TypeError, "early_stopping is a int"),
    ],
)
def test_what_it_refuses(make, error, message):
    net = linear()
    with pytest.raises(error) as caught:
        train(net, examples(4), lr=NO_STEP, early_stopping=make())
    assert message in str(caught.value)
    assert net[0].weight._data is None
