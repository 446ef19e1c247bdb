r"""Means over axes and their mirror image, fast on a CPU.

MXNet's own reductions and broadcasts walk an array one element at a time: the mean of a
(256, 6, 24, 24) array over ``axis=(0, 2, 3)`` takes some twenty times as long as it takes to read
the array once. A sum over the *last* axes is also a product with ones, and that product runs at the
speed of memory:

* the mean over several axes is a chain of means, (N, C, H, W) → (N, C) as a product with ones,
  and the small rest → (1, C, 1, 1) as MXNet does it;
* to spread a statistic over those axes again is the same chain backwards, with the outer product.

Both are differentiable, and each is, up to a factor, the gradient of the other.
"""

from __future__ import annotations

import functools

from mxnet import np
from mxnet.context import Context

__all__ = ["mean_over", "spread"]


def mean_over(X: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    r"""The mean of ``X`` over ``axes``, which stay as axes of length 1.

    Arguments:
        X: float32 or float64 array of any rank.
        axes: the axes that collapse, counted from 0.

    Returns:
        An array of the rank of ``X`` (as with ``keepdims=True``) and of its dtype.

    >>> from mxnet import np
    >>> mean_over(np.array([[1.0, 2.0], [3.0, 6.0]]), (0,))
    array([[2., 4.]])
    """
    shape = tuple(1 if axis in axes else size for axis, size in enumerate(X.shape))
    end = _trailing(axes, X.ndim)
    mean = X
    if end < X.ndim:  # (N, C, H, W) · (H, W) -> (N, C)
        ones = _ones(X.shape[end:], str(X.dtype), X.ctx)
        mean = np.tensordot(X, ones, X.ndim - end) / ones.size
    rest = tuple(axis for axis in axes if axis < end)
    if rest:  # (N, C) -> (C,)
        mean = mean.mean(axis=rest)
    return mean.reshape(shape)


def spread(statistic: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    r"""``statistic`` copied along its axes of length 1 until it has ``shape``.

    The same values as ``np.broadcast_to(statistic, shape)``; the ranks must agree.

    >>> from mxnet import np
    >>> spread(np.array([[2.0, 4.0]]), (2, 2))
    array([[2., 4.],
           [2., 4.]])
    """
    axes = tuple(axis for axis, size in enumerate(shape) if statistic.shape[axis] != size)
    end = _trailing(axes, len(shape))
    result = np.broadcast_to(statistic.reshape(statistic.shape[:end]), shape[:end])
    if end < len(shape):  # (N, C) ⊗ (H, W) -> (N, C, H, W)
        ones = _ones(shape[end:], str(statistic.dtype), statistic.ctx)
        result = np.tensordot(result, ones, 0)
    return result


def _trailing(axes: tuple[int, ...], ndim: int) -> int:
    """Where the run of axes begins that ends with the last axis and lies all in ``axes``."""
    start = ndim
    while start - 1 in axes:
        start -= 1
    return start


@functools.lru_cache(maxsize=64)
def _ones(shape: tuple[int, ...], dtype: str, context: Context) -> np.ndarray:
    return np.ones(shape, dtype=dtype, ctx=context)
