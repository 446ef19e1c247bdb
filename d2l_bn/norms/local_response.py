r"""Local response normalization, AlexNet's layer, which batch normalization is said to replace.

It is not one of the family: nothing is subtracted, and every pixel is divided by a number of its
own, from the channels beside it.

Source: Krizhevsky, Sutskever & Hinton 2012, *ImageNet Classification with Deep Convolutional Neural
Networks*, section 3.3.
"""

from __future__ import annotations

from typing import Any

from mxnet import np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_count
from d2l_bn.norms.checks import LAYOUTS, check_array, check_rank

__all__ = ["LocalResponseNorm", "local_response_norm"]


def local_response_norm(
    X: np.ndarray, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0
) -> np.ndarray:
    r"""Divide every value by the size of its neighbours on the channel axis.

    .. math:: y_c = x_c \Big/ \Big(k + \alpha \sum_{|c' - c| \le n / 2} x_{c'}^2\Big)^{\beta}

    where n is ``size`` and the sum ends with the channels. Training and prediction are the same.

    Arguments:
        X: (N, C, H, W), float32 or float64.
        size: n, the channels in the sum, odd.
        alpha, beta, k: the paper's constants, which are the defaults.

    Returns:
        An array of the shape and dtype of ``X``.

    Raises:
        TypeError, ValueError: not such an array, or ``size`` is not odd and at least 1.

    >>> from mxnet import np
    >>> X = np.array([3.0, 0.0, 4.0]).reshape(1, 3, 1, 1)
    >>> local_response_norm(X, size=3, alpha=1.0, beta=0.5, k=0.0).reshape(-1)  # 3/3, 0/5, 4/4
    array([1., 0., 1.])
    """
    check_array("X", X)
    check_rank("X", X, {4: LAYOUTS[4]})
    check_count("size", size, "the channels in the sum")
    if size % 2 == 0:
        raise ValueError(f"size is {size}; expected an odd number: a channel and as many each side")
    channels, reach = X.shape[1], size // 2
    squares = np.pad(np.square(X), ((0, 0), (reach, reach), (0, 0), (0, 0)))
    total = sum(squares[:, start : start + channels] for start in range(size))
    return X / (k + alpha * total) ** beta


class LocalResponseNorm(nn.Block):
    r"""A layer that applies :func:`local_response_norm`; it has no parameters.

    >>> from mxnet import np
    >>> LocalResponseNorm()(np.ones((1, 6, 2, 2))).shape
    (1, 6, 2, 2)
    """

    def __init__(self, size: int = 5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_count("size", size, "the channels in the sum")
        self.size = size

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``, in training and in prediction mode alike."""
        return local_response_norm(X, self.size)
