r"""Layer normalization: the function and the Block.

Each *example* is normalized over all its features (not each feature over the examples: that is
batch normalization), so that no example depends on another, and batches of one will do.

For X of shape (N, C, H, W):

=======================  ===============  =======================
normalizer               statistics over  one mean and variance
=======================  ===============  =======================
batch normalization      N, H, W          per channel
**layer normalization**  **C, H, W**      **per example**
instance normalization   H, W             per example and channel
group normalization      C/G, H, W        per example and group
=======================  ===============  =======================

Source: Ba, Kiros & Hinton 2016, *Layer Normalization*, arXiv:1607.06450, section 3.
"""

from __future__ import annotations

from mxnet import np

from d2l_bn.norms import kernels
from d2l_bn.norms.block import AffineBlock
from d2l_bn.norms.checks import LAYOUTS, check_arguments, check_index_set
from d2l_bn.norms.normalize import normalize

__all__ = ["LayerNorm", "layer_norm"]

AXES = {2: (1,), 4: (1, 2, 3)}  # every axis but the examples


def layer_norm(X: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    r"""Normalize every example of ``X``, then scale it by γ and shift it by β.

    .. math:: y = \gamma \, \frac{x - \mu_n}{\sqrt{\sigma_n^2 + \varepsilon}} + \beta

    μ and σ² are the mean and the biased variance of an example: over C for (N, C), over C, H and W
    for (N, C, H, W). Training and prediction compute the same.

    γ and β have one value for each channel. For (N, C) that is the gain and bias for each feature
    of the paper. For (N, C, H, W) it is what group normalization has, of which this is then the
    case of one group; a value for each of the C·H·W features, as the paper's formula would have
    it, would tie the layer to one size of image. Gluon's ``nn.LayerNorm`` normalizes the *last
    axis only*: behind a convolution, that is each row of pixels by itself.

    Arguments:
        X: (N, C) or (N, C, H, W), float16, float32 or float64. A sequence is normalized one time
            step at a time, each of them (N, C).
        gamma, beta: scale and shift, (1, C) or (1, C, 1, 1), of the dtype of ``X``
            (float32 where ``X`` is float16).
        eps: ε > 0, inside the root.

    Returns:
        An array of the shape and dtype of ``X``.

    Raises:
        TypeError: not an ``mx.np`` array, or not one of the dtypes above.
        ValueError: a shape or ``eps`` that does not fit, or one value in an example.

    >>> from mxnet import np
    >>> one, zero = np.ones((1, 2)), np.zeros((1, 2))
    >>> layer_norm(np.array([[1.0, 3.0], [10.0, 30.0]]), one, zero).round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    _check(X, gamma, beta, eps)
    return normalize(X, AXES[X.ndim], gamma, beta, eps)


def _check(X: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float) -> None:
    check_arguments(X, LAYOUTS, eps, gamma=gamma, beta=beta)
    check_index_set(X, X.size // X.shape[0], "C" if X.ndim == 2 else "C, H and W")


class LayerNorm(AffineBlock):
    r"""A layer that applies :func:`layer_norm` and keeps γ and β.

    γ starts at 1 and β at 0, and both are trained, of shape (1, C) or (1, C, 1, 1). There are no
    moving averages: training and prediction compute the same.

    Arguments:
        num_features: C, the outputs of the dense layer or the channels of the convolution.
        num_dims: 2 after a fully connected layer, 4 after a convolution.
        eps: as in :func:`layer_norm`.

    Raises:
        TypeError, ValueError: for what :func:`layer_norm` refuses, and an input whose number of
            axes or channels is not the layer's.

    >>> from mxnet import np
    >>> layer = LayerNorm(2, num_dims=2)
    >>> layer.initialize()
    >>> layer(np.array([[1.0, 3.0]])).round(3)
    array([[-1.,  1.]])
    """

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``, in training and in prediction mode alike."""
        gamma, beta = self.affine(X)
        if not kernels.fits(X):
            return layer_norm(X, gamma, beta, self.eps)
        _check(X, gamma, beta, self.eps)
        return kernels.group_norm(X, gamma, beta, 1, self.eps, self.adds_up())
