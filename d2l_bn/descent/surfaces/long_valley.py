r"""A long valley: steep walls, and a floor that falls ever so slightly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LongValley:
    r"""The valley :math:`f(x, y) = \tfrac{k}{2}\, y^2 + s\,(\sqrt{1 + x^2} - 1)`, minimum 0 at the
    origin.

    Across, it is a parabola with curvature ``wall`` (:math:`k`). Along, the floor falls with the
    slope ``slope`` (:math:`s`), the same however far away the minimum is: unlike in a
    :class:`Quadratic`, distance is no help. What counts is how a rule treats a *small* gradient
    beside a large one.

    >>> f = LongValley()
    >>> f.gradient(np.array([-20.0, 1.0])).round(3)
    array([-0.05, 10.  ])
    """

    wall: float = 10.0
    slope: float = 0.05
    x_range: tuple[float, float] = (-22.0, 4.0)
    y_range: tuple[float, float] = (-2.0, 2.0)
    minima: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    start: tuple[float, float] = (-20.0, 1.0)
    name: str = "long valley"

    def value(self, points: np.ndarray) -> np.ndarray:
        r"""Heights of ``points``: ``(..., 2)`` to ``(...)``."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        return self.wall / 2 * y * y + self.slope * (np.sqrt(1 + x * x) - 1)

    def gradient(self, points: np.ndarray) -> np.ndarray:
        r"""First derivatives at each of ``points``: ``(..., 2)`` to ``(..., 2)``."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)
        return np.stack([self.slope * x / np.sqrt(1 + x * x), self.wall * y], axis=-1)

    def hessian_at(self, point: np.ndarray) -> np.ndarray:
        r"""Second derivatives at one point, shape ``(2, 2)``."""
        return np.diag([self.slope * (1 + point[0] ** 2) ** -1.5, self.wall])
