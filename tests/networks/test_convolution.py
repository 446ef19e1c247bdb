"""The convolution computes what Gluon's does, and leaves to it what it cannot."""

from __future__ import annotations

from types import SimpleNamespace

import mxnet as mx
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.networks.convolution import Conv2D
from d2l_bn.norms import kernels

needs_operators = pytest.mark.skipif(not kernels.available(), reason="no own operators")


def random(*shape, dtype="float32", seed=0):
    return np.array(numpy.random.RandomState(seed).normal(size=shape), dtype=dtype)


def pair(channels, inputs, dtype="float32", grad_req="write", **options):
    """This package's layer and Gluon's, with the same weights."""
    layers = [kind(channels, in_channels=inputs, **options) for kind in (Conv2D, nn.Conv2D)]
    for layer in layers:
        layer.initialize()
        layer.cast(dtype)
        for seed, parameter in enumerate(layer.collect_params().values()):
            parameter.grad_req = grad_req
            parameter.set_data(random(*parameter.shape, dtype=dtype, seed=seed))
    return layers


def step(layer, X, compiled=False, grad_req="write", times=1):
    X, net = X.copy(), nn.HybridSequential()
    net.add(layer)
    net.hybridize(compiled)
    X.attach_grad(grad_req)
    for _ in range(times):
        with autograd.record():
            Y = net(X)
        Y.backward(random(*Y.shape, dtype=str(Y.dtype), seed=7))
    gradients = [parameter.grad() for parameter in layer.collect_params().values()]
    return [array.asnumpy() for array in (Y, X.grad, *gradients)]


def same(ours, theirs, tolerance):
    for mine, expected in zip(ours, theirs):
        assert mine.dtype == expected.dtype
        assert numpy.abs(mine - expected).max() <= tolerance * numpy.abs(expected).max()


@settings(max_examples=40)
@given(
    kernel=st.sampled_from([3, 5]),
    inputs=st.integers(1, 3),
    channels=st.integers(1, 4),
    examples=st.integers(1, 3),
    size=st.tuples(st.integers(5, 12), st.integers(5, 40)),
    dtype=st.sampled_from(["float32", "float64"]),
    hybridize=st.booleans(),
)
def test_the_same_as_gluon(kernel, inputs, channels, examples, size, dtype, hybridize):
    X = random(examples, inputs, *size, dtype=dtype)
    ours, gluons = pair(channels, inputs, dtype, kernel_size=kernel)
    same(step(ours, X, hybridize), step(gluons, X), 2e-5 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("grad_req", ["write", "add"])
@pytest.mark.parametrize("hybridize", [False, True])
def test_gradients_are_written_or_added(grad_req, hybridize):
    ours, gluons = pair(4, 1, grad_req=grad_req, kernel_size=3)
    X = random(2, 1, 8, 8)
    options = {"grad_req": grad_req, "times": 2}
    same(step(ours, X, hybridize, **options), step(gluons, X, **options), 1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": 4},
        {"kernel_size": (3, 5)},
        {"kernel_size": 3, "strides": 2},
        {"kernel_size": 3, "padding": 1},
        {"kernel_size": 3, "dilation": 2},
        {"kernel_size": 3, "use_bias": False},
        {"kernel_size": 3, "activation": "relu"},
    ],
)
def test_anything_else_is_gluons(options, monkeypatch):
    monkeypatch.setattr(kernels, "convolution", lambda *_: pytest.fail("the operator was called"))
    ours, gluons = pair(2, 1, **options)
    X = random(2, 1, 9, 9)
    same(step(ours, X), step(gluons, X), 0)


@needs_operators
@pytest.mark.parametrize("hybridize", [False, True])
def test_lenet_begins_with_it_and_learns_its_inputs_from_the_first_batch(hybridize, monkeypatch):
    called = []
    operator = kernels.convolution
    monkeypatch.setattr(
        kernels, "convolution", lambda *arguments: called.append(arguments) or operator(*arguments)
    )
    net = d2l_bn.lenet(None)
    net.initialize()
    net.hybridize(hybridize)
    assert net(np.ones((2, 1, 28, 28))).shape == (2, 10)
    assert called and net.conv1.weight.shape == (6, 1, 5, 5)


@needs_operators
@pytest.mark.parametrize("origin", ["attached", "computed"])
def test_an_input_with_a_gradient_gets_it(origin):
    ours, gluons = pair(4, 1, kernel_size=3)
    found = []
    for layer in (ours, gluons):
        layer.hybridize()
        X = random(2, 1, 8, 8)
        X.attach_grad()
        with autograd.record():
            Y = layer(X if origin == "attached" else X * 1)
        Y.backward()
        found.append([X.grad.asnumpy()])
    same(*found, 1e-5)


@needs_operators
def test_nobody_can_ask_for_the_gradient_that_is_left_out(monkeypatch):
    from d2l_bn.norms.kernels import operators

    calls, convolution = [], operators._loaded().convolution

    def noted(*inputs, **attributes):
        calls.append(attributes)
        return convolution(*inputs, **attributes)

    monkeypatch.setattr(operators, "_loaded", lambda: SimpleNamespace(convolution=noted))
    layer, _ = pair(4, 1, kernel_size=3)
    X = random(2, 1, 8, 8)
    with autograd.record():
        Y = layer(X)
    assert "of_data" in calls[0]
    with pytest.raises(mx.MXNetError, match="does not require gradient"):
        autograd.grad(Y, [X])


def test_images_smaller_than_the_kernel_are_refused():
    for layer in pair(2, 1, kernel_size=5):
        with pytest.raises(Exception, match="."):
            layer(np.ones((2, 1, 4, 9))).asnumpy()
