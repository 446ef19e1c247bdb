r"""A saddle point: flat, though it is no minimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class SaddlePoint:
    r"""The surface :math:`f(x, y) = \tfrac12 x^2 + \tfrac14 (y^2 - 1)^2`.

    A saddle point at the origin: a minimum along x, a maximum along y, and the gradient is zero.
    The two minima, with value 0, are at (0, 1) and (0, -1). (The :math:`x^2 - y^2` of the
    textbooks falls without end, so that no rule could ever arrive.)

    The start lies almost on the ridge: downhill leads *to* the saddle point first, and only then,
    slowly, away from it.

    >>> f = SaddlePoint()
    >>> np.diag(f.hessian_at(np.array([0.0, 0.0])))
    array([ 1., -1.])
    """

    x_range: tuple[float, float] = (-2.0, 2.0)
    y_range: tuple[float, float] = (-1.6, 1.6)
    minima: tuple[tuple[float, float], ...] = ((0.0, 1.0), (0.0, -1.0))
    start: tuple[float, float] = (-1.6, 1e-3)
    name: str = "saddle point"

    def value(self, points: np.ndarray) -> np.ndarray:
        r"""Heights of ``points``: ``(..., 2)`` to ``(...)``."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        return x * x / 2 + (y * y - 1) ** 2 / 4

    def gradient(self, points: np.ndarray) -> np.ndarray:
        r"""First derivatives at each of ``points``: ``(..., 2)`` to ``(..., 2)``."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        return np.stack([x, y * (y * y - 1)], axis=-1)

    def hessian_at(self, point: np.ndarray) -> np.ndarray:
        r"""Second derivatives at one point, shape ``(2, 2)``."""
        return np.diag([1.0, 3 * point[1] ** 2 - 1])
