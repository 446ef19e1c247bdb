r"""Random inputs of an exact statement, and when two results count as the same."""

from __future__ import annotations

from mxnet import np

__all__ = ["close", "random_array"]


def random_array(*shape: int) -> np.ndarray:
    """An array of this shape, normally distributed."""
    return np.random.normal(size=shape)


def close(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-4) -> bool:
    """Whether all values differ by less than ``tolerance``."""
    return bool(abs(a - b).max() < tolerance)
