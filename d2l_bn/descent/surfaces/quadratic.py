r"""A bowl: the surface that every minimum looks like from nearby."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

import numpy as np


@dataclass(frozen=True)
class Quadratic:
    r"""The bowl :math:`f(\theta) = \tfrac12\, \theta^\top H \theta` with minimum 0 at the origin.

    :math:`H` has the two given eigenvalues; the first belongs to the x axis turned by ``angle``
    radians. With very different eigenvalues the Hessian is *ill-conditioned*: the bowl is a long
    narrow valley.

    Raises:
        ValueError: eigenvalues that are not two positive finite numbers.

    Source: Goh, "Why Momentum Really Works", Distill 2017.

    >>> bowl = Quadratic(eigenvalues=(1.0, 20.0))
    >>> bowl.value(np.array([-4.0, 1.0]))
    18.0
    >>> bowl.gradient(np.array([-4.0, 1.0]))
    array([-4., 20.])
    >>> bowl.condition_number, bowl.largest_stable_learning_rate
    (20.0, 0.1)
    """

    eigenvalues: tuple[float, float] = (1.0, 20.0)
    angle: float = 0.0
    x_range: tuple[float, float] = (-5.0, 5.0)
    y_range: tuple[float, float] = (-2.0, 2.0)
    minima: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    start: tuple[float, float] = (-4.0, 1.0)
    name: str = "quadratic"

    def __post_init__(self) -> None:
        values = np.asarray(self.eigenvalues, dtype=float)
        if values.shape != (2,) or not np.all((values > 0) & np.isfinite(values)):
            raise ValueError(
                f"eigenvalues is {self.eigenvalues!r}; expected two positive finite numbers, "
                "for example (1.0, 20.0)"
            )

    @property
    def hessian(self) -> np.ndarray:
        r"""The matrix of second derivatives, shape ``(2, 2)``."""
        axes = np.array([[cos(self.angle), -sin(self.angle)], [sin(self.angle), cos(self.angle)]])
        return axes @ np.diag(self.eigenvalues) @ axes.T

    @property
    def condition_number(self) -> float:
        r""":math:`\lambda_{\max} / \lambda_{\min}`: the valley's steepness across over along."""
        return max(self.eigenvalues) / min(self.eigenvalues)

    @property
    def largest_stable_learning_rate(self) -> float:
        r""":math:`2 / \lambda_{\max}`: above it, plain gradient descent diverges."""
        return 2.0 / max(self.eigenvalues)

    def value(self, points: np.ndarray) -> np.ndarray:
        r"""Heights of ``points``: ``(..., 2)`` to ``(...)``."""
        return 0.5 * np.sum(points * self.gradient(points), axis=-1)

    def gradient(self, points: np.ndarray) -> np.ndarray:
        r""":math:`H\theta` at each of ``points``: ``(..., 2)`` to ``(..., 2)``."""
        return np.asarray(points, dtype=np.float64) @ self.hessian  # H is symmetric

    def hessian_at(self, point: np.ndarray) -> np.ndarray:
        r""":attr:`hessian`, the same everywhere."""
        return self.hessian
