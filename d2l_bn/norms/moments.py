r"""Mean and variance over a set of axes: the one reduction that every normalizer calls.

MXNet's own reductions and broadcasts walk an array one element at a time: the mean of a
(256, 6, 24, 24) array over ``axis=(0, 2, 3)`` takes some twenty times as long as it takes to read
the array once. A sum over the *last* axes is also a product with ones, and that product runs at the
speed of memory:

* :func:`mean_over` several axes is a chain of means, (N, C, H, W) → (N, C) as a product with ones,
  and the small remainder → (1, C, 1, 1) as MXNet does it;
* :func:`expand` copies a statistic over those axes again: the same chain backwards, with the outer
  product.

Both are differentiable, and each is, up to a factor, the gradient of the other.
"""

from __future__ import annotations

import functools

from mxnet import autograd, np, npx
from mxnet.context import Context

__all__ = ["cast", "centred_moments", "expand", "mean_over", "moments", "widen"]


def moments(X: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    r"""Mean and biased variance of ``X`` over ``axes``.

    .. math:: \mu = \frac1m \sum x, \qquad \sigma^2 = \frac1m \sum (x - \mu)^2

    where the sums run over the ``m`` values along ``axes``.

    Arguments:
        X: float array of any rank; float16 is computed in float32, as by :func:`widen`.
        axes: the axes that collapse, counted from 0, ascending.

    Returns:
        ``(mean, var)``, of the rank of ``X``, length 1 along ``axes`` (as with ``keepdims=True``).

    >>> moments(np.array([[1.0, 2.0], [3.0, 6.0]]), axes=(0,))
    (array([[2., 4.]]), array([[1., 4.]]))
    """
    _, _, mean, var = centred_moments(X, axes)
    return mean, var


def centred_moments(
    X: np.ndarray, axes: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    r"""``(centred, missed, mean, var)``: the moments, and the differences they are made from.

    Two passes, first the mean and then the squares of the differences: the one-pass formula
    :math:`E[x^2] - E[x]^2` loses every digit once the mean is large against the deviation
    (Chan, Golub & LeVeque 1983, *Algorithms for Computing the Sample Variance*).

    ``X - mean`` is ``centred - missed``, where ``missed`` is what rounding left out of the mean: 0
    in exact arithmetic, so that it has no gradient, but 0.004 where 512 float32 values lie around
    10,000. It is small enough to be subtracted later, from the shift, and not from the big array.

    >>> centred_moments(np.array([[1.0, 2.0], [3.0, 6.0]]), axes=(0,))[0]
    array([[-1., -2.],
           [ 1.,  2.]])
    """
    X = widen(X)
    mean = mean_over(X, axes)
    centred = X - expand(mean, X.shape)
    with autograd.pause():
        missed = mean_over(centred, axes)
    return centred, missed, mean + missed, mean_over(np.square(centred), axes)


def mean_over(X: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    r"""The mean of ``X`` over ``axes``, which stay as axes of length 1.

    Arguments:
        X: float32 or float64 array of any rank.
        axes: the axes that collapse, counted from 0.

    Returns:
        An array of the rank of ``X`` (as with ``keepdims=True``) and of its dtype.

    >>> mean_over(np.array([[1.0, 2.0], [3.0, 6.0]]), (0,))
    array([[2., 4.]])
    """
    shape = tuple(1 if axis in axes else size for axis, size in enumerate(X.shape))
    end = _trailing(axes, X.ndim)
    mean = X
    if end < X.ndim:  # (N, C, H, W) · (H, W) -> (N, C)
        ones = _ones(X.shape[end:], str(X.dtype), X.ctx)
        mean = np.tensordot(X, ones, X.ndim - end) / ones.size
    remaining = tuple(axis for axis in axes if axis < end)
    if remaining:  # (N, C) -> (C,)
        mean = mean.mean(axis=remaining)
    return mean.reshape(shape)


def expand(statistic: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    r"""``statistic`` copied along its axes of length 1 until it has ``shape``.

    The same values as ``np.broadcast_to(statistic, shape)``; the ranks must agree.

    >>> expand(np.array([[2.0, 4.0]]), (2, 2))
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


def widen(X: np.ndarray) -> np.ndarray:
    """``X``, or a float32 copy of float16, in which the square of 256 is infinite."""
    return cast(X, "float32" if str(X.dtype) == "float16" else str(X.dtype))


def cast(X: np.ndarray, dtype: str) -> np.ndarray:
    """``X`` itself if it has this dtype, or a copy; unlike ``astype`` it adds up gradients."""
    return X if str(X.dtype) == dtype else npx.cast(X, dtype)


def _trailing(axes: tuple[int, ...], ndim: int) -> int:
    """Where the run of axes begins that ends with the last axis and lies all in ``axes``."""
    start = ndim
    while start - 1 in axes:
        start -= 1
    return start


@functools.lru_cache(maxsize=64)
def _ones(shape: tuple[int, ...], dtype: str, context: Context) -> np.ndarray:
    return np.ones(shape, dtype=dtype, ctx=context)
