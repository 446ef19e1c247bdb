"""Gradients of batch normalization by value, and parity with Gluon's layer over training steps."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_helpers import case
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms.batch import BatchNorm, batch_norm


def random(shape, seed):
    return np.array(numpy.random.RandomState(seed).randn(*shape), dtype="float64")


@settings(max_examples=12)
@given(
    shape=st.one_of(
        st.tuples(st.integers(2, 5), st.integers(1, 3)),
        st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3)),
    ),
    seed=st.integers(0, 2**31 - 10),
    train_mode=st.booleans(),
)
def test_against_central_differences(shape, seed, train_mode):
    inputs = case(shape, seed)
    mean, var = inputs.pop("moving_mean"), inputs.pop("moving_var")
    report = check_gradients(
        lambda X, gamma, beta: batch_norm(X, gamma, beta, mean, var, 0.1, 0.9)[0],
        inputs,
        upstream=random(shape, seed + 5),
        train_mode=train_mode,
    )
    assert report.ok, report


@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 2, 3)])
def test_with_the_small_eps_of_the_default(shape):
    inputs = case(shape)
    averages = inputs.pop("moving_mean"), inputs.pop("moving_var")
    report = check_gradients(
        lambda X, gamma, beta: batch_norm(X, gamma, beta, *averages)[0], inputs
    )
    assert report.ok, report


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1, 1)])
def test_one_value_per_channel_sends_nothing_back_to_it(shape):
    arrays = case(shape)
    X = arrays["X"]
    X.attach_grad()
    with autograd.record():
        Y, *_ = batch_norm(**arrays)
    Y.backward(random(shape, 4))
    assert numpy.abs(X.grad.asnumpy()).max() < 1e-9


# Gluon keeps these two in float32; both are exact there, so that a comparison in float64 is sharp.
EPS, MOMENTUM = 2**-10, 0.75


def layers(shape, seed, dtype):
    """Our layer and Gluon's with the same random γ and β."""
    ours = BatchNorm(shape[1], len(shape), EPS, MOMENTUM)
    theirs = nn.BatchNorm(in_channels=shape[1], epsilon=EPS, momentum=MOMENTUM)
    for layer in (ours, theirs):
        layer.initialize()
        layer.cast(dtype)
        for k, parameter in enumerate((layer.gamma, layer.beta)):
            values = random((shape[1],), seed + k).reshape(parameter.shape)
            parameter.set_data(values.astype(dtype))
    return ours, theirs


@pytest.mark.parametrize("train_mode", [True, False])
@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-11), ("float32", 2e-5)])
@pytest.mark.parametrize("shape", [(7, 3), (4, 3, 5, 5), (4, 2, 1, 1), (1, 3, 4, 4)])
def test_outputs_gradients_and_averages_are_gluons(shape, dtype, tolerance, train_mode):
    ours, theirs = layers(shape, 10, dtype)

    def close(a, b):
        difference = numpy.abs(a.asnumpy().ravel() - b.asnumpy().ravel())
        return difference.max() < tolerance

    for step in range(4):  # the later ones predict with averages that have moved
        X, upstream = random(shape, 20 + step).astype(dtype), random(shape, 30 + step).astype(dtype)
        mode = train_mode or step < 2
        outputs, gradients = [], []
        for layer in (ours, theirs):
            x = X.copy()
            x.attach_grad()
            with autograd.record(train_mode=mode):
                Y = layer(x)
            Y.backward(upstream, train_mode=mode)
            outputs.append(Y)
            gradients.append((x.grad, layer.gamma.grad(), layer.beta.grad()))
        assert close(*outputs)
        assert all(close(*pair) for pair in zip(*gradients))
        assert close(ours.moving_mean.data(), theirs.running_mean.data())
        assert close(ours.moving_var.data(), theirs.running_var.data())


def small_net(norms):
    net = nn.Sequential()
    net.add(
        nn.Conv2D(4, kernel_size=3, in_channels=1),
        norms[0],
        nn.Activation("sigmoid"),
        nn.MaxPool2D(2),
        nn.Dense(6, in_units=36),
        norms[1],
        nn.Activation("sigmoid"),
        nn.Dense(3, in_units=6),
    )
    net.initialize(init.Xavier())
    net.cast("float64")
    return net


def parameters(net):
    return [p.data().asnumpy().ravel() for p in net.collect_params().values()]


def test_twenty_training_steps_are_gluons():
    # In float64, where rounding (1e-16 a step) stays far below any difference of formula.
    ours = small_net([BatchNorm(4, 4, EPS, MOMENTUM), BatchNorm(6, 2, EPS, MOMENTUM)])
    gluons = [nn.BatchNorm(in_channels=c, epsilon=EPS, momentum=MOMENTUM) for c in (4, 6)]
    theirs = small_net(gluons)
    pairs = zip(ours.collect_params().values(), theirs.collect_params().values())
    for mine, other in pairs:
        other.set_data(mine.data().reshape(other.shape))
    rng, loss_of = numpy.random.RandomState(0), gluon.loss.SoftmaxCrossEntropyLoss()
    runs = [(net, gluon.Trainer(net.collect_params(), "sgd")) for net in (ours, theirs)]
    X, y = rng.rand(16, 1, 8, 8), rng.randint(0, 3, 16)
    history = []
    for step in range(20):
        size = 16 if step % 5 < 4 else 5  # every fifth batch is a smaller one
        losses = []
        for net, trainer in runs:
            trainer.set_learning_rate(1.0 if step < 10 else 0.5)
            with autograd.record():
                loss = loss_of(net(np.array(X[:size])), np.array(y[:size]))
            loss.backward()
            trainer.step(size)
            losses.append(loss.mean().item())
        assert losses[0] == pytest.approx(losses[1], rel=1e-10)
        history.append(losses[0])
    assert history[-2] < 0.7 * history[0]  # it learns
    for mine, other in zip(parameters(ours), parameters(theirs)):
        assert numpy.abs(mine - other).max() < 1e-10
    predictions = [net(np.array(X)) for net in (ours, theirs)]
    assert numpy.abs((predictions[0] - predictions[1]).asnumpy()).max() < 1e-10
