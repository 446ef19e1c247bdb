r"""What dropout adds to a variance in training: see :mod:`d2l_bn.diagnostics.variance_shift`."""

from __future__ import annotations

from mxnet import np, npx
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_number
from d2l_bn.norms.checks import check_array

__all__ = ["dropout_variance"]


def dropout_variance(
    X: np.ndarray, rate: float, linear: nn.Dense | nn.Conv2D | None = None
) -> np.ndarray:
    r"""The variance that dropout of ``X`` adds in training, (C,), behind ``linear`` if given.

    Arguments:
        X: what goes into the dropout, (N, C) or (N, C, H, W).
        rate: the share p in [0, 1) of values that are set to 0.

    >>> dropout_variance(np.array([[3.0], [1.0]]), rate=0.5)  # 1 * (9 + 1) / 2
    array([5.])
    """
    check_array("X", X)
    check_number("rate", rate, "[0, 1)", "the share of values that are set to 0")
    squares = np.square(X)
    if linear is not None:
        squares = _with_squared_weights(linear, squares)
    axes = (0, *range(2, squares.ndim))
    return rate / (1 - rate) * squares.mean(axis=axes)


def _with_squared_weights(linear: nn.Dense | nn.Conv2D, X: np.ndarray) -> np.ndarray:
    weight = np.square(linear.weight.data(X.ctx))
    if isinstance(linear, nn.Dense):
        return npx.fully_connected(X, weight, num_hidden=len(weight), no_bias=True)
    return npx.convolution(data=X, weight=weight, **{**linear._kwargs, "no_bias": True})
