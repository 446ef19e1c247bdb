"""NoisyBatchNorm: what the noise is made of, when it comes, and that nothing else changes."""

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.norms.noisy_batch import NoisyBatchNorm, add_noise, without_noise


def noisy(channels, rank):
    return NoisyBatchNorm(nn.BatchNorm(in_channels=channels))


def layer(**noise):
    made = NoisyBatchNorm(d2l_bn.BatchNorm(3, num_dims=2), **noise)
    made.initialize()
    return made


X = np.array(numpy.random.RandomState(0).normal(5, 2, (64, 3)), dtype="float32")


@pytest.mark.parametrize("shape", [(5000, 40), (50, 40, 10, 10)])
def test_moments_of_the_noise(shape):
    """Zeros show m, and ones show s + m: the means and deviations that the formula promises."""
    mx.random.seed(0)
    m = add_noise(np.zeros(shape)).asnumpy().swapaxes(0, 1).reshape(40, -1)
    mx.random.seed(0)
    s = add_noise(np.ones(shape)).asnumpy().swapaxes(0, 1).reshape(40, -1) - m
    mu, sigma = m.mean(axis=1), s.mean(axis=1)  # of each channel
    assert mu.min() < -0.35 and mu.max() > 0.35 and numpy.abs(mu).max() < 0.51
    assert sigma.min() > 0.99 and sigma.max() < 1.26 and numpy.ptp(sigma) > 0.18
    numpy.testing.assert_allclose(m.std(axis=1), 0.1 / 3**0.5, rtol=0.05)  # uniform, ±0.1
    numpy.testing.assert_allclose(s.std(axis=1), 0.1, rtol=0.05)
    assert numpy.abs(m - mu[:, None]).max() < 0.103 < numpy.abs(s - sigma[:, None]).max()


def test_every_call_draws_anew_and_the_seed_decides():
    mx.random.seed(1)
    first, second = add_noise(X), add_noise(X)
    assert np.abs((first - second).mean(axis=0)).min() > 0.01  # the means themselves have moved
    mx.random.seed(1)
    assert (add_noise(X) == first).all()


def test_without_jitter_it_is_one_stretch_and_shift_for_each_channel():
    Y = add_noise(X.reshape(16, 3, 2, 2), jitter=0).asnumpy().swapaxes(0, 1).reshape(3, -1)
    Z = X.reshape(16, 3, 2, 2).asnumpy().swapaxes(0, 1).reshape(3, -1)
    slopes = []
    for x, y in zip(Z, Y):
        slope, height = numpy.polyfit(x, y, 1)
        numpy.testing.assert_allclose(y, slope * x + height, atol=1e-4)
        slopes.append(slope)
    assert len(set(slopes)) == 3


def test_the_gradient_passes_through_the_stretch_alone():
    x = X.copy()
    x.attach_grad()
    mx.random.seed(2)
    with autograd.record():
        Y = add_noise(x)
    Y.backward()
    mx.random.seed(2)
    assert x.grad.asnumpy() == pytest.approx((add_noise(X + 1) - Y).asnumpy(), abs=1e-5)


def test_prediction_is_that_of_the_layer_inside():
    one = layer()
    assert (one(X) == one.norm(X)).all()


def test_training_adds_noise_behind_the_layer_and_nothing_before_it():
    one = layer()
    with autograd.train_mode():
        Y = one(X)
        averages = one.norm.moving_mean.data().copy()
        with without_noise(one):
            clean = one(X)
    plain = d2l_bn.BatchNorm(3, num_dims=2)
    plain.initialize()
    with autograd.train_mode():
        numpy.testing.assert_array_equal(plain(X).asnumpy(), clean.asnumpy())
    numpy.testing.assert_array_equal(plain.moving_mean.data().asnumpy(), averages.asnumpy())
    assert np.abs(Y - clean).mean() > 0.05


def test_noise_comes_back_after_an_error():
    one, silent = layer(), layer()
    silent.silent = True
    net = nn.Sequential()
    net.add(one, silent)
    with pytest.raises(OSError), without_noise(net):
        assert one.silent
        raise OSError
    assert not one.silent and silent.silent  # each as it was


def test_lenet_trains_with_it_and_its_statistics_are_found():
    train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data="synthetic", limit=256)
    net = d2l_bn.lenet(noisy)
    history = d2l_bn.train(net, train_iter, test_iter, epochs=3)
    assert history["loss"][-1] < history["loss"][0]
    before = net.norm4.norm.running_mean.data().copy()
    with without_noise(net):
        d2l_bn.recalibrate(net, train_iter)
    assert (net.norm4.norm.running_mean.data() != before).any()


@pytest.mark.parametrize(
    "noise, error, words",
    [
        ({"shift": -0.1}, ValueError, "shift is -0.1; expected a finite number of at least 0"),
        ({"scale": 0.9}, ValueError, "scale is 0.9; expected a finite number of at least 1"),
        ({"jitter": float("nan")}, ValueError, "jitter is nan"),
        ({"jitter": "0.1"}, TypeError, "jitter is '0.1', a str; expected a finite number"),
        ({"shift": True}, TypeError, "shift is True"),
    ],
)
def test_refused_noise(noise, error, words):
    with pytest.raises(error, match=words):
        layer(**noise)
    with pytest.raises(error, match=words):
        add_noise(X, **noise)


@pytest.mark.parametrize(
    "array, error, words",
    [
        ([[1.0]], TypeError, "X is a list; expected an mx.np array"),
        (np.ones((2, 3, 4)), ValueError, r"X has shape \(2, 3, 4\), 3 axes"),
    ],
)
def test_refused_input(array, error, words):
    with pytest.raises(error, match=words):
        add_noise(array)


def test_a_layer_is_expected():
    with pytest.raises(TypeError, match="norm is a str; expected a layer such as"):
        NoisyBatchNorm("gluon")
