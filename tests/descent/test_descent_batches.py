"""Batch, stochastic and mini-batch descent: which examples a step sees."""

import numpy as np
import pytest

from d2l_bn.descent import GradientDescent, Momentum, descend, descend_on_batches
from d2l_bn.descent.surfaces import LeastSquares

RNG = np.random.default_rng(0)
X = RNG.normal(size=(10, 2))
LOSS = LeastSquares(X, X @ [2.0, -1.0] + 0.3 * RNG.normal(size=10))


class Recorded(LeastSquares):
    """Notes the rows of each gradient."""

    def __init__(self):
        super().__init__(LOSS.X, LOSS.y)
        self.seen = []

    def gradient_on(self, points, rows):
        self.seen.append(list(rows))
        return super().gradient_on(points, rows)


def test_the_whole_batch_is_descent_on_the_surface():
    whole = descend_on_batches(LOSS, Momentum(0.1), (0, 0), batch_size=10, epochs=25)
    assert np.allclose(whole.points, descend(LOSS, Momentum(0.1), (0, 0), steps=25).points)


def test_every_epoch_sees_every_example_once_in_a_new_order():
    loss = Recorded()
    path = descend_on_batches(loss, GradientDescent(0.05), (0, 0), batch_size=4, epochs=2)
    assert [len(rows) for rows in loss.seen] == [4, 4, 2, 4, 4, 2] and path.steps == 6
    first, second = (sum(loss.seen[i : i + 3], []) for i in (0, 3))
    assert sorted(first) == sorted(second) == list(range(10)) and first != second


def test_the_seed_decides_the_order():
    def points(seed):
        return descend_on_batches(
            LOSS, GradientDescent(0.05), (0, 0), batch_size=1, epochs=2, seed=seed
        ).points

    assert (points(3) == points(3)).all() and (points(3) != points(4)).any()


def test_values_are_those_of_the_whole_loss():
    path = descend_on_batches(LOSS, GradientDescent(0.05), (0, 0), batch_size=3, epochs=1)
    assert np.allclose(path.values, LOSS.value(path.points))


def test_divergence_is_told():
    path = descend_on_batches(LOSS, GradientDescent(9.0), (0, 0), batch_size=1, epochs=50)
    assert "left the plane at step" in path.stopped and np.isfinite(path.points).all()


@pytest.mark.parametrize("size", [0, 11, -1])
def test_batch_size_is_refused(size):
    with pytest.raises(ValueError, match="expected a whole number from 1 to the 10 examples"):
        descend_on_batches(LOSS, GradientDescent(0.1), (0, 0), batch_size=size, epochs=1)
    with pytest.raises(ValueError, match="epochs is -1"):
        descend_on_batches(LOSS, GradientDescent(0.1), (0, 0), batch_size=1, epochs=-1)
