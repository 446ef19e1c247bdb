"""What measures, measures in prediction mode, and train() trains, whatever scope they are in."""

from __future__ import annotations

import contextlib
import warnings

import numpy
import pytest
from mxnet import autograd, np
from mxnet.gluon import nn
from training_helpers import same, values

from d2l_bn import evaluate, lenet, load_fashion_mnist, predict, recalibrate, train
from d2l_bn.data.curriculum import difficulties
from d2l_bn.diagnostics.activation_stats import ActivationStats
from d2l_bn.diagnostics.dead_relus import dead_units
from d2l_bn.training.early_stopping import EarlyStopping
from d2l_bn.training.ensemble import Ensemble
from d2l_bn.training.evaluation import class_accuracies

SCOPES = {
    "record": autograd.record,
    "record(train_mode=False)": lambda: autograd.record(train_mode=False),
    "train_mode": autograd.train_mode,
    "predict_mode": autograd.predict_mode,
    "pause": autograd.pause,
    "pause(train_mode=True)": lambda: autograd.pause(train_mode=True),
    "nested": lambda: nested(),
}
every_scope = pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES.keys())


@contextlib.contextmanager
def nested():
    with autograd.record(), autograd.predict_mode(), autograd.train_mode():
        yield


@pytest.fixture(scope="module")
def data():
    return load_fashion_mnist(32, data="synthetic", limit=96)


@pytest.fixture(scope="module", params=["batch", "gluon"])
def trained(request, data):
    net = lenet(request.param, activation="relu")
    net.register_child(nn.Dropout(0.5), "dropout")  # shows at once if it is training
    train(net, data[0], epochs=2, lr=0.1)
    return net


MEASURES = {
    "evaluate": lambda net, train, test: evaluate(net, test),
    "predict": lambda net, train, test: predict(net, test)[1].tolist(),
    "predict, ensemble": lambda net, train, test: predict(Ensemble([net, net]), test)[1].tolist(),
    "difficulties": lambda net, train, test: difficulties(net, train).tolist(),
    "dead_units": lambda net, train, test: dead_units(net, test, ["act1"])["act1"].tolist(),
}


@every_scope
@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())
def test_a_measure_is_the_same_everywhere_and_moves_nothing(measure, scope, trained, data):
    expected, before = measure(trained, *data), values(trained)
    with scope():
        mode = autograd.is_recording(), autograd.is_training()
        found = measure(trained, *data)
        assert (autograd.is_recording(), autograd.is_training()) == mode
    assert found == expected
    assert same(values(trained), before)


@every_scope
def test_recalibrate_is_the_same_everywhere(scope, trained, data):
    before = values(trained)
    try:
        recalibrate(trained, data[1])  # in their own order, always the same
        expected = values(trained)
        assert not same(expected, before)
        with scope():
            recalibrate(trained, data[1])
        assert [n for n in expected if not numpy.allclose(expected[n], values(trained)[n])] == []
    finally:
        for name, parameter in trained._collect_params_with_prefix().items():
            parameter.set_data(np.array(before[name]))


@every_scope
def test_train_is_the_same_everywhere(scope, data, tmp_path):
    def run(path):
        net = lenet()
        rest, validation = data[0].hold_out(32)
        options = {"checkpoint": path, "early_stopping": EarlyStopping(validation), "lr": 0.5}
        history = train(net, rest, data[1], epochs=2, recalibrate=1, **options)
        return history, values(net)

    expected = run(tmp_path / "one")
    with scope():
        found = run(tmp_path / "other")
    assert found[0] == expected[0]
    assert same(found[1], expected[1])


def test_activations_are_watched_in_training_alone(trained, data):
    with ActivationStats(trained, ["act1"], every=1) as stats, autograd.record():
        evaluate(trained, data[1])
        predict(trained, data[1])
    assert stats["act1"].steps == []


@pytest.mark.parametrize("measure", [evaluate, predict])
def test_a_network_with_bad_averages_is_named(measure, data):
    net = lenet()
    net.initialize()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measure(net, data[1])
    net.norm2.moving_var.set_data(net.norm2.moving_var.data() * float("nan"))
    with pytest.warns(RuntimeWarning, match=r"infinite or NaN: norm2.moving_var\. "):
        measure(net, data[1])  # the scores are finite: max pooling swallows what is NaN


@pytest.mark.parametrize("measure", [evaluate, predict])
def test_scores_beyond_float32_are_named(measure, data):
    net = lenet(None)
    net.initialize()
    net(np.ones((1, 1, 28, 28)))
    net.output.bias.set_data(np.full(10, 3e38))
    net.output.weight.set_data(np.full((10, 84), 3e38))
    with pytest.warns(RuntimeWarning, match=r"infinite or NaN: the scores\. "):
        measure(net, data[1])


def test_class_accuracies_takes_two_rows_of_known_labels():
    with pytest.raises(ValueError, match=r"labels have shape \(3,\) and predicted \(2,\)"):
        class_accuracies(numpy.zeros(3, int), numpy.zeros(2, int))
    for label in (-1, 10):
        with pytest.raises(ValueError, match=f"the labels reach from {label} to {label}"):
            class_accuracies(numpy.array([label]), numpy.array([0]))
    assert class_accuracies(numpy.zeros(0, int), numpy.zeros(0, int), 2) == [None, None]
