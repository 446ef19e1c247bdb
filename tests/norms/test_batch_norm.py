"""batch_norm, the function: values by hand, against NumPy, dtypes, data far from zero."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_helpers import case
from mxnet import autograd, np
from mxnet.base import MXNetError

from d2l_bn.norms.batch import batch_norm


def in_numpy(x, gamma, beta, moving_mean, moving_var, eps, momentum, training):
    """The definition, in float64, with NumPy's own mean and variance."""
    if not training:
        mean, var = moving_mean, moving_var
    else:
        axes = (0,) if x.ndim == 2 else (0, 2, 3)
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        moving_mean = momentum * moving_mean + (1 - momentum) * mean
        moving_var = momentum * moving_var + (1 - momentum) * var
    return gamma * (x - mean) / numpy.sqrt(var + eps) + beta, moving_mean, moving_var


def random_case(shape, seed, loc=0.0):
    """X, γ, β, moving mean and variance, as NumPy arrays that may be written to."""
    return [array.asnumpy() for array in case(shape, seed, loc, scale=1.0).values()]


def ours(arrays, eps, momentum, training, dtype="float64"):
    arrays = [np.array(array, dtype=dtype) for array in arrays]
    with autograd.train_mode() if training else autograd.predict_mode():
        return batch_norm(*arrays, eps, momentum)


def array4(values):
    return np.array(values).reshape(1, -1, 1, 1)


def test_two_dimensions_by_hand():
    X = np.array([[1.0, 0.0], [3.0, 8.0]])  # means 2, 4; variances 1, 16
    gamma, beta = np.array([[2.0, 1.0]]), np.array([[0.5, -1.0]])
    old_mean, old_var = np.array([[1.0, 0.0]]), np.array([[2.0, 1.0]])
    with autograd.train_mode():
        Y, mean, var = batch_norm(X, gamma, beta, old_mean, old_var, eps=3.0, momentum=0.75)
    # ε inside the root: sqrt(1 + 3) = 2 and sqrt(16 + 3)
    third = 4 / 19**0.5
    assert Y.asnumpy() == pytest.approx(numpy.array([[-0.5, -1 - third], [1.5, -1 + third]]))
    assert mean.asnumpy() == pytest.approx(numpy.array([[0.75 + 0.5, 1.0]]))
    assert var.asnumpy() == pytest.approx(numpy.array([[1.5 + 0.25, 0.75 + 4.0]]))


def test_four_dimensions_by_hand():
    X = np.array([[[[0.0, 2.0]], [[1.0, 1.0]]], [[[4.0, 6.0]], [[5.0, 5.0]]]])  # (2, 2, 1, 2)
    # channel 0 holds 0 2 4 6: mean 3, variance 5; channel 1 holds 1 1 5 5: mean 3, variance 4
    ones, zeros = array4([1.0, 1.0]), array4([0.0, 0.0])
    with autograd.train_mode():
        Y, mean, var = batch_norm(X, array4([3.0, 1.0]), zeros, zeros, ones, 4.0, 0.5)
    a, b = 3 / 9**0.5, 2 / 8**0.5
    expected = [[[[-3 * a, -a]], [[-b, -b]]], [[[a, 3 * a]], [[b, b]]]]
    assert Y.asnumpy() == pytest.approx(numpy.array(expected))
    assert mean.asnumpy().ravel().tolist() == [1.5, 1.5]
    assert var.asnumpy().ravel().tolist() == [3.0, 2.5]


def test_prediction_by_hand():
    X = np.array([[1.0, 5.0], [3.0, 5.0]])
    old_mean, old_var = np.array([[1.0, 2.0]]), np.array([[3.0, 0.0]])
    gamma, beta = np.array([[2.0, 1.0]]), np.array([[0.5, -1.0]])
    Y, mean, var = batch_norm(X, gamma, beta, old_mean, old_var, eps=1.0)
    assert Y.tolist() == [[0.5, 2.0], [2.5, 2.0]]
    assert mean.tolist() == [[1.0, 2.0]] and var.tolist() == [[3.0, 0.0]]


def test_prediction_of_an_example_depends_on_it_alone():
    arrays = random_case((5, 3, 2, 2), seed=0)
    together = ours(arrays, 1e-5, 0.9, training=False)[0]
    alone = ours([arrays[0][2:3], *arrays[1:]], 1e-5, 0.9, training=False)[0]
    assert (together[2:3] == alone).all().item()


def test_defaults_are_the_chapters():
    arrays = [np.array(a, dtype="float64") for a in random_case((4, 2), seed=1)]
    with autograd.train_mode():
        for ours_, explicit in zip(batch_norm(*arrays), batch_norm(*arrays, 1e-5, 0.9)):
            assert (ours_ == explicit).all().item()


shapes = st.one_of(
    st.tuples(st.integers(1, 6), st.integers(1, 4)),
    st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5)),
)


