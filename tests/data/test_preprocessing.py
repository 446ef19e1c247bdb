"""Centre, scale, whiten: moments, covariances, the way back, and nothing from the test set."""

from __future__ import annotations

import numpy
import pytest

from d2l_bn.data.preprocessing import centre, scale, whiten

RANDOM = numpy.random.RandomState(0)
MIX = RANDOM.randn(5, 5)
TRAIN = RANDOM.randn(400, 5) @ MIX + numpy.array([100.0, -5, 0, 3, 1e4])
TEST = RANDOM.randn(7, 5) @ MIX + 50.0
FITS = {
    "centre": centre,
    "scale": scale,
    "pca": lambda X: whiten(X, "pca"),
    "zca": lambda X: whiten(X, "zca"),
}


def covariance(Z):
    return numpy.cov(Z.T, bias=True)


@pytest.mark.parametrize("name", FITS)
def test_means_are_0_and_the_inverse_brings_back_training_and_test_data(name):
    transform = FITS[name](TRAIN)
    numpy.testing.assert_allclose(transform(TRAIN).mean(axis=0), 0, atol=1e-8)
    for X in (TRAIN, TEST, TEST[:1]):
        numpy.testing.assert_allclose(transform.invert(transform(X)), X, rtol=1e-9, atol=1e-6)


def test_what_each_makes_of_the_covariance():
    numpy.testing.assert_allclose(covariance(centre(TRAIN)(TRAIN)), covariance(TRAIN), rtol=1e-9)
    correlation = covariance(scale(TRAIN, eps=1e-12)(TRAIN))
    numpy.testing.assert_allclose(correlation, numpy.corrcoef(TRAIN.T), rtol=1e-8, atol=1e-9)
    for kind in ("pca", "zca"):
        whitened = covariance(whiten(TRAIN, kind, eps=1e-12)(TRAIN))
        numpy.testing.assert_allclose(whitened, numpy.eye(5), atol=1e-8)


def test_eps_is_added_to_the_variance_inside_the_root():
    X = numpy.array([[0.0, 7.0], [2.0, 7.0]])  # variances 1 and 0
    numpy.testing.assert_allclose(scale(X, eps=3.0)(X), [[-0.5, 0], [0.5, 0]])
    for kind in ("pca", "zca"):
        assert numpy.abs(whiten(X, kind, eps=3.0)(X)).max() == pytest.approx(0.5)
    numpy.testing.assert_allclose(scale(X).invert(scale(X)(X)), X, rtol=1e-9)


def test_zca_is_symmetric_and_pca_is_sorted_by_variance():
    zca, pca = whiten(TRAIN, "zca"), whiten(TRAIN, "pca")
    numpy.testing.assert_allclose(zca.matrix, zca.matrix.T, atol=1e-9)
    # a small column is a component of large variance, divided by its deviation
    lengths = numpy.linalg.norm(pca.matrix, axis=0)
    assert (numpy.diff(lengths) > 0).all()
    variances = numpy.sort(numpy.linalg.eigvalsh(covariance(TRAIN)))[::-1]
    numpy.testing.assert_allclose(lengths, 1 / numpy.sqrt(variances + 1e-5), rtol=1e-6)


def test_of_all_whitenings_zca_stays_nearest_to_the_data():
    centred = centre(TRAIN)(TRAIN)
    distance = {
        kind: ((whiten(TRAIN, kind)(TRAIN) - centred) ** 2).sum() for kind in ("pca", "zca")
    }
    assert distance["zca"] < distance["pca"]


def test_components_that_are_left_out_have_no_way_back():
    some = whiten(TRAIN, "pca", components=2)
    whole = whiten(TRAIN, "pca")
    assert some(TEST).shape == (7, 2)
    numpy.testing.assert_allclose(some(TEST), whole(TEST)[:, :2])
    with pytest.raises(ValueError, match="no inverse: 2 of 5 components"):
        some.invert(some(TEST))
    assert whiten(TRAIN, "pca", components=5).inverse is not None


@pytest.mark.parametrize("name", FITS)
def test_the_statistics_are_those_of_the_training_set_only(name):
    transform = FITS[name](TRAIN)
    together = transform(TEST)
    alone = numpy.concatenate([transform(TEST[i : i + 1]) for i in range(len(TEST))])
    numpy.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-9)
    assert numpy.abs(together.mean(axis=0)).max() > 0.5  # the test set's own mean was not taken


def test_nothing_that_was_passed_in_is_written_to_and_float32_is_computed_in_float64():
    X = TRAIN.astype("float32")
    kept = X.copy()
    Z = scale(X)(X)
    assert (X == kept).all() and Z.dtype == "float64"


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: centre([[1.0]]), TypeError, "X is a list"),
        (lambda: scale(numpy.ones((2, 28, 28))), ValueError, "reshape"),
        (lambda: scale(numpy.ones((0, 3))), ValueError, "shape (0, 3)"),
        (lambda: scale(TRAIN, eps=0), ValueError, "eps is 0"),
        (lambda: whiten(TRAIN, "ZCA"), ValueError, "kind is 'ZCA'"),
        (lambda: whiten(TRAIN, eps=-1), ValueError, "eps is -1"),
        (lambda: whiten(TRAIN, "zca", components=2), ValueError, "components is 2"),
        (lambda: whiten(TRAIN, "pca", components=6), ValueError, "components is 6"),
        (lambda: centre(TRAIN)(TEST[:, :4]), ValueError, "expected 5 features"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
