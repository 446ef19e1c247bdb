r"""Batch renormalization: the function and the Block.

Source: Ioffe 2017, *Batch Renormalization: Towards Reducing Minibatch Dependence in
Batch-Normalized Models*, arXiv:1702.03275, Algorithm 1.
"""

from __future__ import annotations

import math
from typing import Any

from mxnet import autograd, np

from d2l_bn._support.arguments import check_number
from d2l_bn.norms.batch import AXES, BatchNorm, batch_norm, check_batch
from d2l_bn.norms.moments import moments

__all__ = ["BatchRenorm", "batch_renorm", "corrections"]


def batch_renorm(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
    momentum: float = 0.99,
    r_max: float = 3.0,
    d_max: float = 5.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Normalize by the batch, then correct towards what prediction will see.

    .. math:: y = \gamma \left(\frac{x - \mu_B}{\sigma_B}\, r + d\right) + \beta, \qquad
        r = \operatorname{clip}\!\left(\frac{\sigma_B}{\sigma}, \frac1{r_{max}}, r_{max}\right),
        \qquad
        d = \operatorname{clip}\!\left(\frac{\mu_B - \mu}{\sigma}, -d_{max}, d_{max}\right)

    with :math:`\sigma_B = \sqrt{\sigma_B^2 + \varepsilon}` of the batch, and μ and
    :math:`\sigma` from the moving averages as they were before this batch. Where nothing is
    clipped, the output is :math:`\gamma (x - \mu) / \sigma + \beta`, the same in training as in
    prediction. r and d count as constants: the gradient goes through the statistics of the batch
    alone, as in :func:`~d2l_bn.batch_norm`, with γr for γ and γd + β for β, which is how it is
    computed here. With ``r_max=1, d_max=0`` it *is* :func:`~d2l_bn.batch_norm`.

    The index set is that of batch normalization: of activations (N, C, H, W) the axes N, H and W.

    Arguments:
        X, gamma, beta, moving_mean, moving_var, eps: as in :func:`~d2l_bn.batch_norm`.
        momentum: weight of the *old* average; 0.99 as in the paper (there α = 0.01), since now the
            training, too, relies on the averages. (The paper averages σ, here it is σ².)
        r_max: how far the scale may be corrected, at least 1.
        d_max: how far the shift may be corrected, at least 0. The paper starts at (1, 0) and
            relaxes to (3, 5) in the course of training.

    Returns:
        ``(Y, new_mean, new_var)`` as in :func:`~d2l_bn.batch_norm`.

    Raises:
        TypeError, ValueError: as there, and for an ``r_max`` or ``d_max`` out of range.

    >>> from mxnet import autograd, np
    >>> X = np.array([[1.0], [3.0]])  # mean 2, deviation 1
    >>> one, zero = np.ones((1, 1)), np.zeros((1, 1))
    >>> with autograd.train_mode():
    ...     Y, *_ = batch_renorm(X, one, zero, moving_mean=zero, moving_var=4 * one)
    >>> Y.round(3)  # x / 2, as it will be in prediction
    array([[0.5],
           [1.5]])
    """
    check_limits(r_max, d_max)
    if autograd.is_training():
        check_batch(X, gamma, beta, moving_mean, moving_var, eps, momentum)
        r, d = corrections(X, moving_mean, moving_var, eps, r_max, d_max)
        gamma, beta = gamma * r, gamma * d + beta
    return batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum)


def corrections(
    X: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
    r_max: float = math.inf,
    d_max: float = math.inf,
) -> tuple[np.ndarray, np.ndarray]:
    r"""r and d of :func:`batch_renorm` for this batch, shaped like ``moving_mean``, no gradient.

    >>> one = np.ones((1, 1))
    >>> corrections(np.array([[1.0], [3.0]]), 0 * one, 4 * one, eps=1e-8, d_max=0.75)
    (array([[0.5]]), array([[0.75]]))
    """
    with autograd.pause():
        mean, var = moments(X, AXES[X.ndim])
        deviation = np.sqrt(moving_var + eps)
        r = np.sqrt(var + eps) / deviation
        d = (mean - moving_mean) / deviation
        return _between(1 / r_max, r, r_max), _between(-d_max, d, d_max)


class BatchRenorm(BatchNorm):
    r"""The layer of :func:`batch_renorm`; parameters and state are :class:`~d2l_bn.BatchNorm`'s.

    ``r_max`` and ``d_max`` may be changed in the course of training.

    Arguments:
        num_features, num_dims: as in :class:`~d2l_bn.BatchNorm`.
        eps, momentum, r_max, d_max: as in :func:`batch_renorm`.

    Raises:
        TypeError, ValueError: as there.

    >>> BatchRenorm(6, num_dims=4)
    BatchRenorm(6, num_dims=4, eps=1e-05, momentum=0.99, r_max=3.0, d_max=5.0)
    """

    def __init__(
        self,
        num_features: int,
        num_dims: int,
        eps: float = 1e-5,
        momentum: float = 0.99,
        r_max: float = 3.0,
        d_max: float = 5.0,
        **kwargs: Any,
    ) -> None:
        check_limits(r_max, d_max)
        super().__init__(num_features, num_dims, eps, momentum, **kwargs)
        self.r_max, self.d_max = r_max, d_max

    def function(self, *arguments: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return batch_renorm(*(*arguments, self.r_max, self.d_max))

    def options(self) -> str:
        """What ``repr`` shows behind the number of features."""
        return f"{super().options()}, r_max={self.r_max}, d_max={self.d_max}"


def check_limits(r_max: Any, d_max: Any) -> None:
    r"""Refuse an ``r_max`` below 1 or a ``d_max`` below 0.

    >>> check_limits(0.5, 0)
    Traceback (most recent call last):
    ValueError: r_max is 0.5; expected a number of at least 1, 1: no correction of the scale
    """
    check_number("r_max", r_max, "[1, inf]", "1: no correction of the scale")
    check_number("d_max", d_max, "[0, inf]", "0: no correction of the shift")


def _between(low: float, x: np.ndarray, high: float) -> np.ndarray:
    return np.maximum(np.minimum(x, high), low)  # np.clip rounds its limits to float32
