r"""The one computation of every normalizer: x̂ = (x - μ) / √(σ² + ε), then γ x̂ + β.

The normalizers differ only in the axes that μ and σ² are taken over.
"""

from __future__ import annotations

from mxnet import np, npx

from d2l_bn.norms.moments import centred_moments
from d2l_bn.norms.sums import spread

__all__ = ["normalize"]


def normalize(
    X: np.ndarray,
    axes: tuple[int, ...],
    gamma: np.ndarray,
    beta: np.ndarray,
    eps: float,
    statistics: tuple[np.ndarray, np.ndarray] | None = None,
    *,
    subtract: bool = True,
    divide: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Normalize ``X`` over ``axes``, then scale it by γ and shift it by β.

    .. math:: y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta

    Nothing is checked here: that is the caller's part.

    Arguments:
        X: float16, float32 or float64 array of any rank. float16 is computed in float32: squares
            of values above 256 would overflow.
        axes: the axes that share one mean and one variance, ascending. Trailing axes are fastest.
        gamma, beta: of the rank of ``X``, of length 1 where they do not vary; float32 where ``X``
            is float16.
        eps: ε, inside the root.
        statistics: ``(mean, var)`` to use in the place of those of ``X``.
        subtract, divide: ``False`` leaves out the mean, or the deviation.

    Returns:
        ``(Y, mean, var)``: ``Y`` of the shape and dtype of ``X``; mean and variance of length 1
        along ``axes``.

    >>> X, one, zero = np.array([[1.0, 3.0], [10.0, 30.0]]), np.ones((1, 2)), np.zeros((1, 2))
    >>> normalize(X, (1,), one, zero, eps=1e-5)[0].round(3)  # each row over its columns
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    half = str(X.dtype) == "float16"
    x = npx.cast(X, "float32") if half else X
    if statistics is None:
        centred, rest, mean, var = centred_moments(x, axes)
    else:
        mean, var = statistics
        centred, rest = x - spread(mean, x.shape), 0.0
    scale = gamma / np.sqrt(var + eps) if divide else gamma
    if subtract:
        x, beta = centred, beta - rest * scale
    Y = x * spread(scale, x.shape) + spread(beta, x.shape)
    return npx.cast(Y, "float16") if half else Y, mean, var
