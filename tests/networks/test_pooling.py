"""The package's pooling is Gluon's, value for value, also where there is no greatest value."""

from __future__ import annotations

import itertools

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, np
from mxnet.gluon import nn

import d2l_bn
from d2l_bn.networks import pooling
from d2l_bn.norms import kernels

PAIRS = [(pooling.MaxPool2D, nn.MaxPool2D), (pooling.AvgPool2D, nn.AvgPool2D)]
needs_operators = pytest.mark.skipif(not kernels.available(), reason="no own operators")


def step(pool, X, dY):
    X = X.copy()
    X.attach_grad()
    with autograd.record():
        Y = pool(X)
    Y.backward(dY)
    return Y.asnumpy(), X.grad.asnumpy()


def random_dY(X, seed):
    shape = (*X.shape[:2], X.shape[2] // 2, X.shape[3] // 2)
    return np.array(numpy.random.RandomState(seed).normal(size=shape), dtype=X.dtype)


@settings(max_examples=40)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 7), st.integers(2, 9), st.integers(2, 40)),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    values=st.sampled_from([2, 5, 1000]),  # few values: ties
    hybridize=st.booleans(),
    seed=st.integers(0, 2**31 - 10),
)
def test_the_same_as_gluon(shape, dtype, values, hybridize, seed):
    rng = numpy.random.RandomState(seed)
    X = np.array(rng.randint(-values, values, shape) / 8, dtype=dtype)
    dY = random_dY(X, seed)
    for (ours, gluons), exact in zip(PAIRS, (True, False)):
        layer = ours(pool_size=2, strides=2)
        layer.cast(dtype)
        layer.hybridize(hybridize)
        for mine, theirs in zip(step(layer, X, dY), step(gluons(2, 2), X, dY)):
            assert mine.dtype == theirs.dtype
            tolerance = 0 if exact else 1e-3 if dtype == "float16" else 1e-6
            assert numpy.abs(mine - theirs).max() <= tolerance


@needs_operators
def test_every_window_of_ties_nan_and_infinity():
    special = [numpy.nan, numpy.inf, -numpy.inf, 0.0, 1.0]
    windows = list(itertools.product(special, repeat=4))
    X = np.array(windows, dtype="float32").reshape(len(windows), 1, 2, 2)
    dY = np.array(numpy.arange(1.0, len(windows) + 1), dtype="float32").reshape(-1, 1, 1, 1)
    ours, theirs = step(pooling.MaxPool2D(2, 2), X, dY), step(nn.MaxPool2D(2, 2), X, dY)
    for mine, expected in zip(ours, theirs):
        numpy.testing.assert_array_equal(mine, expected)


@pytest.mark.parametrize(
    "options",
    [
        {"pool_size": 3, "strides": 2},
        {"pool_size": 2, "strides": 1},
        {"pool_size": 2, "strides": 2, "padding": 1},
        {"pool_size": 2, "strides": 2, "ceil_mode": True},
    ],
)
def test_other_windows_are_gluons(options):
    X = np.array(numpy.random.RandomState(0).normal(size=(2, 3, 7, 7)))
    for ours, gluons in PAIRS:
        numpy.testing.assert_array_equal(ours(**options)(X), gluons(**options)(X))


@needs_operators
@pytest.mark.parametrize("ours", [pooling.MaxPool2D, pooling.AvgPool2D])
def test_gradients_add_up(ours):
    X = np.array(numpy.random.RandomState(0).normal(size=(2, 3, 4, 4)))
    for hybridize in (False, True):
        layer = ours(2, 2)
        layer.hybridize(hybridize)
        X.attach_grad("add")
        for times in (1, 2):
            with autograd.record():
                Y = layer(X)
            Y.backward()
            assert X.grad.sum().item() == pytest.approx(times * Y.size)


@needs_operators
def test_lenet_pools_with_them(monkeypatch):
    called = []
    for kind in ("max", "avg"):
        layer = d2l_bn.lenet(pooling=kind).pool1
        own = type(layer).own
        monkeypatch.setattr(
            type(layer), "own", staticmethod(lambda X, own=own: called.append(X) or own(X))
        )
        layer(np.ones((1, 6, 24, 24)))
    assert len(called) == 2


@pytest.mark.parametrize("ours, gluons", PAIRS)
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 1, 4)])
def test_images_too_small_are_refused_as_by_gluon(ours, gluons, shape):
    for layer in (ours(2, 2), gluons(2, 2)):
        with pytest.raises(Exception, match="."):
            layer(np.ones(shape)).asnumpy()
