r"""Layer normalization as transformers have it: over the last axes, γ and β for each entry of them.

:mod:`d2l_bn.norms.layer` normalizes each *example* of a convolutional network, with one γ and one β
for each channel. Here every *token* is normalized by itself, whatever stands in front of it, and
each of its features has a γ and a β of its own. For (N, C) the two are the same.

For X of shape (N, T, C), N sequences of T tokens:

====================================  ==================  =======================
normalizer                            statistics over     one mean and variance
====================================  ==================  =======================
batch normalization                   N, T                per feature
layer normalization of the examples   T, C                per example
**of the last axis**                  **C**               **per token**
====================================  ==================  =======================

It is what ONNX calls ``LayerNormalization`` and PyTorch ``nn.LayerNorm``.

Source: Ba, Kiros & Hinton 2016, *Layer Normalization*, arXiv:1607.06450, section 3, equation 3;
Vaswani et al. 2017, arXiv:1706.03762, section 5.4; ONNX, operator set 17.
"""

from __future__ import annotations

import math
from typing import Any

from mxnet import np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_eps
from d2l_bn.norms.last_axes import check_affine, check_features, in_rows
from d2l_bn.norms.layer import LayerNorm, layer_norm
from d2l_bn.norms.moments import moments

__all__ = ["ElementwiseLayerNorm", "elementwise_layer_norm", "layer_statistics"]


def elementwise_layer_norm(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray | None = None,
    axis: int = -1,
    eps: float = 1e-5,
) -> np.ndarray:
    r"""Normalize ``X`` over its axes from ``axis`` on, then scale and shift each entry of them.

    .. math:: y = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta

    μ and σ² are the mean and the biased variance over these axes. Training and prediction compute
    the same.

    Arguments:
        X: of any shape, float16, float32 or float64.
        gamma, beta: of the shape ``X.shape[axis:]`` and the dtype of ``X`` (float32 where ``X`` is
            float16); without ``beta``, nothing is added.
        axis: the first of the axes that share a mean; -1, the last axis alone.
        eps: ε > 0, inside the root.

    Returns:
        An array of the shape and dtype of ``X``.

    Raises:
        TypeError: not an ``mx.np`` array, or not one of the dtypes above.
        ValueError: a shape, ``axis`` or ``eps`` that does not fit, or one value to normalize over.

    >>> from mxnet import np
    >>> X = np.array([[[1.0, 3.0], [10.0, 30.0]]])  # a sequence of two tokens
    >>> elementwise_layer_norm(X, gamma=np.array([1.0, 2.0]), beta=np.zeros(2)).round(3)
    array([[[-1.,  2.],
            [-1.,  2.]]])
    """
    rows = in_rows(X, axis)
    check_affine(X, axis, eps, gamma=gamma, **({} if beta is None else {"beta": beta}))
    gamma = gamma.reshape(1, -1)
    beta = np.zeros_like(gamma) if beta is None else beta.reshape(1, -1)
    return layer_norm(rows, gamma, beta, eps).reshape(X.shape)


def layer_statistics(
    X: np.ndarray, axis: int = -1, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray]:
    r"""The mean and :math:`1 / \sqrt{\sigma^2 + \varepsilon}`: ONNX's outputs Mean and InvStdDev.

    Returns:
        Two arrays of the rank of ``X``, of length 1 along the axes from ``axis`` on.

    Raises:
        TypeError, ValueError: as :func:`elementwise_layer_norm`.

    >>> from mxnet import np
    >>> layer_statistics(np.array([[1.0, 3.0], [10.0, 30.0]]))
    (array([[ 2.],
           [20.]]), array([[0.999995],
           [0.1     ]]))
    """
    in_rows(X, axis)
    check_eps(eps)
    mean, var = moments(X, tuple(range(X.ndim))[axis:])
    return mean, 1 / np.sqrt(var + eps)


class ElementwiseLayerNorm(nn.Block):
    r"""A layer that applies :func:`elementwise_layer_norm` and keeps γ and β.

    They are those of a :class:`~d2l_bn.norms.layer.LayerNorm` for rows, its child ``rows``: γ
    starts at 1 and β at 0, and both are trained.

    Arguments:
        shape: of what is normalized together: a number of features, or the lengths of the last
            axes.
        eps: as in :func:`elementwise_layer_norm`.

    Raises:
        TypeError, ValueError: for what :func:`elementwise_layer_norm` refuses, and an input that
            does not end with ``shape``.

    >>> from mxnet import np
    >>> layer = ElementwiseLayerNorm(2)
    >>> layer.initialize()
    >>> layer(np.array([[[1.0, 3.0], [10.0, 30.0]]])).round(3)
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """

    def __init__(self, shape: int | tuple[int, ...], eps: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = check_features(shape)
        with self.name_scope():
            self.rows = LayerNorm(math.prod(self.shape), num_dims=2, eps=eps)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``, in training and in prediction mode alike."""
        return self.rows(in_rows(X, -len(self.shape), self.shape)).reshape(X.shape)

    def __repr__(self) -> str:
        return f"ElementwiseLayerNorm({self.shape}, eps={self.rows.eps})"
