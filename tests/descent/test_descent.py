"""Paths over a surface: steps by hand, schedules, paths that leave the plane."""

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from d2l_bn.descent import GradientDescent, Momentum, Path, descend, ramp
from d2l_bn.descent.surfaces import Quadratic

BOWL = Quadratic(eigenvalues=(1.0, 20.0))


def test_momentum_three_steps_by_hand():
    # f = (x^2 + 10 y^2) / 2, alpha = 0.1, gamma = 0.5, from (1, 1):
    # v1 = (.1, 1),  theta1 = (.9, 0);  v2 = (.14, .5), theta2 = (.76, -.5);
    # v3 = (.146, -.25), theta3 = (.614, -.25)
    path = descend(Quadratic((1.0, 10.0)), Momentum(0.1, 0.5), (1, 1), steps=3)
    expected = [[1, 1], [0.9, 0], [0.76, -0.5], [0.614, -0.25]]
    assert np.allclose(path.points, expected, rtol=0, atol=1e-12)
    assert path.values[0] == 5.5 and path.steps == 3 and path.stopped is None


@pytest.mark.parametrize(
    "rule", [GradientDescent(0.1), Momentum(0.1), Momentum(0.1, ramp(0, 1, 9))]
)
def test_rules_work_on_mxnet_arrays_of_any_shape(rule):
    theta, gradient = mx.np.ones((2, 3, 4)), mx.np.full((2, 3, 4), 2.0)
    state = rule.start(theta)
    new, _ = rule.step(theta, gradient, state, 1)
    assert isinstance(new, mx.np.ndarray) and new.dtype == "float32"
    assert mx.np.abs(new - 0.8).max().item() < 1e-6
    assert (theta == 1).all().item()


def test_scheduled_decay_is_read_at_every_step():
    seen = []

    def decay(t):
        seen.append(t)
        return [0.5, 0.7, 0.9][t - 1]

    path = descend(Quadratic((1.0, 1.0)), Momentum(0.1, decay), (1, 0), steps=3)
    # v: .1, .7*.1 + .1*.9 = .16, .9*.16 + .1*.74 = .218
    assert seen == [1, 2, 3]
    assert np.allclose(path.points[:, 0], [1, 0.9, 0.74, 0.522])


def test_largest_stable_learning_rate_is_a_sharp_limit():
    limit = BOWL.largest_stable_learning_rate
    below = descend(BOWL, GradientDescent(0.99 * limit), (-4, 1), steps=2000)
    above = descend(BOWL, GradientDescent(1.01 * limit), (-4, 1), steps=2000)
    assert below.stopped is None and below.values[-1] < 1e-10
    assert "left the plane at step" in above.stopped


@pytest.mark.parametrize("learning_rate", [1.0, 1e300])
def test_path_that_leaves_the_plane_has_no_nan(learning_rate):
    path = descend(BOWL, Momentum(learning_rate), (-4, 1), steps=10_000)
    assert "left the plane at step" in path.stopped and "smaller learning rate" in path.stopped
    assert np.isfinite(path.points).all() and np.isfinite(path.values).all()
    assert np.abs(path.points).max() <= 1e3 and len(path.points) == len(path.values)
    assert path.steps_to(1e9) is None


def test_gradient_that_turns_to_nan_stops_the_path():
    class Cliff(Quadratic):
        def gradient(self, points):
            return np.where(points > 0, np.nan, super().gradient(points))

    path = descend(Cliff(), GradientDescent(0.09), (-4, -1), steps=50)
    assert path.stopped.startswith("left the plane at step 2: the next point was (-3.31, nan)")
    assert np.allclose(path.points, [[-4, -1], [-3.64, 0.8]])


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(st.floats(0.1, 50), st.floats(0.1, 50)),
    st.floats(-3.2, 3.2),
    st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
)
def test_quadratic_gradient_against_central_differences(eigenvalues, angle, point):
    bowl = Quadratic(eigenvalues, angle)
    point, h = np.array(point), 1e-4
    numeric = [(bowl.value(point + h * e) - bowl.value(point - h * e)) / (2 * h) for e in np.eye(2)]
    assert np.allclose(bowl.gradient(point), numeric, rtol=1e-6, atol=1e-6)
    assert np.allclose(np.sort(np.linalg.eigvalsh(bowl.hessian)), np.sort(eigenvalues))


def test_surface_takes_a_whole_grid():
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-2, 2, 7)), axis=-1)
    assert BOWL.value(grid).shape == (7, 5) and BOWL.gradient(grid).shape == (7, 5, 2)
    assert BOWL.value(grid)[0, 0] == 0.5 * 1 + 0.5 * 20 * 4


def test_steps_to_counts_from_the_last_value_above():
    path = Path(np.zeros((5, 2)), np.array([9.0, 1.0, 3.0, 1.0, 0.5]))
    assert path.steps_to(2.0) == 3 and path.steps_to(10) == 0 and path.steps_to(0.1) is None


@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("rule", [GradientDescent, Momentum])
def test_learning_rate_is_refused(rule, rate):
    with pytest.raises(ValueError, match="learning_rate is"):
        rule(rate)


@pytest.mark.parametrize("decay", [1.0, -0.1, float("nan")])
def test_decay_is_refused(decay):
    with pytest.raises(ValueError, match="decay is"):
        Momentum(0.1, decay)


def test_other_refusals():
    with pytest.raises(ValueError, match="eigenvalues is"):
        Quadratic((1.0, -1.0))
    with pytest.raises(ValueError, match="eigenvalues is"):
        Quadratic((1.0, 2.0, 3.0))
    with pytest.raises(ValueError, match="steps is 0"):
        ramp(0.5, 0.9, 0)
    for start in [(1, 2, 3), (float("nan"), 0), (1e4, 0)]:
        with pytest.raises(ValueError, match="start is"):
            descend(BOWL, GradientDescent(0.1), start, 5)
    with pytest.raises(ValueError, match="steps is -1"):
        descend(BOWL, GradientDescent(0.1), (1, 1), -1)
