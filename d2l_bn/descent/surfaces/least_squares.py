r"""The loss of a linear model with two weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class LeastSquares:
    r"""The mean squared error :math:`f(w) = \frac{1}{2n} \sum_i (x_i \cdot w - y_i)^2`.

    Its Hessian :math:`X^\top X / n` holds the mean products of the features: what the scale and the
    mean of the features do to the descent is all in there. The window is drawn around the minimum.

    Arguments:
        X: features, ``(n, 2)``; a column of ones makes its weight a bias.
        y: targets, ``(n,)``.
        width: of the window along each weight; 2 on each side unless given.

    Raises:
        ValueError: other shapes, values that are not finite, or no example.

    >>> line = LeastSquares([[1, 1], [2, 1], [3, 1]], [3, 5, 7])  # y = 2x + 1
    >>> line.minima[0], line.value(np.array([2.0, 1.0])).round(12)
    ((2.0, 1.0), 0.0)
    >>> line.hessian
    array([[4.66666667, 2.        ],
           [2.        , 1.        ]])
    """

    def __init__(
        self,
        X: Any,
        y: Any,
        *,
        width: Sequence[float] = (4.0, 4.0),
        start: Sequence[float] = (0.0, 0.0),
        name: str = "least squares",
    ) -> None:
        self.X, self.y = np.array(X, dtype=np.float64), np.array(y, dtype=np.float64)
        n = len(self.y) if self.y.ndim == 1 else 0
        if n == 0 or self.X.shape != (n, 2):
            raise ValueError(
                f"X has shape {self.X.shape} and y {self.y.shape}; expected (n, 2) and (n,): two "
                "features and a target for each of at least one example"
            )
        if not (np.isfinite(self.X).all() and np.isfinite(self.y).all()):
            raise ValueError(
                "X or y holds NaN or infinity; expected finite numbers: clean the data"
            )
        best = np.linalg.lstsq(self.X, self.y, rcond=None)[0]
        self.minima = (tuple(best.round(12).tolist()),)
        self.x_range, self.y_range = ((b - w / 2, b + w / 2) for b, w in zip(best, width))
        self.start, self.name = tuple(start), name

    def __len__(self) -> int:
        return len(self.y)

    @property
    def hessian(self) -> np.ndarray:
        r""":math:`X^\top X / n`, shape ``(2, 2)``, the same everywhere."""
        return self.X.T @ self.X / len(self)

    @property
    def condition_number(self) -> float:
        r""":math:`\lambda_{\max} / \lambda_{\min}`; infinite for features in proportion."""
        low, high = np.linalg.eigvalsh(self.hessian)
        return float(high / low) if low > 1e-12 * high else float("inf")

    @property
    def largest_stable_learning_rate(self) -> float:
        r""":math:`2 / \lambda_{\max}`: above it, plain gradient descent diverges."""
        return float(2 / np.linalg.eigvalsh(self.hessian)[-1])

    def value(self, points: np.ndarray) -> np.ndarray:
        r"""Heights of ``points``: ``(..., 2)`` to ``(...)``."""
        errors = np.asarray(points, dtype=np.float64) @ self.X.T - self.y  # (..., n)
        return np.mean(errors * errors, axis=-1) / 2

    def gradient(self, points: np.ndarray) -> np.ndarray:
        r"""First derivatives at each of ``points``: ``(..., 2)`` to ``(..., 2)``."""
        return self.gradient_on(points, slice(None))

    def gradient_on(self, points: np.ndarray, rows: Any) -> np.ndarray:
        r"""The gradient of the mean over some examples only."""
        X, y = self.X[rows], self.y[rows]
        return (np.asarray(points, dtype=np.float64) @ X.T - y) @ X / len(y)

    def hessian_at(self, point: np.ndarray) -> np.ndarray:
        r""":attr:`hessian`, as of every surface."""
        return self.hessian
