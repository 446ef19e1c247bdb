"""The shift by hand, by the formula and as measured; and dropout taken out for a while."""

import numpy
import pytest
from mxnet import autograd, init, np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.diagnostics.dropout_variance import dropout_variance
from d2l_bn.diagnostics.variance_shift import VarianceShift, variance_shift, without_dropout
from d2l_bn.networks.batch_norm_layers import averages, batch_norms

RNG = numpy.random.default_rng(0)


def sequence(*layers):
    net = nn.HybridSequential()
    net.add(*layers)
    net.initialize(init.Normal(0.5))
    return net


def inputs(*shape, mean=1.0):
    return np.array(RNG.normal(mean, 1.0, shape), dtype="float32")


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_variance_that_dropout_adds_is_that_of_gluons_layer(rate):
    X = inputs(40_000, 3, mean=2.0)
    layer = nn.Dropout(rate)
    with autograd.train_mode():
        grown = layer(X).asnumpy().var(axis=0) - X.asnumpy().var(axis=0)
    numpy.testing.assert_allclose(dropout_variance(X, rate).asnumpy(), grown, rtol=0.05)


def test_through_a_dense_layer_by_hand():
    dense = nn.Dense(1, in_units=2)
    dense.initialize()
    dense.weight.set_data(np.array([[2.0, -3.0]]))
    X = np.array([[1.0, 0.0], [3.0, 2.0]])
    # p/(1-p) = 1/4; E[x1^2] = 5, E[x2^2] = 2: (4 * 5 + 9 * 2) / 4
    numpy.testing.assert_allclose(dropout_variance(X, 0.2, dense).asnumpy(), [9.5], rtol=1e-6)


@pytest.mark.parametrize("pad", [0, 1])
def test_through_a_convolution_as_measured(pad):
    conv = nn.Conv2D(2, kernel_size=3, padding=pad, in_channels=3)
    net = sequence(nn.Dropout(0.3), conv, nn.BatchNorm(in_channels=2))
    shift = variance_shift(net, [inputs(800, 3, 6, 6)])["2"]
    assert shift.ratio < 0.9
    assert shift.expected_ratio == pytest.approx(shift.ratio, rel=0.03)


def test_right_in_front_and_none_in_front():
    net = sequence(
        nn.BatchNorm(in_channels=3), nn.Dropout(0.5), nn.BatchNorm(in_channels=3), nn.Dropout(0.5)
    )
    shift = variance_shift(net, [inputs(30_000, 3)])
    assert shift["0"].ratio == shift["0"].expected_ratio == 1
    assert list(shift) == ["0", "2"]  # the dropout behind the last one shifts nothing
    # the averages of layer 0 are still 0 and 1: in prediction E[x^2] = 2 and Var x = 1
    assert shift["2"].expected_ratio == pytest.approx(1 / 3, rel=0.05)


def test_stored_variance_is_the_layers():
    net = sequence(nn.Dropout(0.5), nn.BatchNorm(in_channels=1))
    net[1].running_var.set_data(np.array([8.0]))
    shift = variance_shift(net, [np.array([[1.0], [5.0]])])["1"]
    assert shift.stored == [8] and shift.prediction == [4] and shift.stored_ratio == 0.5


def test_ratios_are_means_over_channels():
    shift = VarianceShift(*(numpy.array(v) for v in ([4.0, 1], [2.0, 1], [1.0, 1], [3.0, 0])))
    assert (shift.ratio, shift.stored_ratio, shift.expected_ratio) == (0.75, 0.625, 0.625)


@pytest.mark.parametrize("norm", ["batch", "gluon"])
def test_lenet_and_nothing_changes(norm):
    net = d2l_bn.lenet(norm, activation="relu", dropout={"pool1": 0.5, "act3": 0.2})
    net.initialize(init.Xavier())
    net.hybridize()
    batches, _ = d2l_bn.load_fashion_mnist(64, data="synthetic", limit=192)
    d2l_bn.recalibrate(net, list(batches))
    before = {n: p.data().asnumpy() for n, p in net._collect_params_with_prefix().items()}
    shifts = variance_shift(net, list(batches), batches=2)
    assert list(shifts) == ["norm1", "norm2", "norm3", "norm4"]
    expected = [shifts[name].expected_ratio < 1 for name in shifts]
    assert expected == [False, True, False, True]
    assert shifts["norm2"].ratio == pytest.approx(shifts["norm2"].expected_ratio, rel=0.1)
    for name, parameter in net._collect_params_with_prefix().items():
        numpy.testing.assert_array_equal(parameter.data().asnumpy(), before[name])


@pytest.mark.parametrize(
    "layers, words",
    [
        ((nn.Dropout(0.5), nn.Activation("relu"), nn.BatchNorm()), "between 0 and 2 stand 1"),
        ((nn.Dropout(0.5), nn.Dense(3), nn.Dense(3), nn.BatchNorm()), "stand 1, 2"),
        ((nn.Dropout(0.5), nn.Dense(3)), "no batch normalization"),
    ],
)
def test_what_the_formula_does_not_know_is_refused(layers, words):
    net = sequence(*layers)
    net(np.ones((2, 3)))
    with pytest.raises(ValueError, match=words):
        variance_shift(net, [np.ones((2, 3))])


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_rates_out_of_range_are_refused(rate):
    with pytest.raises(ValueError, match="rate is"):
        dropout_variance(np.ones((2, 3)), rate)


@pytest.mark.parametrize("hybridize", [False, True])
def test_without_dropout_and_back_again(hybridize):
    net = sequence(nn.Dropout(0.5), nn.Dropout(0.25))
    if hybridize:
        net.hybridize()
    X = np.ones((1000, 1))
    with autograd.train_mode():
        assert (net(X) == 0).any()
    with pytest.raises(OSError), without_dropout(net), autograd.train_mode():
        assert (net(X) == 1).all()
        raise OSError
    assert (net[0]._rate, net[1]._rate) == (0.5, 0.25)
    with autograd.train_mode():
        assert (net(X) == 0).any()


def test_recalibrated_without_dropout_the_shift_is_gone():
    net = sequence(nn.Dropout(0.5), nn.BatchNorm(in_channels=2))
    X = inputs(4000, 2)
    with without_dropout(net):
        d2l_bn.recalibrate(net, [X])
    (layer,) = batch_norms(net).values()
    expected = X.asnumpy().var(axis=0, ddof=1)
    numpy.testing.assert_allclose(averages(layer)[1].data().asnumpy(), expected, rtol=1e-4)
    assert variance_shift(net, [X])["1"].stored_ratio == pytest.approx(1, abs=1e-3)
