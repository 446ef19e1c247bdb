"""Code of the first edition runs as it was pasted, with its import lines alone changed."""

from __future__ import annotations

import functools
import re

import numpy
import pytest
from mxnet import np

import d2l_bn
from d2l_bn import d2lzh

IMPORTS = """
from mxnet import autograd, gluon, init
from mxnet.gluon import nn
import d2l_bn.d2lzh as d2l
from d2l_bn.d2lzh import nd
"""
PASTED = """
def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    if not autograd.is_training():
        X_hat = (X - moving_mean) / nd.sqrt(moving_var + eps)
    else:
        assert len(X.shape) in (2, 4)
        if len(X.shape) == 2:
            mean = X.mean(axis=0)
            var = ((X - mean) ** 2).mean(axis=0)
        else:
            mean = X.mean(axis=(0, 2, 3), keepdims=True)
            var = ((X - mean) ** 2).mean(axis=(0, 2, 3), keepdims=True)
        X_hat = (X - mean) / nd.sqrt(var + eps)
        moving_mean = momentum * moving_mean + (1.0 - momentum) * mean
        moving_var = momentum * moving_var + (1.0 - momentum) * var
    Y = gamma * X_hat + beta
    return Y, moving_mean, moving_var

class BatchNorm(nn.Block):
    def __init__(self, num_features, num_dims, **kwargs):
        super(BatchNorm, self).__init__(**kwargs)
        if num_dims == 2:
            shape = (1, num_features)
        else:
            shape = (1, num_features, 1, 1)
        self.gamma = self.params.get('gamma', shape=shape, init=init.One())
        self.beta = self.params.get('beta', shape=shape, init=init.Zero())
        self.moving_mean = nd.zeros(shape)
        self.moving_var = nd.zeros(shape)

    def forward(self, X):
        if self.moving_mean.context != X.context:
            self.moving_mean = self.moving_mean.copyto(X.context)
            self.moving_var = self.moving_var.copyto(X.context)
        Y, self.moving_mean, self.moving_var = batch_norm(
            X, self.gamma.data(), self.beta.data(), self.moving_mean,
            self.moving_var, eps=1e-5, momentum=0.9)
        return Y

net = nn.Sequential()
net.add(nn.Conv2D(6, kernel_size=5), BatchNorm(6, num_dims=4), nn.Activation('sigmoid'),
        nn.MaxPool2D(pool_size=2, strides=2),
        nn.Dense(84), BatchNorm(84, num_dims=2), nn.Activation('sigmoid'), nn.Dense(10))

lr, num_epochs, batch_size, ctx = 1.0, 3, 256, d2l.try_gpu()
net.initialize(ctx=ctx, init=init.Xavier())
trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': lr})
train_iter, test_iter = d2l.load_data_fashion_mnist(batch_size)
d2l.train_ch5(net, train_iter, test_iter, batch_size, trainer, ctx, num_epochs)
gamma = net[1].gamma.data().reshape((-1,)), net[1].beta.data().reshape((-1,))
"""


def test_the_chapters_code_runs_and_learns(monkeypatch, capsys):
    few = functools.partial(d2l_bn.load_fashion_mnist, data="synthetic", limit=600)
    monkeypatch.setattr(d2lzh, "load_fashion_mnist", lambda size, data: few(size))
    pasted: dict = {}
    exec(IMPORTS + PASTED, pasted)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"training on {pasted['ctx']}" and len(lines) == 4
    losses = [float(re.match(r"epoch \d, loss ([\d.]+),", line)[1]) for line in lines[1:]]
    assert losses == sorted(losses, reverse=True)
    accuracy = float(re.search(r"test acc ([\d.]+)", lines[-1])[1])
    ours = d2lzh.evaluate_accuracy(pasted["test_iter"], pasted["net"])
    assert accuracy == pytest.approx(ours, abs=5e-4)
    assert pasted["gamma"][0].shape == (6,)


def test_its_loop_takes_the_steps_of_train():
    """The same first weights and order: every example weighs alike in both."""
    train_iter, test_iter = d2l_bn.load_fashion_mnist(64, data="synthetic", limit=160)
    ours, theirs = d2l_bn.lenet(), d2l_bn.lenet()
    d2l_bn.train(theirs, train_iter, epochs=1, lr=1e-300)  # the same start, and no step
    d2l_bn.train(ours, train_iter, epochs=2, lr=0.5)
    from mxnet import gluon

    trainer = gluon.Trainer(theirs.collect_params(), "sgd", {"learning_rate": 0.5})
    d2lzh.train_ch5(theirs, train_iter, test_iter, 64, trainer, d2l_bn.try_gpu(), 2)
    for name in ("conv1", "output"):
        one, other = (getattr(net, name).weight.data().asnumpy() for net in (ours, theirs))
        numpy.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


def test_names_of_legacy_arrays():
    assert isinstance(d2lzh.nd.ones((2, 3)), np.ndarray)
    with pytest.raises(AttributeError, match="nd.concat is np.concatenate"):
        _ = d2lzh.nd.concat
    with pytest.raises(AttributeError, match="not known to mx.np"):
        _ = d2lzh.nd.no_such_function
    with pytest.raises(ValueError, match="resize is 96"):
        d2lzh.load_data_fashion_mnist(256, resize=96)
