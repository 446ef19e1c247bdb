r"""Mean and variance over a set of axes: the one reduction that every normalizer calls.

A normalizer is told apart by the axes over which it takes its statistics, its *index set*. For X of
shape (N, C, H, W):

======================  ==================  =======================
normalizer              statistics over     one mean and variance
======================  ==================  =======================
batch normalization     N, H, W             per channel
layer normalization     C, H, W             per example
instance normalization  H, W                per example and channel
group normalization     C/G, H, W           per example and group
======================  ==================  =======================
"""

from __future__ import annotations

from mxnet import autograd, np

from d2l_bn.norms.sums import mean_over, spread

__all__ = ["centred_moments", "moments"]


def moments(X: np.ndarray, axes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    r"""Mean and biased variance of ``X`` over ``axes``.

    .. math:: \mu = \frac1m \sum x, \qquad \sigma^2 = \frac1m \sum (x - \mu)^2

    where the sums run over the ``m`` values along ``axes``.

    Arguments:
        X: float32 or float64 array of any rank.
        axes: the axes that collapse, counted from 0, ascending.

    Returns:
        ``(mean, var)``, of the rank of ``X``, length 1 along ``axes`` (as with ``keepdims=True``).

    >>> from mxnet import np
    >>> moments(np.array([[1.0, 2.0], [3.0, 6.0]]), axes=(0,))
    (array([[2., 4.]]), array([[1., 4.]]))
    """
    _, _, mean, var = centred_moments(X, axes)
    return mean, var


def centred_moments(
    X: np.ndarray, axes: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    r"""``(centred, rest, mean, var)``: the moments, and the differences that they are made from.

    Two passes, first the mean and then the squares of the differences: the one-pass formula
    :math:`E[x^2] - E[x]^2` loses every digit once the mean is large against the deviation
    (Chan, Golub & LeVeque 1983, *Algorithms for Computing the Sample Variance*).

    ``X - mean`` is ``centred - rest``, where ``rest`` is what rounding left out of the mean: 0 in
    exact arithmetic, so that it has no gradient, but 0.004 where 512 float32 values lie around
    10,000. It is small enough to be subtracted later, from the shift, and not from the big array.

    >>> from mxnet import np
    >>> centred_moments(np.array([[1.0, 2.0], [3.0, 6.0]]), axes=(0,))[0]
    array([[-1., -2.],
           [ 1.,  2.]])
    """
    mean = mean_over(X, axes)
    centred = X - spread(mean, X.shape)
    with autograd.pause():
        rest = mean_over(centred, axes)
    return centred, rest, mean + rest, mean_over(np.square(centred), axes)
