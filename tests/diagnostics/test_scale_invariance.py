"""Weights in front of a batch normalization: which they are, how long, and how fast they turn."""

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, gluon, np
from mxnet.gluon import nn
from training_helpers import examples

import d2l_bn
from d2l_bn.diagnostics.scale_invariance import (
    decay_only,
    scale_invariant,
    weight_norms,
)


def network():
    """Without max pooling, where a tie would be broken in another way after rounding."""
    net = nn.HybridSequential()
    net.add(
        nn.Dense(8, in_units=4),
        nn.BatchNorm(in_channels=8),
        nn.Activation("tanh"),
        nn.Dense(3, in_units=8),
    )
    return net


def train(optimizer, lr=0.5, **params):
    net = network()
    decay_only(net, scale_invariant(net))
    options = {"optimizer": optimizer, "optimizer_params": params}
    d2l_bn.train(net, examples(*[64] * 20), epochs=1, lr=lr, **options)
    return net


def test_which_weights_they_are():
    assert list(scale_invariant(network())) == ["0"]
    names = scale_invariant(d2l_bn.lenet("gluon", places=(2, 4)))
    assert list(names) == ["conv2", "dense2"]
    with pytest.raises(ValueError, match="right behind"):
        scale_invariant(d2l_bn.lenet(placement="after"))
    with pytest.raises(ValueError, match="no batch normalization"):
        scale_invariant(d2l_bn.lenet(None))


def test_same_loss_smaller_gradient_at_a_right_angle():
    net = network()
    net.initialize(mx.init.Xavier())
    (X, y), weight = examples(64)[0], scale_invariant(net)["0"]
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()

    def loss_and_gradient():
        with autograd.record():
            loss = loss_function(net(X), y).mean()
        loss.backward()
        return loss.item(), weight.grad().asnumpy().copy()

    loss, gradient = loss_and_gradient()
    w = weight.data().asnumpy()
    weight.set_data(5 * weight.data())
    scaled_loss, scaled_gradient = loss_and_gradient()
    assert scaled_loss == pytest.approx(loss, rel=1e-4)
    numpy.testing.assert_allclose(5 * scaled_gradient, gradient, rtol=1e-2, atol=1e-4)
    cosine = (w * gradient).sum() / numpy.linalg.norm(w) / numpy.linalg.norm(gradient)
    assert abs(cosine) < 1e-3


def test_lengths_and_rates_by_hand():
    net = nn.Dense(1, in_units=2)
    net.initialize()
    net.weight.set_data(np.array([[3.0, 4.0]]))
    assert weight_norms({"w": net.weight}) == {"w": 5.0}


def test_decay_reaches_the_chosen_only():
    """By a gradient of zero, so that a step is decay and nothing else."""
    net = network()
    net.initialize(mx.init.One())
    decay_only(net, scale_invariant(net))
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5, "wd": 0.2})
    with autograd.record():
        loss = 0 * net(np.ones((2, 4))).sum()
    loss.backward()
    trainer.step(1)
    assert net[0].weight.data().asnumpy() == pytest.approx(0.9)
    for parameter in (net[1].gamma, net[3].weight):
        assert parameter.data().asnumpy() == pytest.approx(1)


def test_growing_rate_goes_through_the_functions_of_decay():
    decayed, grown = train("sgd", wd=0.1), train("growingsgd", decay=0.1)
    w, v = (net[0].weight.data().asnumpy() for net in (decayed, grown))
    numpy.testing.assert_allclose(v, w * 0.95**-20, rtol=1e-2, atol=1e-3)
    numpy.testing.assert_allclose(
        grown[3].weight.data().asnumpy(), decayed[3].weight.data().asnumpy(), rtol=1e-2, atol=1e-3
    )
    undecayed = train("sgd")[0].weight.data().asnumpy()
    turned = numpy.linalg.norm(undecayed / numpy.linalg.norm(undecayed) - w / numpy.linalg.norm(w))
    assert turned > 0.05  # what the equality above is measured against


def test_without_decay_weights_only_grow():
    net = network()
    lengths = []
    weights = scale_invariant(net)
    d2l_bn.train(
        net,
        examples(*[64] * 150),
        epochs=1,
        lr=0.5,
        on_batches=lambda number, tally: lengths.append(weight_norms(weights)["0"]),
    )
    assert len(lengths) >= 4 and lengths == sorted(lengths) and lengths[-1] > 1.01 * lengths[0]


@pytest.mark.parametrize(
    "params, words",
    [
        ({"decay": 3.0}, r"product in \[0, 1\)"),
        ({"decay": -0.1}, "product in"),
        ({"decay": 0.1, "momentum": 0.9}, "no momentum"),
        ({"decay": 0.1, "wd": 0.1}, "no wd"),
    ],
)
def test_what_growing_sgd_refuses(params, words):
    with pytest.raises(ValueError, match=words):
        mx.optimizer.create("growingsgd", learning_rate=0.5, **params)
