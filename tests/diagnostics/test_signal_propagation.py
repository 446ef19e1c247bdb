"""Initializers and the signal through ten layers, dead ReLUs, the gradient check of a network."""

from __future__ import annotations

import numpy
import pytest
from mxnet import autograd, gluon, np
from mxnet.gluon import nn
from training_helpers import same, values

from d2l_bn import BatchNorm, lenet
from d2l_bn.diagnostics.dead_relus import dead_units
from d2l_bn.diagnostics.network_gradient_check import check_network
from d2l_bn.diagnostics.signal_propagation import propagate
from d2l_bn.networks.deep_network import deep_network
from d2l_bn.networks.initializers import INITIALIZERS, deviation, draw


def batch(examples=64, features=784):
    random = numpy.random.RandomState(0)
    X = np.array(random.randn(examples, features), dtype="float32")
    return X, np.array(random.randint(0, 10, examples))


@pytest.mark.parametrize("rule", INITIALIZERS)
def test_gluons_initializer_draws_with_the_deviation_of_the_formula(rule):
    fan_in, fan_out = 300, 500
    layer = nn.Dense(fan_out, in_units=fan_in)
    layer.initialize(INITIALIZERS[rule])
    weight, ours = layer.weight.data().asnumpy(), draw(rule, fan_in, fan_out)
    sigma = deviation(rule, fan_in, fan_out)
    assert ours.shape == weight.T.shape
    for drawn in (weight, ours):  # 150,000 values: 0.2 % is a standard error
        assert drawn.std() == pytest.approx(sigma, rel=0.01)
        assert abs(drawn.mean()) < 0.02 * sigma


def test_deviations_by_hand():
    assert deviation("lecun", 100, 7) == 0.1
    assert deviation("he", 8, 7) == 0.5
    assert deviation("xavier", 30, 20) == 0.2
    for arguments in (("Xavier", 1, 1), ("he", 0, 1), ("he", 1, 0)):
        with pytest.raises(ValueError):
            deviation(*arguments)


def test_he_keeps_the_mean_square_through_relus_and_lecun_halves_it():
    X, y = batch()
    for rule, factor in (("he", 1.0), ("lecun", 0.5)):
        outputs = propagate(deep_network(width=400, rule=rule), X, y)
        squares = [float((outputs[f"act{k}"].outputs ** 2).mean()) for k in range(1, 11)]
        ratio = (squares[-1] / squares[0]) ** (1 / 9)
        assert ratio == pytest.approx(factor, rel=0.1)


def test_batch_normalization_makes_the_signal_the_same_whatever_the_first_weights():
    X, y = batch()
    for rule in ("0.01", "1.0"):
        signals = propagate(deep_network(rule=rule, normalize=True), X, y)
        for k in range(1, 11):
            assert signals[f"norm{k}"].forward == pytest.approx(1.0, abs=0.02)
    plain = propagate(deep_network(rule="0.01"), X, y)
    assert plain["act10"].forward < 1e-8 and plain["act1"].backward < 1e-10


def test_gradients_are_those_of_the_outputs():
    X, y = batch(8, 5)
    net = deep_network(depth=2, width=4, activation="tanh", rule="lecun", in_units=5)
    signals = propagate(net, X, y)
    assert list(signals) == ["dense1", "act1", "dense2", "act2", "output"]
    hidden = np.array(signals["act1"].outputs)
    hidden.attach_grad()
    with autograd.record():
        scores = net._children["output"](net._children["act2"](net._children["dense2"](hidden)))
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(scores, y)
    loss.backward()
    numpy.testing.assert_allclose(signals["output"].outputs, net(X).asnumpy(), atol=1e-6)
    numpy.testing.assert_allclose(signals["act1"].gradients, hidden.grad.asnumpy(), atol=1e-6)
    gradient = signals["act1"].gradients.astype("float64")
    assert signals["act1"].backward == pytest.approx((gradient**2).mean() ** 0.5)


