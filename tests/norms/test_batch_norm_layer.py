"""BatchNorm as a part of Gluon: parameters, modes, casting, sharing, devices, hybrids."""

import copy

import mxnet as mx
import numpy
import pytest
from layer_helpers import X4, layer, trained
from mxnet import autograd, init, np
from mxnet.gluon import nn
from training_helpers import assert_same, same, values

from d2l_bn.norms.batch import BatchNorm


def test_parameters():
    made = layer(num_features=3, num_dims=2)
    parameters = made.collect_params()
    assert [name[len(made.prefix) :] for name in parameters] == [
        "gamma",
        "beta",
        "moving_mean",
        "moving_var",
    ]
    assert [p.shape for p in parameters.values()] == [(1, 3)] * 4
    assert [p.grad_req for p in parameters.values()] == ["write", "write", "null", "null"]
    assert layer(3, 4).moving_var.shape == (1, 3, 1, 1)
    assert (made.eps, made.momentum) == (1e-5, 0.9)
    assert repr(made) == "BatchNorm(3, num_dims=2, eps=1e-05, momentum=0.9)"


def test_starts_as_the_identity_in_prediction():
    made = nn.Sequential()
    made.add(BatchNorm(3, 4))
    made.initialize(init.Xavier())  # does not touch what has an initializer of its own
    assert numpy.abs(made(np.array(X4)).asnumpy() - X4).max() < 1e-4  # 1 / sqrt(1 + 1e-5)


@pytest.mark.parametrize("mode", ["record", "train_mode", "predict", "record_predict", "pause"])
def test_averages_move_in_training_mode_only(mode):
    contexts = {
        "record": autograd.record(),
        "train_mode": autograd.train_mode(),
        "predict": autograd.predict_mode(),
        "record_predict": autograd.record(train_mode=False),
        "pause": autograd.pause(),
    }
    made = layer(momentum=0.75)
    with contexts[mode]:
        made(np.array(X4))
    mean, var = made.moving_mean.data().asnumpy(), made.moving_var.data().asnumpy()
    if mode in ("record", "train_mode"):
        expected = X4.mean((0, 2, 3), keepdims=True), X4.var((0, 2, 3), keepdims=True)
        assert mean == pytest.approx(0.25 * expected[0], rel=1e-5)
        assert var == pytest.approx(0.75 + 0.25 * expected[1], rel=1e-5)
    else:
        assert (mean == 0).all() and (var == 1).all()


def test_averages_move_once_per_forward_and_not_in_backward():
    made = layer(momentum=0.5)
    x = np.ones((2, 3, 1, 1))
    x.attach_grad()
    for step in range(1, 4):
        with autograd.record():
            Y = made(x)
        Y.backward(retain_graph=True)
        Y.backward()
        assert made.moving_mean.data().asnumpy() == pytest.approx(1 - 0.5**step)


@pytest.mark.parametrize("name", ["float64", numpy.float64, "float16", numpy.float16, "float32"])
def test_cast(name):
    dtype = numpy.dtype(name).name
    kept = "float64" if dtype == "float64" else "float32"  # float16 goes with float32 statistics
    made, before = trained(), values(trained())
    net = nn.Sequential()
    net.add(made)
    net.cast(name)
    assert {str(value.dtype) for value in values(made).values()} == {kept}
    assert_same(values(made), before)
    with autograd.record():
        Y = net(np.array(X4, dtype=dtype))
    Y.backward()
    assert str(Y.dtype) == dtype and str(made.gamma.grad().dtype) == kept
    assert (values(made)["moving_mean"] != before["moving_mean"]).all()


def test_force_reinit_starts_again():
    made, fresh = trained(), layer()
    made.initialize(init.Xavier(), force_reinit=True)
    assert same(values(made), values(fresh))


def test_sharing_of_parameters():
    first = layer()
    second = BatchNorm(3, 4, params=first.params)
    with autograd.train_mode():
        first(np.array(X4))
    assert second.moving_mean is first.moving_mean and same(values(first), values(second))
    net = nn.Sequential()
    net.add(first, second)
    with autograd.record():
        Y = net(np.array(X4))
    Y.backward()
    assert len(net.collect_params().keys()) == 4


def test_deepcopy_is_another_layer():
    made = trained()
    other = copy.deepcopy(made)
    before = values(made)
    assert same(values(other), before) and repr(other) == repr(made)
    with autograd.train_mode():
        other(np.array(X4))
    assert same(values(made), before) and not same(values(other), before)


def test_each_context_has_its_own_averages_and_saving_takes_their_mean(tmp_path):
    devices = [mx.cpu(0), mx.cpu(1)]
    made = layer(ctx=devices, momentum=0.0)
    halves = X4[:2], X4[2:]
    with autograd.record():
        outputs = [made(np.array(x, ctx=device)) for x, device in zip(halves, devices)]
    for Y in outputs:
        Y.backward()
    assert [Y.ctx for Y in outputs] == devices
    means = [made.moving_mean.data(device).asnumpy() for device in devices]
    for mean, x in zip(means, halves):
        assert mean == pytest.approx(x.mean((0, 2, 3), keepdims=True), rel=1e-5)
    made.save_parameters(str(tmp_path / "file"))
    one = layer()
    one.load_parameters(str(tmp_path / "file"))
    assert one.moving_mean.data().asnumpy() == pytest.approx((means[0] + means[1]) / 2, rel=1e-6)
    made.collect_params().reset_ctx(mx.cpu(1))
    assert made(np.array(X4, ctx=mx.cpu(1))).ctx == mx.cpu(1)


def test_hybridized_neighbours_and_parents():
    net, plain = nn.Sequential(), None
    net.add(nn.Conv2D(3, 2, in_channels=3), BatchNorm(3, 4), nn.Activation("sigmoid"))
    net.initialize(init.Xavier())
    for hybridize in (False, True):
        if hybridize:
            net.hybridize(static_alloc=True)
        net[1].initialize(force_reinit=True)
        x = np.array(X4)
        x.attach_grad()
        predicted = net(x).asnumpy()
        with autograd.record():  # the other mode after the first one: it must not be frozen in
            Y = net(x)
        Y.backward(np.array(X4[..., :4, :4]))
        results = [predicted, Y.asnumpy(), x.grad.asnumpy(), *values(net[1]).values()]
        if plain is None:
            plain = results
    assert all(numpy.abs(a - b).max() < 1e-6 for a, b in zip(plain, results))
    assert numpy.abs(plain[0] - plain[1]).max() > 1e-3  # the two modes differ
