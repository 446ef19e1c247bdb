r"""Beale's function: a plateau with sharp ridges around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POWERS = np.array([1.0, 2.0, 3.0])
CONSTANTS = np.array([1.5, 2.25, 2.625])


@dataclass(frozen=True)
class Beale:
    r"""Beale's function, minimum 0 at (3, 0.5):

    .. math:: f(x, y) = \sum_{k=1}^{3} \left(c_k - x + x y^k\right)^2, \qquad
        c = (1.5,\ 2.25,\ 2.625)

    Nearly flat in the middle, and thousands high at the corners of the window, so that no learning
    rate suits both.

    Source: Beale, "On an iterative method for finding a local minimum of a function of more than
    one variable", Princeton, 1958.

    >>> f = Beale()
    >>> f.value(np.array([[3.0, 0.5], [0.0, 0.0]]))
    array([ 0.      , 14.203125])
    >>> f.gradient(np.array([3.0, 0.5]))
    array([0., 0.])
    """

    x_range: tuple[float, float] = (-4.5, 4.5)
    y_range: tuple[float, float] = (-4.5, 4.5)
    minima: tuple[tuple[float, float], ...] = ((3.0, 0.5),)
    start: tuple[float, float] = (1.0, 1.5)
    name: str = "Beale"

    def value(self, points: np.ndarray) -> np.ndarray:
        r"""Heights of ``points``: ``(..., 2)`` to ``(...)``."""
        return np.sum(self._terms(points)[0] ** 2, axis=-1)

    def gradient(self, points: np.ndarray) -> np.ndarray:
        r"""First derivatives at each of ``points``: ``(..., 2)`` to ``(..., 2)``."""
        r, by_x, by_y = self._terms(points)
        return 2 * np.stack([np.sum(r * by_x, axis=-1), np.sum(r * by_y, axis=-1)], axis=-1)

    def hessian_at(self, point: np.ndarray) -> np.ndarray:
        r"""Second derivatives at one point, shape ``(2, 2)``."""
        x, y = point
        r, by_x, by_y = self._terms(point)
        mixed = POWERS * y ** (POWERS - 1)
        twice_y = x * POWERS * (POWERS - 1) * y ** np.maximum(POWERS - 2, 0)
        xy = np.sum(by_x * by_y + r * mixed)
        yy = np.sum(by_y * by_y + r * twice_y)
        return 2 * np.array([[np.sum(by_x * by_x), xy], [xy, yy]])

    def _terms(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is squared, and its derivatives by x and by y, each ``(..., 3)``."""
        x, y = np.moveaxis(np.asarray(points, dtype=np.float64), -1, 0)[..., None]
        by_x = y**POWERS - 1
        return CONSTANTS + x * by_x, by_x, x * POWERS * y ** (POWERS - 1)
