r"""Group normalization: the function and the Block.

The channels of each example are normalized in G groups: between layer normalization (G = 1, all
channels share) and instance normalization (G = C, none do).

For X of shape (N, C, H, W):

=======================  ==================  =========================
normalizer               statistics over     one mean and variance
=======================  ==================  =========================
batch normalization      N, H, W             per channel
layer normalization      C, H, W             per example
instance normalization   H, W                per example and channel
**group normalization**  **C/G, H, W**       **per example and group**
=======================  ==================  =========================

Source: Wu & He 2018, *Group Normalization*, arXiv:1803.08494, section 3, equation 7 and figure 3.
"""

from __future__ import annotations

from typing import Any

from mxnet import np

from d2l_bn._support.arguments import check_count
from d2l_bn.norms import kernels
from d2l_bn.norms.block import AffineBlock
from d2l_bn.norms.checks import LAYOUTS, check_arguments, check_index_set
from d2l_bn.norms.normalize import normalize

__all__ = ["GroupNorm", "group_norm"]


def group_norm(
    X: np.ndarray, gamma: np.ndarray, beta: np.ndarray, num_groups: int, eps: float = 1e-5
) -> np.ndarray:
    r"""Normalize every group of channels of every example, then scale by γ and shift by β.

    .. math:: y = \gamma_c \, \frac{x - \mu_{ng}}{\sqrt{\sigma_{ng}^2 + \varepsilon}} + \beta_c

    μ and σ² are the mean and the biased variance over the C/G channels of a group, and over H and W
    where there are any. Groups are neighbours: of 6 channels in 2 groups, 0, 1, 2 and 3, 4, 5.
    γ and β have one value for each channel, not for each group. Training and prediction compute the
    same.

    Arguments:
        X: (N, C) or (N, C, H, W), float16, float32 or float64.
        gamma, beta: scale and shift, (1, C) or (1, C, 1, 1), of the dtype of ``X``
            (float32 where ``X`` is float16).
        num_groups: G, which divides C.
        eps: ε > 0, inside the root.

    Returns:
        An array of the shape and dtype of ``X``.

    Raises:
        TypeError: not an ``mx.np`` array, or not one of the dtypes above; ``num_groups`` is not a
            whole number.
        ValueError: a shape, ``num_groups`` or ``eps`` that does not fit, or one value in a group.

    >>> from mxnet import np
    >>> one, zero = np.ones((1, 4)), np.zeros((1, 4))
    >>> group_norm(np.array([[1.0, 3.0, 10.0, 30.0]]), one, zero, num_groups=2).round(3)
    array([[-1.,  1., -1.,  1.]])
    """
    _check(X, gamma, beta, num_groups, eps)
    examples, channels, *pixels = X.shape
    groups = int(num_groups)
    grouped = (examples, groups, channels // groups, *pixels)  # (N, G, C/G, H, W)
    per_channel = (1, *grouped[1:3], *gamma.shape[2:])  # (1, G, C/G, 1, 1)
    Y = normalize(
        X.reshape(grouped),
        tuple(range(2, len(grouped))),
        gamma.reshape(per_channel),
        beta.reshape(per_channel),
        eps,
    )
    return Y.reshape(X.shape)


def check_groups(num_groups: Any, channels: int) -> None:
    r"""Refuse a number of groups that does not divide the channels.

    >>> check_groups(4, 6)
    Traceback (most recent call last):
    ValueError: num_groups is 4 and there are 6 channels; expected a divisor of 6: 1, 2, 3, 6
    """
    check_count("num_groups", num_groups, "a divisor of the number of channels")
    if channels % num_groups:
        divisors = ", ".join(str(g) for g in range(1, channels + 1) if channels % g == 0)
        raise ValueError(
            f"num_groups is {num_groups} and there are {channels} channels; expected a divisor of "
            f"{channels}: {divisors}"
        )


def _check(X: np.ndarray, gamma: np.ndarray, beta: np.ndarray, num_groups: Any, eps: float) -> None:
    check_arguments(X, LAYOUTS, eps, gamma=gamma, beta=beta)
    check_groups(num_groups, X.shape[1])
    over = "the channels of a group" + (", H and W" if X.ndim == 4 else "")
    check_index_set(X, X.size // (X.shape[0] * int(num_groups)), over)


class GroupNorm(AffineBlock):
    r"""A layer that applies :func:`group_norm` and keeps γ and β.

    γ starts at 1 and β at 0, and both are trained, of shape (1, C) or (1, C, 1, 1). There are no
    moving averages: training and prediction compute the same.

    Arguments:
        num_features: C, the outputs of the dense layer or the channels of the convolution.
        num_dims: 2 after a fully connected layer, 4 after a convolution.
        num_groups: G, which divides C.
        eps: as in :func:`group_norm`.

    Raises:
        TypeError, ValueError: for what :func:`group_norm` refuses, and an input whose number of
            axes or channels is not the layer's.

    >>> from mxnet import np
    >>> layer = GroupNorm(4, num_dims=2, num_groups=2)
    >>> layer.initialize()
    >>> layer(np.array([[1.0, 3.0, 10.0, 30.0]])).round(3)
    array([[-1.,  1., -1.,  1.]])
    """

    def __init__(
        self,
        num_features: int,
        num_dims: int,
        num_groups: int,
        eps: float = 1e-5,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_features, num_dims, eps, **kwargs)
        check_groups(num_groups, self.num_features)
        self.num_groups = int(num_groups)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``, in training and in prediction mode alike."""
        gamma, beta = self.affine(X)
        if not kernels.fits(X):
            return group_norm(X, gamma, beta, self.num_groups, self.eps)
        _check(X, gamma, beta, self.num_groups, self.eps)
        return kernels.group_norm(X, gamma, beta, self.num_groups, self.eps, self.adds_up())

    def options(self) -> str:
        """What ``repr`` shows behind the number of features."""
        return f"num_dims={self.num_dims}, num_groups={self.num_groups}, eps={self.eps}"
