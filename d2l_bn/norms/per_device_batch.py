r"""Batch normalization as each of several devices does it on its own, in one process.

A batch of N examples, split over N/n devices: each normalizes its n examples by their own moments,
and keeps averages of its own. What that costs depends on n alone, so that one process can show it.
The same as :class:`~d2l_bn.norms.ghost_batch.GhostBatchNorm` but for the averages, and much faster:
the devices become further channels of one call.

Source: Peng et al. 2018, *MegDet*, arXiv:1711.07240, section 3.2; Wu & Johnson 2021, *Rethinking
"Batch" in BatchNorm*, arXiv:2105.07576, section 2.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from mxnet import autograd, np

from d2l_bn._support.arguments import check_count
from d2l_bn.norms.batch import BatchNorm, batch_norm, check_batch
from d2l_bn.norms.running_average import running_average

__all__ = ["PerDeviceBatchNorm", "per_device_batch_norm"]


def per_device_batch_norm(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
    momentum: float = 0.9,
    examples: int = 2,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Batch normalization of each ``examples`` successive examples by their own moments.

    The averages move towards the *mean over the devices* of their moments: the variance between the
    devices' means is missing in it, as it is when trained copies are averaged. Arguments, results
    and errors are otherwise those of :func:`d2l_bn.batch_norm`.

    Raises:
        ValueError: in training, a batch that is not a whole number of devices.

    >>> X = np.array([[1.0], [3.0], [10.0], [50.0]])
    >>> one, zero = np.ones((1, 1)), np.zeros((1, 1))
    >>> with autograd.train_mode():
    ...     Y, mean, var = per_device_batch_norm(X, one, zero, zero, one, momentum=0.0)
    >>> Y.round(3).reshape(-1), mean.item(), var.item()
    (array([-1.,  1., -1.,  1.]), 16.0, 200.5)
    """
    if not autograd.is_training():
        return batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    check_batch(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    N, C = X.shape[:2]
    if N % examples:
        raise ValueError(
            f"a batch of {N} examples for devices with {examples} each; expected a multiple"
        )
    devices, rest = N // examples, X.shape[2:]
    # (N, C, …) -> (n, devices · C, …): a device is a further set of channels
    X = X.reshape((devices, examples, C, *rest)).swapaxes(0, 1)
    X = X.reshape((examples, devices * C, *rest))
    repeats = (1, devices) + (1,) * len(rest)
    gamma, beta = np.tile(gamma, repeats), np.tile(beta, repeats)
    Y, mean, var = batch_norm(X, gamma, beta, beta, gamma, eps, momentum=0.0)
    Y = Y.reshape((examples, devices, C, *rest)).swapaxes(0, 1).reshape((N, C, *rest))
    with autograd.pause():
        mean, var = (s.reshape((devices, *moving_mean.shape)).mean(axis=0) for s in (mean, var))
        moving_mean = running_average(moving_mean, mean, momentum)
        moving_var = running_average(moving_var, var, momentum)
    return Y, moving_mean, moving_var


class PerDeviceBatchNorm(BatchNorm):
    r"""A :class:`~d2l_bn.BatchNorm` that normalizes as several devices do, each on its own.

    Arguments:
        num_features, num_dims, eps, momentum: as in :class:`~d2l_bn.BatchNorm`.
        examples: on each device.

    >>> layer = PerDeviceBatchNorm(1, 2, examples=2)
    >>> layer.initialize()
    >>> with autograd.train_mode():
    ...     layer(np.array([[1.0], [3.0], [10.0], [50.0]])).round(3).reshape(-1)
    array([-1.,  1., -1.,  1.])
    """

    def __init__(
        self, num_features: int, num_dims: int, *args: Any, examples: int, **kwargs: Any
    ) -> None:
        check_count("examples", examples, "examples on each device")
        super().__init__(num_features, num_dims, *args, **kwargs)
        self.examples = int(examples)
        self.function = partial(  # type: ignore[assignment]
            per_device_batch_norm, examples=self.examples
        )

    def options(self) -> str:
        return f"{super().options()}, examples={self.examples}"
