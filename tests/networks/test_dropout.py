"""Dropout by hand: both ways, their expectation, and Gluon's layer."""

from __future__ import annotations

import numpy
import pytest
from mxnet import autograd, np
from mxnet.gluon import nn

from d2l_bn.networks.dropout import dropout

MANY = 200_000


def trained(function, X):
    with autograd.record():
        Y = function(X)
    Y.backward()
    return Y.asnumpy()


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("inverted", [True, False])
def test_each_value_is_dropped_or_scaled_and_the_expectation_is_the_prediction(keep, inverted):
    X = np.random.uniform(1, 3, size=(MANY,), dtype="float64")
    X.attach_grad()
    Y = trained(lambda X: dropout(X, keep, inverted=inverted), X)
    factor = 1 / keep if inverted else 1.0
    kept = Y != 0
    numpy.testing.assert_allclose(Y[kept], X.asnumpy()[kept] * factor, rtol=1e-12)
    sigma = (keep * (1 - keep) / MANY) ** 0.5
    assert abs(kept.mean() - keep) < 4 * sigma
    # the gradient takes the same way, with the same factor
    numpy.testing.assert_allclose(X.grad.asnumpy(), kept * factor, rtol=1e-12)
    prediction = dropout(X, keep, inverted=inverted).asnumpy()
    assert Y.mean() == pytest.approx(prediction.mean(), abs=4 * 3 * factor * sigma)
    if inverted:
        assert (prediction == X.asnumpy()).all()


def test_gluons_layer_is_the_inverted_one():
    X, keep = np.ones((MANY,)), 0.7
    layer = nn.Dropout(1 - keep)
    X.attach_grad()
    ours, theirs = trained(lambda X: dropout(X, keep), X), trained(layer, X)
    assert sorted(set(ours.round(4))) == sorted(set(theirs.round(4))) == [0, numpy.float32(1.4286)]
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.02)
    assert ours.std() == pytest.approx(theirs.std(), abs=0.02)
    assert (layer(X) == dropout(X, keep)).all()  # in prediction both do nothing


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype_shape_and_keeping_all(dtype):
    X = np.random.uniform(size=(3, 4, 5)).astype(dtype)
    with autograd.train_mode():
        Y = dropout(X, 0.5)
        assert str(Y.dtype) == dtype and Y.shape == X.shape
        assert (dropout(X, 1) == X).all()


@pytest.mark.parametrize("keep", [0, -0.5, 1.5, float("nan")])
def test_keep_is_a_probability(keep):
    with pytest.raises(ValueError, match="keep is"):
        dropout(np.ones((2,)), keep)


def test_no_other_arrays():
    with pytest.raises(TypeError, match="X is a list"):
        dropout([1.0], 0.5)
