r"""Root mean square normalization: the function, its gradient, and the Block.

Layer normalization without the mean: a token is divided by its root mean square, and scaled by γ.
Nothing is subtracted and nothing added. What is left is the part that keeps signals in scale; large
language models have little else since Llama.

Source: Zhang & Sennrich 2019, *Root Mean Square Layer Normalization*, arXiv:1910.07467, section 4,
equation 4; ONNX, operator ``RMSNormalization``, operator set 23.
"""

from __future__ import annotations

from typing import Any

from mxnet import init, np

from d2l_bn._support.arguments import check_eps
from d2l_bn.norms.block import NormBlock
from d2l_bn.norms.checks import check_array
from d2l_bn.norms.last_axes import check_affine, check_features, in_rows
from d2l_bn.norms.moments import cast, expand, mean_over, widen

__all__ = ["RMSNorm", "rms_norm", "rms_norm_backward"]


def rms_norm(X: np.ndarray, gamma: np.ndarray, axis: int = -1, eps: float = 1e-5) -> np.ndarray:
    r"""Divide ``X`` by its root mean square over the axes from ``axis`` on, and scale by γ.

    .. math:: y = \gamma \odot \frac{x}{\sqrt{\frac1m \sum_i x_i^2 + \varepsilon}}

    Arguments:
        X: of any shape, float16, float32 or float64.
        gamma: of the shape ``X.shape[axis:]`` and the dtype of ``X`` (float32 where ``X`` is
            float16).
        axis: the first of the axes that share a root mean square; -1, the last axis alone.
        eps: ε > 0, inside the root.

    Returns:
        An array of the shape and dtype of ``X``.

    Raises:
        TypeError: not an ``mx.np`` array, or not one of the dtypes above.
        ValueError: a shape, ``axis`` or ``eps`` that does not fit, or one value to normalize over.

    >>> from mxnet import np
    >>> rms_norm(np.array([[1.0, 7.0], [10.0, 70.0]]), np.ones(2)).round(2)
    array([[0.2, 1.4],
           [0.2, 1.4]])
    """
    rows = widen(in_rows(X, axis))
    check_affine(X, axis, eps, gamma=gamma)
    Y = rows * expand(_inverse(rows, eps), rows.shape) * gamma.reshape(1, -1)
    return cast(Y.reshape(X.shape), str(X.dtype))


def rms_norm_backward(
    dY: np.ndarray, X: np.ndarray, gamma: np.ndarray, axis: int = -1, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray]:
    r"""The gradient of :func:`rms_norm` by hand.

    With :math:`r = 1 / \sqrt{\overline{x^2} + \varepsilon}`, :math:`\hat x = r x` and
    :math:`g = \gamma \odot \mathrm{d}y`:

    .. math:: \mathrm{d}x = r \, (g - \hat x \, \overline{g \hat x}), \qquad
              \mathrm{d}\gamma = \sum_{\text{rows}} \mathrm{d}y \odot \hat x

    Layer normalization subtracts the mean of g as well, since its output has mean 0; here only what
    lies along :math:`\hat x` is taken out.

    Arguments:
        dY: the gradient that arrives, of the shape and dtype of ``X``.
        X, gamma, axis, eps: as in :func:`rms_norm`.

    Returns:
        ``(dX, dgamma)``, of the shapes of ``X`` and γ.

    Raises:
        TypeError, ValueError: as :func:`rms_norm`; ``dY`` has another shape than ``X``.

    >>> from mxnet import np
    >>> X, dY = np.array([[1.0, 7.0]]), np.array([[50.0, 0.0]])
    >>> dX, dgamma = rms_norm_backward(dY, X, np.ones(2))
    >>> dX.round(1), dgamma.round(1)
    (array([[ 9.8, -1.4]]), array([10.,  0.]))
    """
    rows = widen(in_rows(X, axis))
    check_affine(X, axis, eps, gamma=gamma)
    check_array("dY", dY)
    if dY.shape != X.shape:
        raise ValueError(f"dY has shape {dY.shape}; expected {X.shape}, that of X")
    dY = widen(dY).reshape(rows.shape)
    r = expand(_inverse(rows, eps), rows.shape)
    X_hat, g = r * rows, gamma.reshape(1, -1) * dY
    dX = r * (g - X_hat * expand(mean_over(g * X_hat, (1,)), rows.shape))
    dgamma = (dY * X_hat).sum(axis=0)
    return cast(dX.reshape(X.shape), str(X.dtype)), dgamma.reshape(gamma.shape)


def _inverse(rows: np.ndarray, eps: float) -> np.ndarray:
    """One over the root mean square of each row."""
    return 1 / np.sqrt(mean_over(np.square(rows), (1,)) + eps)


class RMSNorm(NormBlock):
    r"""A layer that applies :func:`rms_norm` and keeps γ, which starts at 1 and is trained.

    Arguments:
        shape: of what is normalized together: a number of features, or the lengths of the last
            axes.
        eps: as in :func:`rms_norm`.

    Raises:
        TypeError, ValueError: for what :func:`rms_norm` refuses, and an input that does not end
            with ``shape``.

    >>> from mxnet import np
    >>> layer = RMSNorm(2)
    >>> layer.initialize()
    >>> layer(np.array([[1.0, 7.0], [10.0, 70.0]])).round(2)
    array([[0.2, 1.4],
           [0.2, 1.4]])
    """

    def __init__(self, shape: int | tuple[int, ...], eps: float = 1e-5, **kwargs: Any) -> None:
        check_eps(eps)
        super().__init__(**kwargs)
        self.shape, self.eps = check_features(shape), eps
        with self.name_scope():
            self.gamma = self.params.get("gamma", shape=self.shape, init=init.One())

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``, in training and in prediction mode alike."""
        axis = -len(self.shape)
        in_rows(X, axis, self.shape)
        return rms_norm(X, self.gamma.data(X.ctx), axis, self.eps)

    def __repr__(self) -> str:
        return f"RMSNorm({self.shape}, eps={self.eps})"
