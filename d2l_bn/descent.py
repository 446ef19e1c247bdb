r"""Gradient descent, one update rule a class, and the path that a rule takes over a surface.

An update rule is two methods::

    start(theta)                          -> state before the first step
    step(theta, gradient, state, t)       -> (new theta, new state);  t = 1, 2, 3, ...

A rule keeps nothing in itself and uses arithmetic only. So one rule object serves any number of
parameters, NumPy and ``mx.np`` arrays alike, and a new rule is its formula and a docstring.

Paths over the plane are NumPy float64: a step on two numbers takes some 10 microseconds there, and
some 500 as ``mx.np`` arrays, whose engine pays off for tensors, not for pairs.

The momentum of this file is the *optimizer's*. The momentum of batch normalization's moving average
is another thing: see :mod:`d2l_bn.norms.running_average`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class GradientDescent:
    r"""Plain gradient descent: :math:`\theta \leftarrow \theta - \alpha \nabla f(\theta)`.

    Raises:
        ValueError: a learning rate that is not a positive finite number.

    >>> GradientDescent(0.1).step(np.array([1.0]), np.array([2.0]), None, 1)
    (array([0.8]), None)
    """

    learning_rate: float

    def __post_init__(self) -> None:
        _check_learning_rate(self.learning_rate)

    def start(self, theta: Any) -> None:
        return None

    def step(self, theta: Any, gradient: Any, state: None, t: int) -> tuple[Any, None]:
        return theta - self.learning_rate * gradient, state


@dataclass(frozen=True)
class Momentum:
    r"""Gradient descent with momentum: the velocity remembers the gradients of earlier steps.

    .. math::
        v \leftarrow \gamma v + \alpha \nabla f(\theta), \qquad \theta \leftarrow \theta - v

    ``decay`` is :math:`\gamma`: a number in [0, 1), or a schedule, a function of the step
    ``t = 1, 2, ...`` such as :func:`ramp`. ``mxnet.optimizer.SGD`` keeps :math:`-v`; the path is
    the same.

    Raises:
        ValueError: a learning rate that is not positive and finite, or a decay outside [0, 1).

    Source: Polyak 1964; Sutskever et al., ICML 2013.

    >>> rule = Momentum(0.1, decay=0.5)
    >>> theta, v = rule.step(np.array([1.0]), np.array([2.0]), np.array([0.4]), 1)
    >>> v, theta        # 0.5 * 0.4 + 0.1 * 2, then 1 - v
    (array([0.4]), array([0.6]))
    """

    learning_rate: float
    decay: float | Schedule = 0.9

    def __post_init__(self) -> None:
        _check_learning_rate(self.learning_rate)
        if not callable(self.decay) and not 0 <= self.decay < 1:
            raise ValueError(
                f"decay is {self.decay!r}; expected a number from 0 up to, not including, 1 "
                "(at 1 the velocity never fades), or a schedule such as ramp(0.5, 0.9, steps=20)"
            )

    def start(self, theta: Any) -> Any:
        return 0 * theta

    def step(self, theta: Any, gradient: Any, velocity: Any, t: int) -> tuple[Any, Any]:
        decay = self.decay(t) if callable(self.decay) else self.decay
        velocity = decay * velocity + self.learning_rate * gradient
        return theta - velocity, velocity


def ramp(first: float, last: float, steps: int) -> Schedule:
    r"""A schedule: a straight line from ``first`` at step 1 to ``last`` at step 1 + ``steps``.

    ``ramp(0.5, 0.9, steps=20)`` trusts old gradients little at the start, while they still change
    fast, and more later on.

    Raises:
        ValueError: ``steps`` below 1.

    >>> decay = ramp(0.5, 0.9, steps=4)
    >>> [round(decay(t), 2) for t in range(1, 8)]
    [0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9]
    """
    if steps < 1:
        raise ValueError(f"steps is {steps!r}; expected a whole number of at least 1")
    return lambda t: first + (last - first) * min(1.0, (t - 1) / steps)


@dataclass(frozen=True)
class Path:
    r"""The way a rule took: ``points`` (steps + 1, 2), the start first, and their ``values``.

    ``stopped`` is None, or says at which step the path left the plane and what to try. Every
    recorded point is finite.
    """

    points: np.ndarray
    values: np.ndarray
    stopped: str | None = None

    @property
    def steps(self) -> int:
        return len(self.points) - 1

    def steps_to(self, target: float) -> int | None:
        r"""The first step from which the value stays at or below ``target``; None if none.

        >>> Path(np.zeros((4, 2)), np.array([4.0, 1.0, 2.0, 1.0])).steps_to(1.0)
        3
        """
        above = np.flatnonzero(self.values > target)
        first = 0 if len(above) == 0 else int(above[-1]) + 1
        return first if self.stopped is None and first <= self.steps else None


def descend(
    surface: Any, rule: Any, start: Sequence[float], steps: int, *, limit: float = 1e3
) -> Path:
    r"""Follow ``rule`` over ``surface`` for ``steps`` steps and record every point.

    A path that goes beyond ``limit`` in either coordinate, or to infinity or NaN, ends at its last
    point inside, and :attr:`Path.stopped` says so.

    Raises:
        ValueError: a start that is not two numbers within the limit, or a negative number of steps.

    >>> from d2l_bn.surfaces import Quadratic
    >>> descend(Quadratic((1.0, 20.0)), GradientDescent(0.05), (-4, 1), steps=2).points
    array([[-4.  ,  1.  ],
           [-3.8 ,  0.  ],
           [-3.61,  0.  ]])
    >>> lost = descend(Quadratic((1.0, 20.0)), GradientDescent(0.2), (-4, 1), steps=99)
    >>> lost.stopped.split(";")[0]
    'left the plane at step 7: the next point was (-0.839, -2.19e+03), outside ±1000'
    """
    theta = np.array(start, dtype=np.float64)
    if theta.shape != (2,) or not _is_inside(theta, limit):
        raise ValueError(f"start is {start!r}; expected two numbers within ±{limit:g}")
    if steps < 0:
        raise ValueError(f"steps is {steps!r}; expected a whole number of at least 0")
    points, stopped, state = [theta], None, rule.start(theta)
    for t in range(1, steps + 1):
        with np.errstate(all="ignore"):  # a path may run to infinity: it is caught below
            theta, state = rule.step(theta, surface.gradient(theta), state, t)
        if not _is_inside(theta, limit):
            stopped = (
                f"left the plane at step {t}: the next point was ({theta[0]:.3g}, {theta[1]:.3g}), "
                f"outside ±{limit:g}; try a smaller learning rate"
            )
            break
        points.append(theta)
    points = np.stack(points)
    return Path(points, surface.value(points), stopped)


def _is_inside(theta: np.ndarray, limit: float) -> bool:
    return bool(np.all(np.abs(theta) <= limit))  # False for NaN, too


def _check_learning_rate(value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise ValueError(f"learning_rate is {value!r}; expected a positive finite number")
