"""train(..., recalibrate=...): the same training, and a network with population statistics."""

import subprocess
import sys
from pathlib import Path

import mxnet as mx
import pytest
from training_helpers import assert_same, values

import d2l_bn
from d2l_bn.networks.population import recalibrate
from d2l_bn.training.checkpoint import Checkpoint
from d2l_bn.training.history import Epoch


def run(folder=None, **options):
    mx.random.seed(0)
    train_iter, test_iter = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=112)
    net = d2l_bn.lenet()
    if folder is not None:
        options["checkpoint"] = folder / "checkpoint"
    return net, d2l_bn.train(net, train_iter, test_iter, epochs=2, **options), train_iter, test_iter


def test_training_is_the_same_with_and_without(tmp_path):
    plain, without, _, _ = run()
    net, history, train_iter, test_iter = run(tmp_path, recalibrate=True)
    assert_same(values(plain), values(net), but=("moving_mean", "moving_var"))
    for column in ("loss", "train_accuracy", "test_accuracy"):
        assert history[column] == without[column]
    assert without["population_test_accuracy"] == [None, None]
    assert all(0 <= accuracy <= 1 for accuracy in history["population_test_accuracy"])

    kept = Checkpoint.load(tmp_path / "checkpoint").parameters
    assert_same(values(plain), kept)  # a resumed run goes on from the moving averages
    train_iter.epoch = 2
    recalibrate(plain, train_iter)
    assert_same(values(plain), values(net))  # the network that comes back has the population's
    assert d2l_bn.evaluate(net, test_iter) == history.last.population_test_accuracy


def test_resumed_run_comes_to_the_same(tmp_path):
    whole, history, train_iter, test_iter = run(recalibrate=2)
    options = {"checkpoint": tmp_path / "c", "recalibrate": 2}
    mx.random.seed(0)
    d2l_bn.train(d2l_bn.lenet(), train_iter, test_iter, epochs=1, **options)
    net = d2l_bn.lenet()
    resumed = d2l_bn.train(net, train_iter, test_iter, epochs=2, resume=True, **options)
    assert_same(values(whole), values(net))
    assert resumed["population_test_accuracy"] == history["population_test_accuracy"]
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


def test_history_with_both_accuracies_goes_through_json_and_print(tmp_path):
    epoch = Epoch(1, 0.5, 0.8, 0.7, 2.0, 100.0, population_test_accuracy=0.83)
    assert "test acc 0.700 (population statistics 0.830)" in str(epoch)
    history = d2l_bn.History(epochs=[epoch])
    history.save(tmp_path / "h.json")
    assert d2l_bn.History.load(tmp_path / "h.json") == history


def test_command_line_records_both_and_saves_the_recalibrated_network(tmp_path):
    script = Path(__file__).resolve().parents[2] / "scripts" / "train_lenet_bn.py"
    command = [sys.executable, str(script), "--data", "synthetic", "--limit", "80", "--epochs", "1"]
    done = subprocess.run(
        [*command, "--recalibrate", "--out", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    last = d2l_bn.History.load(tmp_path / "metrics.json").last
    assert f"(population statistics {last.population_test_accuracy:.3f})" in done.stdout

    net = d2l_bn.lenet()
    net.load_parameters(str(tmp_path / "lenet.params"))
    _, test_iter = d2l_bn.load_fashion_mnist(256, data="synthetic", limit=80)
    assert d2l_bn.evaluate(net, test_iter) == last.population_test_accuracy

    refused = subprocess.run(
        [*command, "--recalibrate", "--norm", "none"], capture_output=True, text=True
    )
    assert refused.returncode == 2 and "--norm none has no statistics" in refused.stderr
