r"""Rosenbrock's function: a narrow valley that bends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rosenbrock:
    r"""The banana valley :math:`f(x, y) = (1 - x)^2 + 100\,(y - x^2)^2`, minimum 0 at (1, 1).

    Into the valley :math:`y = x^2` it is a few steps, along it hundreds: its direction changes all
    the way, and at the minimum the Hessian's condition number is about 2,500.

    Source: Rosenbrock, The Computer Journal 3, 1960.

    >>> f = Rosenbrock()
    >>> f.value(np.array([[1.0, 1.0], [0.0, 0.0], [-1.0, 1.0]]))
    array([0., 1., 4.])
    >>> f.gradient(np.array([-1.0, 1.0]))  # on the floor it points along x alone
    array([-4.,  0.])
    >>> f.hessian_at(np.array([1.0, 1.0]))
    array([[ 802., -400.],
           [-400.,  200.]])
    """

    x_range: tuple[float, float] = (-2.0, 2.0)
    y_range: tuple[float, float] = (-1.0, 3.0)
    minima: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    start: tuple[float, float] = (-1.5, 2.0)
    name: str = "Rosenbrock"

    def value(self, points: np.ndarray) -> np.ndarray:
        r"""Heights of ``points``: ``(..., 2)`` to ``(...)``."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    def gradient(self, points: np.ndarray) -> np.ndarray:
        r"""First derivatives at each of ``points``: ``(..., 2)`` to ``(..., 2)``."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        off_floor = y - x * x
        return np.stack([-2 * (1 - x) - 400 * x * off_floor, 200 * off_floor], axis=-1)

    def hessian_at(self, point: np.ndarray) -> np.ndarray:
        r"""Second derivatives at one point, shape ``(2, 2)``."""
        x, y = point
        return np.array([[2 - 400 * (y - 3 * x * x), -400 * x], [-400 * x, 200.0]])
