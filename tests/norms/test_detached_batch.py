"""DetachedBatchNorm: forward as BatchNorm, backward without the paths through μ and σ²."""

import numpy
import pytest
from mxnet import autograd, np

import d2l_bn
from d2l_bn.norms.detached_batch import DetachedBatchNorm

random = numpy.random.RandomState(0)
SHAPES = [(6, 3), (2, 3, 4, 5)]


def pair(shape):
    """A detached layer and a plain one with the same parameters, none of them where it began."""
    layers = []
    for kind in (DetachedBatchNorm, d2l_bn.BatchNorm):
        layer = kind(3, num_dims=len(shape))
        layer.initialize()
        layer.cast("float64")
        layer.gamma.set_data(np.array([0.5, 2.0, -1.0], dtype="float64").reshape(layer.gamma.shape))
        layer.beta.set_data(np.array([1.0, 0.0, 3.0], dtype="float64").reshape(layer.beta.shape))
        layers.append(layer)
    return layers, np.array(random.normal(2, 3, shape), dtype="float64")


def run(layer, X, dY):
    X = X.copy()
    X.attach_grad()
    with autograd.record():
        Y = layer(X)
    Y.backward(dY)
    return Y, X.grad, layer.gamma.grad(), layer.beta.grad()


@pytest.mark.parametrize("shape", SHAPES)
def test_forward_averages_and_prediction_are_those_of_batch_norm(shape):
    (detached, plain), X = pair(shape)
    with autograd.train_mode():
        numpy.testing.assert_allclose(detached(X).asnumpy(), plain(X).asnumpy(), rtol=1e-12)
    for name in ("moving_mean", "moving_var"):
        values = [getattr(layer, name).data().asnumpy() for layer in (detached, plain)]
        numpy.testing.assert_array_equal(*values)
        assert (values[0] != (0 if name == "moving_mean" else 1)).all()  # they have moved
    numpy.testing.assert_array_equal(detached(X).asnumpy(), plain(X).asnumpy())


@pytest.mark.parametrize("shape", SHAPES)
def test_gradients_by_hand(shape):
    (detached, plain), X = pair(shape)
    dY = np.array(random.normal(size=shape), dtype="float64")
    _, dX, dgamma, dbeta = run(detached, X, dY)
    _, dX_plain, dgamma_plain, dbeta_plain = run(plain, X, dY)
    axes = tuple(axis for axis in range(len(shape)) if axis != 1)
    deviation = numpy.sqrt(X.asnumpy().var(axis=axes, keepdims=True) + 1e-5)
    factor = detached.gamma.data().asnumpy() / deviation
    numpy.testing.assert_allclose(dX.asnumpy(), factor * dY.asnumpy(), rtol=1e-10)
    assert np.abs(dX - dX_plain).max() > 0.05  # another gradient than BatchNorm's
    numpy.testing.assert_allclose(dgamma.asnumpy(), dgamma_plain.asnumpy(), rtol=1e-10)
    numpy.testing.assert_allclose(dbeta.asnumpy(), dbeta_plain.asnumpy(), rtol=1e-10)


def test_what_batch_norm_refuses_is_refused_and_moves_nothing():
    layer = DetachedBatchNorm(3, num_dims=2)
    layer.initialize()
    with pytest.raises(ValueError, match="5"), autograd.record():
        layer(np.ones((4, 5)))
    assert (layer.moving_mean.data() == 0).all()
