"""Frozen batch normalization: the averages are used and stay; γ and β as asked for."""

from __future__ import annotations

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.networks.batch_norm_layers import averages, batch_norms, has_averages
from d2l_bn.networks.freezing import freeze
from d2l_bn.norms.batch_renorm import BatchRenorm


def images():
    return np.array(numpy.random.RandomState(0).rand(6, 1, 28, 28), dtype="float32")


def recalibrated(norm, hybridized):
    mx.random.seed(0)
    net = d2l_bn.resnet(8, norm)
    net.initialize(mx.init.Xavier())
    net(images())
    d2l_bn.recalibrate(net, [images()])
    if hybridized:
        net.hybridize()
        with autograd.record():
            net(images())  # compiled as it was
    return net


@pytest.mark.parametrize("hybridized", [False, True])
@pytest.mark.parametrize("norm", ["batch", "gluon"])
def test_training_mode_computes_what_prediction_does_and_the_averages_stay(norm, hybridized):
    net = recalibrated(norm, hybridized)
    layers = list(batch_norms(net).values())
    before = [p.data().copy() for layer in layers for p in averages(layer)]
    expected = net(images()).asnumpy()
    with autograd.train_mode():
        assert np.abs(net(images()) - np.array(expected)).max().item() > 0.01
    for parameter, value in zip((p for layer in layers for p in averages(layer)), before):
        parameter.set_data(value)  # which that pass has moved
    freeze(net)
    assert not has_averages(net)
    with autograd.record():
        scores = net(images())
    scores.backward(np.ones_like(scores))
    numpy.testing.assert_allclose(scores.asnumpy(), expected, rtol=1e-4, atol=1e-5)
    for parameter, value in zip((p for layer in layers for p in averages(layer)), before):
        numpy.testing.assert_array_equal(parameter.data().asnumpy(), value.asnumpy())
    alone = net(images()[:1])
    numpy.testing.assert_allclose(alone.asnumpy(), expected[:1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("norm", ["batch", "gluon"])
def test_gamma_and_beta_are_trained_unless_they_are_frozen_too(norm, affine):
    net = recalibrated(norm, hybridized=True)
    freeze(net, affine=affine)
    norm1, conv1 = net.block1.branch.norm1, net.block1.branch.conv1
    before = [p.data().asnumpy() for p in (norm1.gamma, norm1.beta, conv1.weight)]
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(images()), np.array([0, 1, 2, 3, 4, 5]))
    loss.backward()
    trainer.step(6)
    moved = [
        (p.data().asnumpy() != b).any()
        for p, b in zip((norm1.gamma, norm1.beta, conv1.weight), before)
    ]
    assert moved == [not affine, not affine, True]


def test_the_gradient_for_the_input_is_that_of_a_fixed_linear_map():
    layer = d2l_bn.BatchNorm(1, num_dims=2, eps=0.5)
    layer.initialize()
    layer.moving_var.set_data(np.array([[3.5]]))
    layer.gamma.set_data(np.array([[3.0]]))
    freeze(layer)
    X = np.array([[1.0], [5.0]])
    X.attach_grad()
    with autograd.record():
        Y = layer(X)
    Y.backward(np.array([[2.0], [-4.0]]))
    assert Y.reshape(-1).tolist() == [1.5, 7.5]  # 3 x / sqrt(3.5 + 0.5)
    assert X.grad.reshape(-1).tolist() == [3.0, -6.0]


def test_a_frozen_network_folds_and_refuses_to_be_recalibrated():
    net = recalibrated("batch", hybridized=False)
    freeze(net)
    expected = net(images()).asnumpy()
    numpy.testing.assert_allclose(
        d2l_bn.fold(net)(images()).asnumpy(), expected, rtol=1e-3, atol=1e-4
    )
    with pytest.raises(ValueError, match="no batch normalization"):
        d2l_bn.recalibrate(net, [images()])


def test_what_cannot_be_frozen_is_refused_and_nothing_has_changed():
    net = nn.Sequential()
    net.add(d2l_bn.BatchNorm(3, 2), BatchRenorm(3, 2))
    with pytest.raises(TypeError, match="1 is a BatchRenorm"):
        freeze(net)
    assert len(batch_norms(net)) == 2
    with pytest.raises(ValueError, match="no batch normalization"):
        freeze(nn.Dense(2))
