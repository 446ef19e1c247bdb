"""Internal covariate shift, both ways: by hand, and nothing is left moved."""

import math

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn
from training_helpers import same, values

import d2l_bn
from d2l_bn.diagnostics.covariate_shift import gradient_shift, input_moments, moment_shift
from d2l_bn.networks.watching import blocks

random = numpy.random.RandomState(0)
IMAGES = np.array(random.uniform(size=(8, 1, 28, 28)), dtype="float32")
CLASSES = np.array(random.randint(0, 10, 8))


def lenet(norm):
    mx.random.seed(0)
    net = d2l_bn.lenet(norm)
    net.initialize(init.Xavier())
    net(IMAGES)
    return net


@pytest.mark.parametrize("norm, hybridize", [(None, True), ("gluon", True), ("batch", False)])
def test_input_moments_are_those_of_the_layer_before(norm, hybridize):
    net = lenet(norm)
    if hybridize:
        net.hybridize()
        net(IMAGES)
    before = values(net)
    seen = input_moments(net, IMAGES, ["act1", "conv2"])
    assert same(before, values(net)) and list(seen) == ["act1", "conv2"]
    assert not any(block._forward_pre_hooks for block in blocks(net).values())
    with autograd.train_mode():
        Z = net.conv1(IMAGES)
        Z = Z if norm is None else net.norm1(Z)
        pooled = net.pool1(net.act1(Z))
    for name, array in (("act1", Z), ("conv2", pooled)):
        mean, deviation = seen[name]
        numpy.testing.assert_allclose(mean, array.asnumpy().mean(axis=(0, 2, 3)), atol=1e-5)
        numpy.testing.assert_allclose(deviation, array.asnumpy().std(axis=(0, 2, 3)), rtol=1e-4)
    if norm is not None:
        assert seen["act1"][0] == pytest.approx(0, abs=1e-4)  # the mode of training


def test_an_unknown_layer_is_refused():
    with pytest.raises(ValueError, match="no layer 'act9' in net; expected some of .*act4"):
        input_moments(lenet(None), IMAGES, ["act1", "act9"])


def test_moment_shift_by_hand():
    before = numpy.array([1.0, 2.0]), numpy.array([3.0, 4.0])
    assert moment_shift(before, before) == 0
    moved = numpy.array([4.0, 2.0]), numpy.array([3.0, 8.0])
    assert moment_shift(before, moved) == pytest.approx(math.sqrt((9 + 16) / (9 + 16)))
    ten = tuple(10 * part for part in before), tuple(10 * part for part in moved)
    assert moment_shift(*ten) == pytest.approx(moment_shift(before, moved))  # units fall out
    assert moment_shift(before, moved, relative=False) == pytest.approx(math.sqrt(25 / 2))
    assert moment_shift(*ten, relative=False) == pytest.approx(10 * math.sqrt(25 / 2))
    constant = numpy.array([1.0]), numpy.array([0.0])
    assert moment_shift(constant, constant) == 0
    assert moment_shift(constant, (numpy.array([2.0]), numpy.array([0.0]))) == math.inf


def gradients(net, X, y):
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y).mean()
    loss.backward()
    return [layer.weight.grad().asnumpy().astype("float64") for layer in net if layer.params]


def test_gradient_shift_by_hand():
    """Three layers; the layers before the one in question are stepped with their biases."""
    X = np.array(random.normal(size=(16, 5)), dtype="float32")
    y = np.array(random.randint(0, 3, 16))
    net = nn.Sequential()
    net.add(nn.Dense(4, activation="tanh"), nn.Dense(4, activation="tanh"), nn.Dense(3))
    mx.random.seed(0)
    net.initialize(init.Normal(1))
    before = gradients(net, X, y)
    old = values(net)
    shifts = gradient_shift(net, X, y, lr=0.5)
    assert same(old, values(net)) and list(shifts) == ["1", "2"]
    steps = [
        {p: p.data() - 0.5 * p.grad() for p in layer.collect_params().values()} for layer in net
    ]
    for number in (1, 2):
        for parameter, new in steps[number - 1].items():  # adds to those before it
            parameter.set_data(new)
        G, G_new = before[number], gradients(net, X, y)[number]
        shift = shifts[str(number)]
        assert shift.norm == pytest.approx(numpy.linalg.norm(G), rel=1e-4)
        assert shift.distance == pytest.approx(numpy.linalg.norm(G - G_new), rel=1e-3)
        cosine = (G * G_new).sum() / numpy.linalg.norm(G) / numpy.linalg.norm(G_new)
        assert shift.cosine == pytest.approx(cosine, abs=1e-4)
        assert shift.relative == pytest.approx(shift.distance / shift.norm)
        assert shift.distance > 0.01


def test_a_small_step_shifts_little_and_batch_norm_is_left_as_it_was():
    net = lenet("batch")
    before = values(net)
    small, large = (gradient_shift(net, IMAGES, CLASSES, lr)["output"] for lr in (1e-3, 1.0))
    assert same(before, values(net))
    assert small.relative < 0.01 < large.relative and large.cosine < small.cosine
