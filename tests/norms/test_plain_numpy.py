"""The NumPy layers: by hand, against the package's layer, and where the usual code goes wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd
from mxnet import np as mx_np

import d2l_bn
from d2l_bn.norms.reference.plain_numpy import BatchNorm1D, BatchNorm2D

KINDS = {2: BatchNorm1D, 4: BatchNorm2D}


@settings(max_examples=25)
@given(
    shape=st.one_of(
        st.tuples(st.integers(1, 6), st.integers(1, 4)),
        st.tuples(*[st.integers(1, 4)] * 4),
    ),
    seed=st.integers(0, 2**31 - 1),
    momentum=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
    eps=st.sampled_from([1e-5, 0.1]),
)
def test_the_packages_layer_does_the_same(shape, seed, momentum, eps):
    random, channels = np.random.RandomState(seed), shape[1]
    reference = KINDS[len(shape)](channels, momentum, eps)
    layer = d2l_bn.BatchNorm(channels, len(shape), eps, momentum)
    layer.initialize()
    layer.cast("float64")
    reference.gamma, reference.beta = random.randn(2, channels)
    for parameter, value in ((layer.gamma, reference.gamma), (layer.beta, reference.beta)):
        parameter.set_data(mx_np.array(value.reshape(parameter.shape), dtype="float64"))
    for step in range(5):
        X = random.randn(*shape) * 3 + step
        with autograd.train_mode():
            Y = layer(mx_np.array(X, dtype="float64"))
        np.testing.assert_allclose(Y.asnumpy(), reference(X), rtol=1e-9, atol=1e-9)
    for name in ("mean", "var"):
        ours = getattr(layer, f"moving_{name}").data().asnumpy().reshape(-1)
        np.testing.assert_allclose(ours, getattr(reference, f"running_{name}"), rtol=1e-12)
    reference.training = False
    Y = layer(mx_np.array(X, dtype="float64"))
    np.testing.assert_allclose(Y.asnumpy(), reference(X), rtol=1e-12, atol=1e-12)


def test_by_hand():
    layer = BatchNorm1D(1, momentum=0.5, eps=3.0)
    layer.gamma[:], layer.beta[:] = 4, 10
    assert layer([[-1], [1]]).tolist() == [[8], [12]]  # 4 * (-1) / sqrt(1 + 3) + 10
    assert layer.running_mean.tolist() == [0] and layer.running_var.tolist() == [1]
    layer([[6], [10]])
    assert layer.running_mean.tolist() == [4] and layer.running_var.tolist() == [2.5]
    layer.training = False
    layer.eps = 1.5
    assert layer([[4], [6]]).tolist() == [[10], [14]]
    assert layer.running_mean.tolist() == [4]  # prediction moves nothing


@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 2, 2)])
def test_unbiased_is_the_usual_estimate_and_for_the_average_only(shape):
    X = np.random.randn(*shape)
    axes = (0, 2, 3)[: len(shape) - 1]
    biased, unbiased = (KINDS[len(shape)](3, momentum=0.0, unbiased=u) for u in (False, True))
    np.testing.assert_array_equal(biased(X), unbiased(X))
    np.testing.assert_allclose(biased.running_var, X.var(axis=axes))
    np.testing.assert_allclose(unbiased.running_var, X.var(axis=axes, ddof=1))


def test_features_are_not_pooled():
    X = np.array([[0.0, 1000.0], [2.0, 3000.0]])
    Y = BatchNorm1D(2)(X)
    np.testing.assert_allclose(Y, [[-1, -1], [1, 1]], rtol=1e-4)


def test_channels_have_parameters_of_their_own():
    layer = BatchNorm2D(2)
    layer.gamma[:], layer.beta[:] = [1, 10], [0, 5]
    Y = layer(np.random.randn(4, 2, 3, 3))
    np.testing.assert_allclose(Y.mean(axis=(0, 2, 3)), [0, 5], atol=1e-12)
    np.testing.assert_allclose(Y.std(axis=(0, 2, 3)), [1, 10], rtol=1e-4)


def test_one_value_a_channel():
    layer = BatchNorm1D(2)
    layer.beta[:] = [3, 4]
    assert layer([[7, 8]]).tolist() == [[3, 4]]  # x is the mean: no division by 0
    assert layer.running_var.tolist() == [0.9, 0.9]

    layer = BatchNorm1D(2, unbiased=True)
    with pytest.raises(ValueError, match="one value a channel"):
        layer([[7, 8]])
    assert layer.running_mean.tolist() == [0, 0]
    layer.training = False
    np.testing.assert_allclose(layer([[7, 8]]), [[7, 8]], rtol=1e-4)  # fine in prediction


@pytest.mark.parametrize(
    "kind, shape",
    [
        (BatchNorm1D, (4,)),
        (BatchNorm1D, (4, 2)),
        (BatchNorm1D, (0, 3)),
        (BatchNorm1D, (4, 3, 2, 2)),
        (BatchNorm2D, (4, 3)),
        (BatchNorm2D, (4, 2, 3, 3)),
        (BatchNorm2D, (4, 1, 3, 3)),  # would broadcast
    ],
)
def test_other_shapes_are_refused(kind, shape):
    layer = kind(3)
    with pytest.raises(ValueError, match="expected .*C = 3"):
        layer(np.ones(shape))
    assert layer.running_var.tolist() == [1, 1, 1]


@pytest.mark.parametrize("options", [{"momentum": 1.1}, {"momentum": float("nan")}, {"eps": 0}])
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="expected a"):
        BatchNorm1D(3, **options)


def test_the_input_stays():
    X = np.random.randn(3, 2)
    before = X.copy()
    BatchNorm1D(2)(X)
    np.testing.assert_array_equal(X, before)
