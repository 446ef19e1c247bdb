"""Activations: the formulas, their slopes, and Gluon's layers, all three against each other."""

from __future__ import annotations

import numpy
import pytest
from mxnet import autograd, np

from d2l_bn.diagnostics.gradient_check import check_gradients, numeric_gradient
from d2l_bn.networks.activations import ACTIVATIONS, Maxout, maxout

POINTS = [-700.0, -3.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 3.0, 700.0]


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 2e-6), ("float64", 1e-12)])
def test_formula_and_slope_are_those_of_gluons_layer(name, dtype, tolerance):
    activation = ACTIVATIONS[name]
    x = np.array(POINTS, dtype=dtype)  # 0 and far out included
    x.attach_grad()
    with autograd.record():
        y = activation.layer()(x)
    y.backward()
    if name == "leaky":  # MXNet 1.9.1 rounds its result to float32, whatever the input is
        tolerance = max(tolerance, 1e-7)
    close = {"rtol": tolerance, "atol": tolerance}
    numpy.testing.assert_allclose(activation(x).asnumpy(), y.asnumpy(), **close)
    numpy.testing.assert_allclose(activation.slope(x).asnumpy(), x.grad.asnumpy(), **close)
    assert str(activation(x).dtype) == str(activation.slope(x).dtype) == dtype


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_is_the_slope_of_the_formula(name):
    activation = ACTIVATIONS[name]
    x = np.array([-3.0, -1.0, -0.1, 0.1, 1.0, 3.0], dtype="float64")  # off the kink
    upstream = np.array([1.0, -2.0, 0.5, 3.0, -1.0, 2.0], dtype="float64")
    numeric = numeric_gradient(activation.function, x, upstream)
    ours = activation.slope(x) * upstream
    numpy.testing.assert_allclose(ours.asnumpy(), numeric.asnumpy(), rtol=1e-8, atol=1e-9)


def test_values_by_hand():
    x = np.array([-1.0, 0.0, 2.0], dtype="float64")
    e = numpy.exp(-1)
    expected = {
        "sigmoid": ([1 / (1 + 1 / e), 0.5, 1 / (1 + e**2)], [e / (1 + e) ** 2, 0.25, None]),
        "relu": ([0, 0, 2], [0, 0, 1]),
        "leaky": ([-0.1, 0, 2], [0.1, 0.1, 1]),
        "elu": ([e - 1, 0, 2], [e, 1, 1]),
        "tanh": ([numpy.tanh(-1), 0, numpy.tanh(2)], [1 - numpy.tanh(1) ** 2, 1, None]),
    }
    for name, (values, slopes) in expected.items():
        assert ACTIVATIONS[name](x).tolist() == pytest.approx(values)
        for slope, right in zip(ACTIVATIONS[name].slope(x).tolist(), slopes):
            assert right is None or slope == pytest.approx(right)


def test_maxout_by_hand_and_its_gradient_goes_to_the_greatest():
    X = np.array([[1.0, 5.0, 2.0, 3.0, 9.0, 4.0], [0.0, -1.0, -2.0, -5.0, -7.0, -6.0]])
    X.attach_grad()
    with autograd.record():
        Y = maxout(X, pieces=3)
    Y.backward(np.array([[10.0, 20.0], [30.0, 40.0]]))
    assert Y.tolist() == [[5, 9], [0, -5]]
    assert X.grad.tolist() == [[0, 10, 0, 0, 20, 0], [30, 0, 0, 40, 0, 0]]


def test_maxout_is_right_by_central_differences_and_contains_relu():
    X = np.array(numpy.random.RandomState(0).randn(4, 6), dtype="float64")
    assert check_gradients(lambda X: maxout(X, 2), {"X": X}).ok
    layer = Maxout(3, pieces=2, in_units=4)
    layer.initialize()
    weight, bias = layer.linear.weight, layer.linear.bias
    weight.set_data(weight.data() * np.array([1, 0, 1, 0, 1, 0]).reshape(6, 1))
    bias.set_data(np.zeros((6,)))
    X = np.array(numpy.random.RandomState(1).randn(5, 4), dtype="float32")
    linear = X.asnumpy() @ weight.data().asnumpy()[::2].T
    numpy.testing.assert_allclose(layer(X).asnumpy(), numpy.maximum(linear, 0), atol=1e-6)


@pytest.mark.parametrize("shape, pieces", [((2, 5), 2), ((2, 3, 4), 2), ((4,), 2)])
def test_maxout_refuses_what_it_cannot_group(shape, pieces):
    with pytest.raises(ValueError, match="expected"):
        maxout(np.ones(shape), pieces)
    with pytest.raises(ValueError, match="pieces is 0"):
        maxout(np.ones((2, 4)), 0)
