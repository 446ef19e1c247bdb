"""Which statistics training leaves in the network, and that its course is the same with either."""

import mxnet as mx
import numpy
import pytest
from training_helpers import assert_same, values

import d2l_bn
from d2l_bn.networks.population import recalibrate
from d2l_bn.training.checkpoint import Checkpoint
from d2l_bn.training.loop import DivergenceError


def trained(folder=None, **options):
    mx.random.seed(0)
    train_iter, test_iter = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=112)
    net = d2l_bn.lenet()
    if folder is not None:
        options["checkpoint"] = folder / "checkpoint"
    return net, d2l_bn.train(net, train_iter, test_iter, epochs=2, **options), train_iter, test_iter


def test_training_is_the_same_with_and_without(tmp_path):
    plain, without, _, _ = trained(recalibrate=False)
    net, history, train_iter, test_iter = trained(tmp_path, recalibrate=True)
    assert_same(values(plain), values(net), but=("moving_mean", "moving_var"))
    for column in ("loss", "train_accuracy", "test_accuracy_moving"):
        assert history[column] == without[column]
    assert without["test_accuracy_population"] == [None, None]
    assert all(0 <= accuracy <= 1 for accuracy in history["test_accuracy_population"])

    kept = Checkpoint.load(tmp_path / "checkpoint")
    assert_same(values(plain), kept.parameters)  # a resumed run goes on from the moving averages
    assert_same(values(net), kept.final)
    train_iter.epoch = 2
    recalibrate(plain, train_iter)
    assert_same(values(plain), values(net))  # the network that comes back has the population's
    assert d2l_bn.evaluate(net, test_iter) == history.last.test_accuracy_population


def test_resumed_run_comes_to_the_same(tmp_path):
    whole, history, train_iter, test_iter = trained(recalibrate=2)
    options = {"checkpoint": tmp_path / "c", "recalibrate": 2}
    mx.random.seed(0)
    d2l_bn.train(d2l_bn.lenet(), train_iter, test_iter, epochs=1, **options)
    net = d2l_bn.lenet()
    resumed = d2l_bn.train(net, train_iter, test_iter, epochs=2, resume=True, **options)
    assert_same(values(whole), values(net))
    assert resumed["test_accuracy_population"] == history["test_accuracy_population"]
    train_iter.epoch = 2
    recalibrate(net, train_iter, batches=2)
    assert_same(values(whole), values(net))  # two batches, not all


@pytest.mark.parametrize(
    "norm, recalibrate_, error, words",
    [
        (None, True, ValueError, "no batch normalization"),
        ("batch", -1, ValueError, "at least 1 batch"),
        ("batch", "yes", TypeError, "True, False or a whole number"),
    ],
)
def test_train_refuses_before_it_computes(norm, recalibrate_, error, words):
    net = d2l_bn.lenet(norm)
    train_iter, _ = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    with pytest.raises(error, match=words):
        d2l_bn.train(net, train_iter, epochs=1, recalibrate=recalibrate_)
    assert all(p._data is None for p in net.collect_params().values())


def test_unless_told_otherwise_it_takes_twenty_batches_where_there_is_something_to_take():
    net, history, train_iter, test_iter = trained()
    assert history.config["recalibrate"] == 20
    train_iter.epoch = 2
    recalibrate(net, train_iter)  # there are only four batches
    assert d2l_bn.evaluate(net, test_iter) == history.last.test_accuracy_population
    plain = d2l_bn.train(d2l_bn.lenet(None), train_iter, test_iter, epochs=1)
    assert plain.config["recalibrate"] is False and plain.last.test_accuracy_population is None


def test_batches_of_one_example_have_no_unbiased_variance_and_can_be_trained_on():
    train_iter, test_iter = d2l_bn.load_fashion_mnist(1, data="synthetic", limit=12)
    history = d2l_bn.train(d2l_bn.lenet(), train_iter, test_iter, epochs=1, lr=0.1)
    assert 0 <= history.last.test_accuracy_population <= 1


def test_statistics_that_are_not_finite_are_a_divergence_and_the_epoch_has_not_been(monkeypatch):
    from d2l_bn.networks import population

    original = population.Population.variance
    calls = []

    def variance(self, kind="unbiased"):
        calls.append(kind)
        return original(self, kind) * (numpy.inf if len(calls) > 4 else 1)  # in the second epoch

    monkeypatch.setattr(population.Population, "variance", variance)
    net = d2l_bn.lenet()
    train_iter, test_iter = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    seen = []
    with pytest.raises(DivergenceError, match="statistics of norm1 .* after epoch 2"):
        d2l_bn.train(net, train_iter, test_iter, epochs=3, on_epoch=seen.append)
    assert len(seen[0]) == 1
    assert d2l_bn.evaluate(net, test_iter) == seen[0].last.test_accuracy_population


@pytest.mark.parametrize("statistics", ["population", "moving"])
def test_the_command_saves_the_weights_with_the_statistics_that_are_chosen(
    statistics, run, tmp_path
):
    options = ["--data", "synthetic", "--limit", 80, "--epochs", 1, "--out", tmp_path]
    status, out, err = run("d2l-bn train", *options, "--statistics", statistics)
    assert status == 0, err
    last = d2l_bn.History.load(tmp_path / "metrics.json").last
    assert (f"(moving average {last.test_accuracy_moving:.3f})" in out) == (
        statistics == "population"
    )
    net = d2l_bn.lenet()
    net.load_parameters(str(tmp_path / "lenet.params"))
    _, test_iter = d2l_bn.load_fashion_mnist(256, data="synthetic", limit=80)
    assert d2l_bn.evaluate(net, test_iter) == last.test_accuracy
    kept = Checkpoint.load(tmp_path / "checkpoint")
    assert_same(values(net), kept.final or kept.parameters)
