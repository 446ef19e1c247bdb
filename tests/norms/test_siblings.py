"""layer_norm, instance_norm and group_norm: values by hand, equivalences, invariances, dtypes."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, np
from sibling_helpers import CASES, IDS, INSTANCE, LAYER, SHAPES, arrays, in_numpy, random_case

from d2l_bn.norms.group import group_norm
from d2l_bn.norms.normalize import normalize

both = pytest.mark.parametrize("sibling, rank", CASES, ids=IDS)
X4 = np.array(
    [[[[0.0, 2.0]], [[4.0, 6.0]], [[1.0, 1.0]], [[5.0, 5.0]]]], dtype="float64"
)  # (1, 4, 1, 2)


def per_channel(*values):
    return np.array(values, dtype="float64").reshape(1, -1, 1, 1)


def test_layer_by_hand():
    X = np.array([[1.0, 3.0], [0.0, 8.0]])  # means 2, 4; variances 1, 16
    Y = LAYER.function(X, np.array([[2.0, 1.0]]), np.array([[0.5, -1.0]]), 3.0)
    a, b = 1 / (1 + 3) ** 0.5, 4 / (16 + 3) ** 0.5  # ε inside the root
    assert Y.asnumpy() == pytest.approx(numpy.array([[0.5 - 2 * a, a - 1], [0.5 - 2 * b, b - 1]]))


def test_layer_by_hand_in_four_dimensions():
    Y = LAYER.function(X4, per_channel(1, 2, 1, 1), per_channel(0, 0, 1, 0), 0.5)
    # 0 2 4 6 1 1 5 5: mean 3, variance (9 + 1 + 1 + 9 + 4 * 4) / 8 = 4.5
    r = 5**0.5
    assert Y.asnumpy().ravel() == pytest.approx(numpy.array([-3, -1, 2, 6, r - 2, r - 2, 2, 2]) / r)


def test_instance_by_hand():
    Y = INSTANCE.function(X4, per_channel(1, 2, 1, 1), per_channel(0, 0, 7, 0), 3.0)
    # variances 1, 1, 0, 0; ε = 3
    assert Y.asnumpy().ravel().tolist() == [-0.5, 0.5, -1, 1, 7, 7, 0, 0]


def test_group_by_hand():
    Y = group_norm(X4, per_channel(1, 2, 3, 1), per_channel(0, 0, 0, 1), 2, 4.0)
    # 0 2 4 6: mean 3, variance 5, √(5 + 4) = 3; 1 1 5 5: mean 3, variance 4, √8
    b = 2 / 8**0.5
    expected = [-1, -1 / 3, 2 / 3, 2, -3 * b, -3 * b, b + 1, b + 1]
    assert Y.asnumpy().ravel() == pytest.approx(numpy.array(expected))


def test_groups_are_neighbours():
    X = np.array([[0.0, 0.0, 0.0, 1.0, 2.0, 3.0]])
    Y = group_norm(X, np.ones((1, 6)), np.zeros((1, 6)), 2).asnumpy()[0]
    assert (Y[:3] == 0).all() and Y[3] < 0 < Y[5]


@both
@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**31),
    n=st.integers(1, 4),
    half=st.integers(1, 3),
    eps=st.sampled_from([1e-5, 1.0]),
)
def test_against_numpy(sibling, rank, seed, n, half, eps):
    shape = (n, 2 * half + 2)[:rank] + ((half, 3) if rank == 4 else ())
    case = random_case(shape, seed)
    Y = sibling.function(*arrays(case), eps)
    expected = in_numpy(*case, sibling.groups(shape[1]), eps)
    assert Y.shape == shape and str(Y.dtype) == "float64"
    numpy.testing.assert_allclose(Y.asnumpy(), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("sibling", [LAYER, INSTANCE], ids=str)
def test_group_norm_has_them_as_its_ends(sibling):
    case = arrays(random_case((3, 6, 4, 5)))
    group = group_norm(*case, sibling.groups(6))
    assert numpy.abs((sibling.function(*case) - group).asnumpy()).max() < 1e-12
    middle = group_norm(*case, 3)
    assert numpy.abs((middle - group).asnumpy()).max() > 0.1  # and the groups matter


def test_layer_is_group_with_one_group_after_a_dense_layer_too():
    case = arrays(random_case((3, 6)))
    difference = LAYER.function(*case) - group_norm(*case, 1)
    assert numpy.abs(difference.asnumpy()).max() < 1e-12


@both
@settings(max_examples=8)
@given(seed=st.integers(0, 2**31), a=st.floats(0.1, 50), b=st.floats(-50, 50))
def test_an_example_may_be_brighter_or_of_more_contrast(sibling, rank, seed, a, b):
    x, gamma, beta = random_case(SHAPES[rank], seed)
    changed = x.copy()
    changed[1] = a * x[1] + b
    Y, Z = (sibling.function(*arrays([v, gamma, beta]), 1e-12).asnumpy() for v in (x, changed))
    assert numpy.abs(Y - Z).max() < 1e-6


@both
def test_without_scale_and_shift_each_index_set_has_mean_0_and_variance_1(sibling, rank):
    x, gamma, beta = random_case(SHAPES[rank], loc=3.0)
    Y = sibling.function(*arrays([x, gamma * 0 + 1, beta * 0]), 1e-12).asnumpy()
    sets = Y.reshape(len(Y), sibling.groups(Y.shape[1]), -1)
    assert numpy.abs(sets.mean(2)).max() < 1e-12 and numpy.abs(sets.var(2) - 1).max() < 1e-9


@both
def test_an_example_depends_on_itself_alone_and_the_mode_does_not_matter(sibling, rank):
    x, gamma, beta = random_case(SHAPES[rank])
    together = sibling.function(*arrays([x, gamma, beta])).asnumpy()
    for mode in (autograd.train_mode, autograd.predict_mode):
        with mode():
            alone = sibling.function(*arrays([x[1:2], gamma, beta])).asnumpy()
        assert numpy.abs(alone - together[1:2]).max() < 1e-12


@both
@pytest.mark.parametrize("loc", [1e4, -1e4])
def test_far_from_zero_float32_agrees_with_float64(sibling, rank, loc):
    shape = (4, 512) if rank == 2 else (4, 6, 16, 16)
    case = random_case(shape, loc=loc)
    case[0] = case[0].astype("float32")  # the same values for both
    Y = sibling.function(*arrays(case, "float32"))
    expected = in_numpy(*case, sibling.groups(shape[1]), 1e-5)
    assert numpy.abs(Y.asnumpy() - expected).max() < 1e-4


@both
def test_float16_is_computed_in_float32(sibling, rank):
    x, gamma, beta = random_case((3, 4, 24, 24) if rank == 4 else (3, 400))
    x = (1000 + 100 * x).astype("float16")  # squares of 10,000 and more would overflow
    Y = sibling.function(np.array(x, dtype="float16"), *arrays([gamma, beta], "float32"))
    assert str(Y.dtype) == "float16"
    expected = in_numpy(x, gamma, beta, sibling.groups(x.shape[1]), 1e-5)
    assert numpy.abs(Y.asnumpy() - expected).max() < 1e-2  # float16's spacing near 8


@both
def test_nothing_passed_in_is_written_to(sibling, rank):
    case = arrays(random_case(SHAPES[rank]))
    before = [a.asnumpy().tobytes() for a in case]
    case[0].attach_grad()
    with autograd.record():
        Y = sibling.function(*case)
    Y.backward()
    assert [a.asnumpy().tobytes() for a in case] == before


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 2), (1, 2), (0, 1, 2)])
def test_normalize_takes_any_axes(axes):
    x = numpy.random.RandomState(0).randn(3, 4, 5)
    ones, zeros = np.ones((1, 1, 1), dtype="float64"), np.zeros((1, 1, 1), dtype="float64")
    Y = normalize(np.array(x, dtype="float64"), axes, ones, zeros, 0.1)
    m, v = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    numpy.testing.assert_allclose(Y.asnumpy(), (x - m) / numpy.sqrt(v + 0.1), atol=1e-12)
