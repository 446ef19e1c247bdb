r"""x̂ = (x - μ) / √(σ² + ε), then γ x̂ + β, for the normalizers that know no averages.

They differ only in the axes that μ and σ² are taken over.
"""

from __future__ import annotations

from mxnet import np

from d2l_bn.norms.moments import cast, centred_moments, expand

__all__ = ["normalize"]


def normalize(
    X: np.ndarray, axes: tuple[int, ...], gamma: np.ndarray, beta: np.ndarray, eps: float
) -> np.ndarray:
    r"""Normalize ``X`` over ``axes``, then scale it by γ and shift it by β.

    .. math:: y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta

    Nothing is checked here: that is the caller's part.

    Arguments:
        X: float16, float32 or float64 array of any rank.
        axes: the axes that share one mean and one variance, ascending. Trailing axes are fastest.
        gamma, beta: of the rank of ``X``, of length 1 where they do not vary; float32 where ``X``
            is float16.
        eps: ε, inside the root.

    Returns:
        An array of the shape and dtype of ``X``.

    >>> X, one, zero = np.array([[1.0, 3.0], [10.0, 30.0]]), np.ones((1, 2)), np.zeros((1, 2))
    >>> normalize(X, (1,), one, zero, eps=1e-5).round(3)  # each row over its columns
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    centred, missed, _, var = centred_moments(X, axes)
    scale = gamma / np.sqrt(var + eps)
    shift = beta - missed * scale  # missed: what rounding left out of the mean
    Y = centred * expand(scale, X.shape) + expand(shift, X.shape)
    return cast(Y, str(X.dtype))
