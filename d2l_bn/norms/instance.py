r"""Instance normalization: the function and the Block.

Each channel of each image is normalized by itself: its contrast and brightness are gone, the form
stays. It was made for style transfer.

For X of shape (N, C, H, W):

==========================  ==================  ===========================
normalizer                  statistics over     one mean and variance
==========================  ==================  ===========================
batch normalization         N, H, W             per channel
layer normalization         C, H, W             per example
**instance normalization**  **H, W**            **per example and channel**
group normalization         C/G, H, W           per example and group
==========================  ==================  ===========================

Source: Ulyanov, Vedaldi & Lempitsky 2016, *Instance Normalization: The Missing Ingredient for Fast
Stylization*, arXiv:1607.08022, section 2, equation 3.
"""

from __future__ import annotations

from typing import Any

from mxnet import np

from d2l_bn.norms import kernels
from d2l_bn.norms.block import AffineBlock
from d2l_bn.norms.checks import LAYOUTS, check_arguments, check_index_set
from d2l_bn.norms.normalize import normalize

__all__ = ["InstanceNorm", "instance_norm"]

AXES = (2, 3)


def instance_norm(
    X: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
) -> np.ndarray:
    r"""Normalize every channel of every example of ``X``, then scale it by γ and shift it by β.

    .. math:: y = \gamma_c \, \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \varepsilon}} + \beta_c

    μ and σ² are the mean and the biased variance over H and W. Training and prediction compute the
    same.

    Arguments:
        X: (N, C, H, W), float16, float32 or float64. The output (N, C) of a fully connected layer
            has one value for each example and channel: nothing to normalize over.
        gamma, beta: scale and shift, (1, C, 1, 1), of the dtype of ``X``
            (float32 where ``X`` is float16).
        eps: ε > 0, inside the root.

    Returns:
        An array of the shape and dtype of ``X``.

    Raises:
        TypeError: not an ``mx.np`` array, or not one of the dtypes above.
        ValueError: a shape or ``eps`` that does not fit, or images of one pixel.

    >>> from mxnet import np
    >>> one, zero = np.ones((1, 2, 1, 1)), np.zeros((1, 2, 1, 1))
    >>> X = np.array([[[[1.0, 3.0]], [[10.0, 30.0]]]])  # (1, 2, 1, 2)
    >>> instance_norm(X, one, zero).round(3)
    array([[[[-1.,  1.]],
            [[-1.,  1.]]]])
    """
    _check(X, gamma, beta, eps)
    return normalize(X, AXES, gamma, beta, eps)


def _check(X: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float) -> None:
    check_arguments(X, {4: LAYOUTS[4]}, eps, gamma=gamma, beta=beta)
    check_index_set(X, X.shape[2] * X.shape[3], "H and W")


class InstanceNorm(AffineBlock):
    r"""A layer that applies :func:`instance_norm` and keeps γ and β.

    γ starts at 1 and β at 0, and both are trained, of shape (1, C, 1, 1). There are no moving
    averages: training and prediction compute the same.

    Arguments:
        num_features: C, the channels of the convolution.
        num_dims: 4, and nothing else: there is none after a fully connected layer.
        eps: as in :func:`instance_norm`.

    Raises:
        TypeError, ValueError: for what :func:`instance_norm` refuses, and an input whose number of
            axes or channels is not the layer's.

    >>> from mxnet import np
    >>> layer = InstanceNorm(1)
    >>> layer.initialize()
    >>> layer(np.array([[[[1.0, 3.0]]]])).round(3)
    array([[[[-1.,  1.]]]])
    """

    def __init__(
        self, num_features: int, num_dims: int = 4, eps: float = 1e-5, **kwargs: Any
    ) -> None:
        if num_dims != 4:
            raise ValueError(
                f"num_dims is {num_dims!r}; expected 4: after a fully connected layer each channel "
                "of an example has one value, nothing to normalize over; leave the layer out there"
            )
        super().__init__(num_features, num_dims, eps, **kwargs)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``, in training and in prediction mode alike."""
        gamma, beta = self.affine(X)
        if not kernels.fits(X):
            return instance_norm(X, gamma, beta, self.eps)
        _check(X, gamma, beta, self.eps)
        return kernels.group_norm(X, gamma, beta, X.shape[1], self.eps, self.adds_up())
