r"""Statements about descent that are true or false by computing once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

from d2l_bn.descent import AdaGrad, Adam, GradientDescent, Momentum, descend
from d2l_bn.descent.surfaces import LeastSquares, Quadratic


def momentum_needs_fewer_steps_where_curvatures_differ() -> bool:
    """Both at their best settings for this bowl (Goh 2017): 2/(L+μ), and Polyak's."""
    low, high = 1.0, 100.0
    bowl = Quadratic((low, high))
    root = (high / low) ** 0.5
    rule = Momentum(4 / (low**0.5 + high**0.5) ** 2, ((root - 1) / (root + 1)) ** 2)
    plain = Momentum(2 / (low + high), 0.0)
    quick, slow = (descend(bowl, r, (1.0, 1.0), 2000).steps_to(1e-8) for r in (rule, plain))
    return quick is not None and slow is not None and quick < slow / 2


def momentum_without_decay_never_comes_to_rest() -> bool:
    path = descend(Quadratic((1.0, 4.0)), Momentum(0.1, lambda t: 1.0), (1.0, 1.0), 5000)
    return bool(path.values[-500:].max() > 0.1 * path.values[0])


def condition_number(standardized: bool) -> float:
    """Of the Hessian for the features [1, 2, 3] and [100, 200, 300], changed enough to be two."""
    X = numpy.array([[1.0, 100.0], [2.0, 300.0], [3.0, 200.0]])
    if standardized:
        X = (X - X.mean(0)) / X.std(0)
    return LeastSquares(X, X.sum(axis=1)).condition_number


def momentum_can_leave_a_local_minimum() -> bool:
    """From the same place at the same rate, where plain descent stays in the nearer, higher one."""

    def gradient(x: float) -> float:  # of x⁴/4 − x²/2 + x/10, with minima near −1.05 and 0.95
        return x**3 - x + 0.1

    ends = [_follow(rule, gradient, 2.0) for rule in (GradientDescent(0.02), Momentum(0.02, 0.9))]
    return ends[0] > 0.9 and ends[1] < -1.0


def rates_of_adagrad_only_fall() -> bool:
    """Its steps along a gradient that stays one: shorter and shorter, like 1/√t."""
    steps = _steps(AdaGrad(0.1), 10_000)
    falling = bool((numpy.diff(steps) < 0).all())
    return falling and bool(numpy.isclose(steps[-1], 0.1 / 10_000**0.5, rtol=1e-3))


def adam_s_first_step_is_corrected() -> bool:
    """Along a gradient that stays one, every step is as long as the rate, from the first one."""
    return bool(numpy.allclose(_steps(Adam(0.1), 100), 0.1, rtol=1e-3))


def _follow(rule, gradient: Callable[[Any], Any], x: float, steps: int = 2000) -> float:
    theta = numpy.array([x])
    state = rule.start(theta)
    for t in range(1, steps + 1):
        theta, state = rule.step(theta, gradient(theta), state, t)
    return float(theta[0])


def _steps(rule, number: int) -> numpy.ndarray:
    """The lengths of the steps of a rule along a gradient of 1."""
    theta = numpy.zeros(1)
    state, lengths = rule.start(theta), []
    for t in range(1, number + 1):
        new, state = rule.step(theta, numpy.ones(1), state, t)
        lengths.append(float(theta[0] - new[0]))
        theta = new
    return numpy.array(lengths)