@settings(max_examples=80)
@given(
    shape=shapes,
    seed=st.integers(0, 2**31),
    eps=st.sampled_from([1e-5, 1e-3, 1.0]),
    momentum=st.sampled_from([0.0, 0.5, 0.9, 1.0, 1]),
    training=st.booleans(),
)
def test_against_numpy(shape, seed, eps, momentum, training):
    arrays = random_case(shape, seed)
    expected = in_numpy(*arrays, eps, momentum, training)
    for result, reference in zip(ours(arrays, eps, momentum, training), expected):
        assert result.shape == reference.shape and str(result.dtype) == "float64"
        numpy.testing.assert_allclose(result.asnumpy(), reference, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1, 1)])
def test_one_value_per_channel_gives_beta(shape):
    arrays = random_case(shape, seed=2)
    Y, _, var = ours(arrays, 1e-5, 0.0, training=True)
    assert (Y.asnumpy() == arrays[2]).all() and (var.asnumpy() == 0).all()


@pytest.mark.parametrize("value", [0.0, 12345.678, -1e9])
def test_a_constant_channel_gives_beta_however_large(value):
    arrays = random_case((3, 2, 5, 7), seed=2)
    arrays[0][:] = value
    Y, *_ = ours(arrays, 1e-5, 0.0, training=True, dtype="float32")
    assert numpy.abs(Y.asnumpy() - arrays[2]).max() < 1e-3


@pytest.mark.parametrize(
    "shape", [(256, 5), (16, 3), (8, 3, 5, 5), (2, 3, 16, 16), (1, 2, 90, 90), (64, 4, 12, 12)]
)
@pytest.mark.parametrize("seed", range(3))
def test_far_from_zero_float32_agrees_with_float64(shape, seed):
    arrays = random_case(shape, seed, loc=1e4)
    arrays[0] = arrays[0].astype("float32")  # the same values for both
    exact = in_numpy(arrays[0].astype("float64"), *arrays[1:], 1e-5, 0.0, training=True)
    Y, mean, var = ours(arrays, 1e-5, 0.0, training=True, dtype="float32")
    assert numpy.abs(Y.asnumpy() - exact[0]).max() < 1e-4  # asked for: 1e-3
    assert numpy.abs(mean.asnumpy() - exact[1]).max() < 1e-3  # the spacing of float32 there
    assert numpy.abs(var.asnumpy() / exact[2] - 1).max() < 1e-4


def test_float16_input_has_float32_statistics():
    rng = numpy.random.RandomState(3)
    x = (1000 + 100 * rng.randn(16, 2, 24, 24)).astype("float16")  # its sum is 9e6, squares 9e9
    X, (gamma, beta, mean, var) = np.array(x), [np.full((1, 2, 1, 1), v) for v in (2, 1, 0, 1)]
    with autograd.train_mode():
        Y, new_mean, new_var = batch_norm(X, gamma, beta, mean, var, 1e-5, 0.0)
    arrays = [x.astype("float64")] + [a.asnumpy() for a in (gamma, beta, mean, var)]
    expected = in_numpy(*arrays, 1e-5, 0.0, training=True)
    assert [str(a.dtype) for a in (Y, new_mean, new_var)] == ["float16", "float32", "float32"]
    assert numpy.abs(Y.asnumpy() - expected[0]).max() < 5e-3  # half of float16's spacing near 8
    assert new_mean.asnumpy() == pytest.approx(expected[1], rel=1e-6)
    assert new_var.asnumpy() == pytest.approx(expected[2], rel=1e-5)
    predicted = batch_norm(X, gamma, beta, new_mean, new_var)[0]
    assert str(predicted.dtype) == "float16"
    assert numpy.abs(predicted.asnumpy() - expected[0]).max() < 5e-3


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nothing_passed_in_is_written_to(training, dtype):
    arrays = [np.array(a, dtype=dtype) for a in random_case((3, 2, 2, 2), seed=4)]
    before = [a.asnumpy().tobytes() for a in arrays]
    arrays[0].attach_grad()
    with autograd.record(train_mode=training):
        Y, *_ = batch_norm(*arrays, 1e-5, 0.5)
    Y.backward()
    assert [a.asnumpy().tobytes() for a in arrays] == before


def test_the_averages_carry_no_graph():
    arrays = [np.array(a) for a in random_case((4, 3), seed=5)]
    for array in arrays:
        array.attach_grad()
    with autograd.record():
        _, new_mean, new_var = batch_norm(*arrays, 1e-5, 0.9)
    for average in (new_mean, new_var):
        with pytest.raises(MXNetError, match="not in a computational graph"):
            average.backward()


@pytest.mark.parametrize("number", [numpy.float32, numpy.float64, float])
def test_eps_and_momentum_may_be_numpy_numbers(number):
    arrays = random_case((4, 3), seed=6)
    expected = in_numpy(*arrays, 0.25, 0.5, training=True)
    for result, reference in zip(ours(arrays, number(0.25), number(0.5), True), expected):
        assert str(result.dtype) == "float64"
        assert result.asnumpy() == pytest.approx(reference, rel=1e-10)
