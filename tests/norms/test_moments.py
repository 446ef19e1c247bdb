"""Moments over any axes: against NumPy in float64, far from zero, and their gradients."""

import mxnet as mx
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, np

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms.moments import _ones, centred_moments, expand, mean_over, moments


@st.composite
def shapes_and_axes(draw):
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    axes = draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))
    return tuple(shape), tuple(sorted(axes)), draw(st.integers(0, 2**31))


@settings(max_examples=60)
@given(shapes_and_axes())
def test_against_numpy_over_any_axes(case):
    shape, axes, seed = case
    x = numpy.random.RandomState(seed).uniform(-5, 5, shape)
    mean, var = moments(np.array(x, dtype="float64"), axes)
    for ours, theirs in ((mean, x.mean(axes, keepdims=True)), (var, x.var(axes, keepdims=True))):
        assert ours.shape == theirs.shape and str(ours.dtype) == "float64"
        numpy.testing.assert_allclose(ours.asnumpy(), theirs, rtol=1e-12, atol=1e-13)


@settings(max_examples=60)
@given(shapes_and_axes())
def test_expand_copies_along_the_axes_of_length_one(case):
    shape, axes, seed = case
    collapsed = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    statistic = numpy.random.RandomState(seed).randn(*collapsed)
    result = expand(np.array(statistic, dtype="float64"), shape)
    assert result.shape == shape
    assert (result.asnumpy() == numpy.broadcast_to(statistic, shape)).all()


def test_variance_is_biased_by_hand():
    mean, var = moments(np.array([[1.0, 0.0], [2.0, 0.0], [6.0, 3.0]]), (0,))
    assert mean.tolist() == [[3.0, 1.0]]
    assert var.asnumpy() == pytest.approx(numpy.array([[14 / 3, 2.0]]), rel=1e-6)  # not 14/2


@pytest.mark.parametrize("shape", [(64, 3, 8, 8), (2, 3, 16, 16), (500, 4)])
def test_far_from_zero_in_float32(shape):
    axes = (0,) if len(shape) == 2 else (0, 2, 3)
    x = (1e4 + numpy.random.RandomState(3).randn(*shape)).astype("float32")
    mean, var = moments(np.array(x), axes)
    exact = x.astype("float64")
    assert numpy.abs(mean.asnumpy() - exact.mean(axes, keepdims=True)).max() < 1e-3  # its ulp
    assert numpy.abs(var.asnumpy() / exact.var(axes, keepdims=True) - 1).max() < 1e-4


def test_rest_is_what_rounding_left_of_the_mean():
    x = (1e4 + numpy.random.RandomState(3).randn(2, 3, 16, 16)).astype("float32")
    centred, rest, _, _ = centred_moments(np.array(x), (0, 2, 3))
    exact = x.astype("float64")
    exact -= exact.mean((0, 2, 3), keepdims=True)
    assert numpy.abs((centred - rest).asnumpy() - exact).max() < 1e-5
    assert numpy.abs(centred.asnumpy() - exact).max() > 1e-4  # so that there is something to tell


def test_input_is_not_written_to():
    X = np.array([[1.0, 2.0], [3.0, 6.0]])
    centred_moments(X, (0,))
    assert X.tolist() == [[1, 2], [3, 6]]


@pytest.mark.parametrize("axes", [(0,), (0, 2, 3), (1, 2, 3), (2, 3), (1,), (0, 1, 2, 3)])
@pytest.mark.parametrize("which", ["mean", "var"])
def test_gradients(axes, which):
    X = np.array(numpy.random.RandomState(4).randn(2, 3, 2, 2), dtype="float64")
    report = check_gradients(lambda X: moments(X, axes)[which == "var"], {"X": X})
    assert report.ok, report


@pytest.mark.parametrize("axes", [(0, 2, 3), (1,), (3,), (0,)])
def test_gradient_of_expand(axes):
    shape = (2, 3, 2, 4)
    small = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    statistic = np.array(numpy.random.RandomState(5).randn(*small), dtype="float64")
    report = check_gradients(lambda statistic: expand(statistic, shape), {"statistic": statistic})
    assert report.ok, report


def test_the_vector_of_ones_is_where_its_array_is():
    # CPU devices mix without an error, GPUs do not.
    for device in (mx.cpu(0), mx.cpu(1)):
        assert _ones((2, 3), "float32", device).ctx == device


def test_gradient_accumulates_where_it_is_asked_to():
    X = np.ones((2, 3, 2, 2))
    X.attach_grad(grad_req="add")
    for _ in range(2):
        with autograd.record():
            Y = mean_over(X, (0, 2, 3))
        Y.backward()
    assert X.grad.asnumpy() == pytest.approx(2 / 8)
