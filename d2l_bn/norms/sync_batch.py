r"""Synchronized batch normalization: the moments of a batch that several workers share.

With ``k`` workers and a batch of ``N`` images, each worker sees ``N / k``. Batch normalization on
each worker alone takes its moments from those, and at two or four images they are noise. Here the
workers add up their sums first, so that every one normalizes by the moments of all ``N``: the same
as one device with the whole batch, forward and backward.

Source: Peng et al. 2018, *MegDet: A Large Mini-Batch Object Detector*, arXiv:1711.07240, section
3.2 (cross-GPU batch normalization).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mxnet import autograd, np

from d2l_bn.norms.batch import AXES, BatchNorm, batch_norm, check_batch
from d2l_bn.norms.moments import cast, expand, mean_over, widen
from d2l_bn.norms.running_average import running_average
from d2l_bn.workers.group import Group, all_sum

__all__ = ["SyncBatchNorm", "sync_batch_norm", "sync_moments"]

AllSum = Callable[[str, np.ndarray], np.ndarray]


def sync_moments(
    X: np.ndarray, axes: tuple[int, ...], total: AllSum
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    r"""``(centred, missed, mean, var)`` of the values of all workers, as by
    :func:`~d2l_bn.norms.moments.centred_moments` of one.

    .. math:: m = \sum_k m_k, \quad \mu = \frac1m \sum_k m_k \mu_k, \quad
        \sigma^2 = \frac1m \sum_k \sum_{x \in k} (x - \mu)^2

    Two sums over the workers, one for each line of Algorithm 1: squares are taken of differences
    from the *common* mean, so that nothing cancels. The parts may differ in size.

    >>> X = np.array([[1.0, 2.0], [3.0, 6.0]])
    >>> sync_moments(X, (0,), lambda name, sums: sums)[2:]  # a worker alone
    (array([[2., 4.]]), array([[1., 4.]]))
    """
    X = widen(X)
    shape = tuple(1 if axis in axes else size for axis, size in enumerate(X.shape))
    channels = mean_over(X, axes).size
    number = np.array([X.size / channels], dtype=X.dtype, ctx=X.ctx)  # m_k
    sums = total("mean", np.concatenate([mean_over(X, axes).reshape(-1) * number, number]))
    with autograd.pause():
        m = sums[channels:].copy()
    mean = (sums[:channels] / m).reshape(shape)
    centred = X - expand(mean, X.shape)
    with autograd.pause():
        missed = mean_over(centred, axes).reshape(-1)  # what rounding left out of the mean
    squares = mean_over(np.square(centred), axes).reshape(-1)
    sums = total("var", np.concatenate([squares, missed]) * number)
    with autograd.pause():
        missed = (sums[channels:] / m).reshape(shape)
    return centred, missed, mean + missed, (sums[:channels] / m).reshape(shape)


def sync_batch_norm(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
    momentum: float = 0.9,
    total: AllSum = all_sum,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Batch normalization by the moments of every worker's ``X``.

    In prediction, and for a worker alone, the same as :func:`d2l_bn.batch_norm`, whose arguments,
    results and errors these are.

    Arguments:
        total: from a name and an array to the sum over the workers, differentiable.

    >>> X = np.array([[1.0], [3.0]])
    >>> one, zero = np.ones((1, 1)), np.zeros((1, 1))
    >>> with autograd.train_mode():
    ...     sync_batch_norm(X, one, zero, zero, one)[0].round(3).reshape(-1)
    array([-1.,  1.])
    """
    if not autograd.is_training():
        return batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    check_batch(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    centred, missed, mean, var = sync_moments(X, AXES[X.ndim], total)
    with autograd.pause():
        moving_mean = running_average(moving_mean, mean, momentum)
        moving_var = running_average(moving_var, var, momentum)
    scale = gamma / np.sqrt(var + eps)
    Y = centred * expand(scale, X.shape) + expand(beta - missed * scale, X.shape)
    return cast(Y, str(X.dtype)), moving_mean, moving_var


class SyncBatchNorm(BatchNorm):
    r"""A :class:`~d2l_bn.BatchNorm` that normalizes by the moments of all workers' batches.

    The gradients of γ and β are this worker's share; whoever adds up the gradients of the weights
    over the workers adds these up as well.

    Arguments:
        num_features, num_dims, eps, momentum: as in :class:`~d2l_bn.BatchNorm`.
        group: the workers; those of this process unless given.

    >>> layer = SyncBatchNorm(2, num_dims=2)
    >>> layer.initialize()
    >>> with autograd.train_mode():
    ...     layer(np.array([[1.0, 10.0], [3.0, 30.0]])).round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    """

    def __init__(
        self,
        num_features: int,
        num_dims: int,
        *args: Any,
        group: Group | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_features, num_dims, *args, **kwargs)

        def total(name: str, sums: np.ndarray) -> np.ndarray:
            return all_sum(f"{self.prefix}{name}", sums, group)

        self.function = partial(sync_batch_norm, total=total)  # type: ignore[assignment]