@pytest.mark.parametrize("norm", ["gluon", "batch"])
def test_looking_leaves_no_trace(norm):
    net = lenet(norm)
    net.initialize()
    X = np.random.uniform(size=(4, 1, 28, 28))
    net(X)
    before = values(net)
    signals = propagate(net, X, np.zeros((4,)))
    assert list(signals) == list(net._children)
    assert same(values(net), before)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"activation": "gelu"}, "activation is 'gelu'"),
        ({"rule": "kaiming"}, "rule is 'kaiming'"),
        ({"depth": 0}, "depth is 0"),
    ],
)
def test_deep_networks_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        deep_network(**options)


def relus(biases):
    """Units max(0, x + b), for x in [0, 1]."""
    net = nn.HybridSequential()
    net.add(nn.Dense(len(biases), in_units=1), nn.Activation("relu"))
    net.initialize()
    net[0].weight.set_data(np.ones((len(biases), 1)))
    net[0].bias.set_data(np.array(biases))
    return net


@pytest.mark.parametrize("hybrid", [False, True])
def test_a_unit_is_dead_if_it_is_0_for_every_example_of_every_batch(hybrid):
    net = relus([-2.0, -0.75, -0.25, 0.5])
    if hybrid:
        net.hybridize()
    first, last = np.array([[0.0], [0.5]]), np.array([[0.25], [1.0]])
    data = [(first, None), (last, None)]
    assert dead_units(net, data, ["1"])["1"].tolist() == [True, False, False, False]
    assert dead_units(net, data[:1], ["1"])["1"].tolist() == [True, True, False, False]
    assert dead_units(net, data[::-1], ["1"])["1"].tolist() == [True, False, False, False]


def test_no_gradient_reaches_a_dead_unit():
    net = relus([-2.0, 0.5])
    X = np.array([[0.0], [1.0]])
    with autograd.record():
        loss = (net(X) ** 2).sum()
    loss.backward()
    assert (net[0].weight.grad()[:, 0] == 0).tolist() == [True, False]
    assert dead_units(net, [(X, None)], ["1"])["1"].tolist() == [True, False]


def test_a_unit_of_a_convolution_is_a_channel():
    net = lenet(None, activation="relu")
    net.initialize()
    X = np.random.uniform(size=(4, 1, 28, 28))
    net(X)
    net.conv1.bias.set_data(np.array([-100.0, 0, 0, 0, 0, -100.0]))
    dead = dead_units(net, [(X, None)], ["act1", "act3"])
    assert (
        dead["act1"].shape == (6,) and dead["act1"][[0, 5]].all() and dead["act3"].shape == (120,)
    )
    for data, layers, message in (
        ([], ["act1"], "no batch"),
        ([(X, None)], ["act9"], "no layer 'act9'"),
        ([(X, None)], ["conv1"], "expected a ReLU layer"),
    ):
        with pytest.raises(ValueError, match=message):
            dead_units(net, data, layers)
    assert not net.conv1._forward_hooks and not net.act1._forward_hooks


class WrongDense(nn.Dense):
    """Right forwards; backwards, the bias gets no gradient."""

    def forward(self, X):
        return np.dot(X, self.weight.data().T) + self.bias.data().detach()


def small_network(dense):
    net = nn.Sequential()
    net.add(nn.Dense(3, in_units=4), BatchNorm(3, num_dims=2), nn.Activation("sigmoid"))
    net.add(dense(3, in_units=3))
    net.initialize()
    net.cast("float64")
    return net


def test_a_network_passes_the_gradient_check_and_a_wrong_layer_does_not():
    X = np.array(numpy.random.RandomState(0).randn(6, 4), dtype="float64")
    y = np.array([0, 1, 2, 0, 1, 2])
    net = small_network(nn.Dense)
    before = values(net)
    report = check_network(net, X, y)
    assert report.ok, str(report)
    assert list(report.errors) == [
        *("0.weight", "0.bias", "1.gamma", "1.beta", "3.weight", "3.bias"),
    ]
    assert same(values(net), before)  # the moving averages, too
    report = check_network(small_network(WrongDense), X, y)
    assert [name for name, error in report.errors.items() if error.wrong] == ["3.bias"]
    with pytest.raises(TypeError, match="X has dtype float32"):
        check_network(net, X.astype("float32"), y)
    net.cast("float32")
    with pytest.raises(TypeError, match="0.weight has dtype float32"):
        check_network(net, X, y)
