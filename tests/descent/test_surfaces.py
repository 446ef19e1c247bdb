"""Surfaces: derivatives against central differences, known minima, whole grids at once."""

import numpy as np
import pytest

from d2l_bn.descent.surfaces import (
    Beale,
    LeastSquares,
    LongValley,
    Quadratic,
    Rosenbrock,
    SaddlePoint,
)

LINE = LeastSquares([[1, 1], [2, 1], [3, 1], [5, 1]], [3, 5, 8, 9], width=(6, 6))
SURFACES = [Quadratic((1, 20), 0.5), Beale(), LongValley(), SaddlePoint(), Rosenbrock(), LINE]
IDS = [surface.name for surface in SURFACES]


def points_of(surface, n=20):
    rng = np.random.default_rng(0)
    windows = np.array([surface.x_range, surface.y_range])  # (2, 2): axis, low and high
    return windows[:, 0] + rng.random((n, 2)) * (windows[:, 1] - windows[:, 0])


def central_differences(f, point, h=1e-5):
    return np.stack([(f(point + h * e) - f(point - h * e)) / (2 * h) for e in np.eye(2)], axis=-1)


@pytest.mark.parametrize("surface", SURFACES, ids=IDS)
def test_derivatives_against_central_differences(surface):
    for point in points_of(surface):
        slope, curvature = surface.gradient(point), surface.hessian_at(point)
        scale = np.abs(slope).max() + np.abs(curvature).max() + 1
        assert np.allclose(slope, central_differences(surface.value, point), atol=1e-8 * scale)
        numeric = central_differences(surface.gradient, point)
        assert np.allclose(curvature, numeric, rtol=0, atol=1e-8 * scale)
        assert np.allclose(curvature, curvature.T)


@pytest.mark.parametrize("surface", SURFACES, ids=IDS)
def test_minima_are_minima_inside_the_window(surface):
    for minimum in surface.minima:
        assert np.allclose(surface.gradient(np.array(minimum)), 0, atol=1e-9)
        assert (np.linalg.eigvalsh(surface.hessian_at(np.array(minimum))) > 0).all()
        for window, coordinate in zip((surface.x_range, surface.y_range), minimum):
            assert window[0] < coordinate < window[1]
    lowest = surface.value(np.array(surface.minima[0]))
    assert (surface.value(points_of(surface, 500)) >= lowest).all()
    assert lowest == pytest.approx(0, abs=1e-12) or surface is LINE


@pytest.mark.parametrize("surface", SURFACES, ids=IDS)
def test_a_grid_is_one_call(surface):
    grid = points_of(surface, 35).reshape(7, 5, 2)
    assert surface.value(grid).shape == (7, 5) and surface.gradient(grid).shape == (7, 5, 2)
    assert surface.value(grid)[2, 3] == pytest.approx(surface.value(grid[2, 3]))
    assert np.allclose(surface.gradient(grid)[2, 3], surface.gradient(grid[2, 3]))


def test_known_values():
    assert Beale().value(np.array([0.0, 0.0])) == 1.5**2 + 2.25**2 + 2.625**2
    assert (
        Beale().value(np.array([1.0, 2.0])) == (1.5 + 1) ** 2 + (2.25 + 3) ** 2 + (2.625 + 7) ** 2
    )
    assert Rosenbrock().value(np.array([-1.0, 2.0])) == 4 + 100
    assert SaddlePoint().value(np.array([2.0, 0.0])) == 2 + 0.25
    far, farther = LongValley().gradient(np.array([[-10.0, 0.0], [-20.0, 0.0]]))[:, 0]
    assert far == pytest.approx(farther, rel=0.01)  # a slope that does not grow with the distance


def test_the_saddle_is_no_minimum():
    eigenvalues = np.linalg.eigvalsh(SaddlePoint().hessian_at(np.zeros(2)))
    assert np.allclose(SaddlePoint().gradient(np.zeros(2)), 0)
    assert eigenvalues[0] < 0 < eigenvalues[1]


def test_least_squares_on_some_examples():
    theta = np.array([0.5, -1.0])
    parts = [LINE.gradient_on(theta, [row]) for row in range(4)]
    assert np.allclose(np.mean(parts, axis=0), LINE.gradient(theta))
    # one example by hand: x = (2, 1), y = 5: error 2 * .5 - 1 - 5 = -5, gradient -5 * (2, 1)
    assert np.allclose(parts[1], [-10, -5])


def test_features_in_proportion_have_no_condition_number():
    flat = LeastSquares([[1, 100], [2, 200], [3, 300]], [1, 2, 3])
    assert flat.condition_number == float("inf")
    assert flat.largest_stable_learning_rate == pytest.approx(2 / (14 / 3 * 10001))


@pytest.mark.parametrize(
    "X, y",
    [([[1, 2, 3]], [1]), ([[1, 2]], [1, 2]), ([], []), ([[1, 2]], [[1]]), ([[1, np.nan]], [1])],
)
def test_other_data_are_refused(X, y):
    with pytest.raises(ValueError, match="X has shape|X or y holds NaN"):
        LeastSquares(X, y)
