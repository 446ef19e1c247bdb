"""Variants of batch normalization: values by hand, gradients, state, training."""

import numpy
import pytest
from layer_helpers import X4, case
from mxnet import autograd, gluon, np
from mxnet.gluon import nn
from training_helpers import same, values

import d2l_bn
from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms import kernels
from d2l_bn.norms.batch import BatchNorm, batch_norm
from d2l_bn.norms.batch_variants import (
    FrozenBatchNorm,
    MeanOnlyBatchNorm,
    VarianceOnlyBatchNorm,
    mean_only_batch_norm,
    variance_only_batch_norm,
)

BLOCKS = [MeanOnlyBatchNorm, VarianceOnlyBatchNorm, FrozenBatchNorm]
FUNCTIONS = {
    mean_only_batch_norm: lambda x, gamma, beta, mean, var: gamma * (x - mean) + beta,
    variance_only_batch_norm: lambda x, gamma, beta, mean, var: (
        gamma * x / numpy.sqrt(var + 0.5) + beta
    ),
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 4, 3)])
@pytest.mark.parametrize("training", [True, False])
def test_values_and_averages(function, shape, training):
    arguments = case(shape)
    with autograd.train_mode() if training else autograd.predict_mode():
        Y, *averages = function(**arguments, eps=0.5, momentum=0.75)
        _, *of_batch_norm = batch_norm(**arguments, eps=0.5, momentum=0.75)
    x, gamma, beta, mean, var = (array.asnumpy() for array in arguments.values())
    if training:
        axes = (0,) if len(shape) == 2 else (0, 2, 3)
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    expected = FUNCTIONS[function](x, gamma, beta, mean, var)
    assert Y.asnumpy() == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert all((a == b).all().item() for a, b in zip(averages, of_batch_norm))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("shape", [(4, 2), (2, 2, 2, 2)])
@pytest.mark.parametrize("training", [True, False])
def test_gradients_against_central_differences(function, shape, training):
    arguments = case(shape)
    mean, var = arguments.pop("moving_mean"), arguments.pop("moving_var")
    report = check_gradients(
        lambda X, gamma, beta: function(X, gamma, beta, mean, var, 0.1)[0],
        arguments,
        train_mode=training,
    )
    assert report.ok, report


def test_far_from_zero_the_mean_is_taken_away():
    X = np.array(1e4 + numpy.random.RandomState(0).randn(256, 2), dtype="float32")
    one, zero = np.ones((1, 2)), np.zeros((1, 2))
    with autograd.train_mode():
        Y, *_ = mean_only_batch_norm(X, one, zero, zero, one)
    exact = X.asnumpy().astype("float64")
    assert numpy.abs(Y.asnumpy() - (exact - exact.mean(axis=0))).max() < 1e-4


@pytest.mark.parametrize("block", BLOCKS)
def test_layer_moves_its_averages_in_training_and_uses_them_in_prediction(block, monkeypatch):
    monkeypatch.setattr(kernels, "fits", lambda X: False)  # bit for bit: both on arrays
    layer, plain = block(3, 4, eps=0.5, momentum=0.5), BatchNorm(3, 4, eps=0.5, momentum=0.5)
    for each in (layer, plain):
        each.initialize()
        with autograd.train_mode():
            each(np.array(X4))
    assert same(values(layer), values(plain))
    mean, var = (p.data().asnumpy() for p in (layer.moving_mean, layer.moving_var))
    expected = {
        MeanOnlyBatchNorm: X4 - mean,
        VarianceOnlyBatchNorm: X4 / numpy.sqrt(var + 0.5),
        FrozenBatchNorm: (X4 - mean) / numpy.sqrt(var + 0.5),
    }
    assert layer(np.array(X4)).asnumpy() == pytest.approx(expected[block], abs=1e-5)
    assert same(values(layer), values(plain))  # prediction moves nothing


@pytest.mark.parametrize("block", BLOCKS)
def test_reads_what_batch_norm_has_saved(tmp_path, block):
    plain, layer = BatchNorm(3, 4), block(3, 4)
    plain.initialize()
    with autograd.train_mode():
        plain(np.array(X4))
    plain.save_parameters(str(tmp_path / "file"))
    layer.load_parameters(str(tmp_path / "file"))
    assert same(values(layer), values(plain))


@pytest.mark.parametrize("block", BLOCKS)
def test_a_training_step_and_what_it_moves(block):
    net = nn.Sequential()
    net.add(nn.Dense(3, in_units=4), block(3, 2), nn.Dense(2, in_units=3))
    net.initialize()
    before, X = values(net), np.random.normal(size=(5, 4))
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    for _ in range(2):
        with autograd.record():
            loss = np.square(net(X) - np.arange(2)).sum()
        loss.backward()
        trainer.step(5)
    moved = {name for name, value in values(net).items() if (value != before[name]).any()}
    frozen = {"1.gamma", "1.beta"} if block is FrozenBatchNorm else set()
    # behind it, the bias of the first layer has no effect where a mean is taken away
    assert moved >= set(before) - frozen - {"0.bias"}
    assert not moved & frozen


@pytest.mark.parametrize("name", ["mean_only", "variance_only", "frozen"])
def test_recalibration_finds_them(name):
    train_iter, test_iter = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    net = d2l_bn.lenet(name)
    history = d2l_bn.train(net, train_iter, test_iter, epochs=1, lr=0.1, recalibrate=True)
    assert history["test_accuracy_population"][0] is not None


@pytest.mark.parametrize("function", FUNCTIONS)
def test_refuses_what_batch_norm_refuses(function):
    arguments = case((4, 3))
    with pytest.raises(ValueError, match=r"beta has shape \(3,\); expected \(1, 3\)"):
        function(**{**arguments, "beta": np.ones(3)})
    with pytest.raises(ValueError, match="momentum is 2"):
        function(**arguments, momentum=2)


@pytest.mark.parametrize("block", BLOCKS)
def test_layer_refuses_and_keeps_its_state(block):
    layer = block(3, 4)
    layer.initialize()
    before = values(layer)
    with autograd.record(), pytest.raises(ValueError, match="4 channels on axis 1; expected 3"):
        layer(np.ones((2, 4, 2, 2)))
    assert same(values(layer), before)
    with pytest.raises(ValueError, match="num_dims is 3"):
        block(3, 3)
