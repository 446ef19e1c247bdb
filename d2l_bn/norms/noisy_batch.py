r"""Batch normalization followed by noise that shifts every distribution anew in every step.

If batch normalization helped *because* it keeps the distribution of a layer's inputs still, this
layer should spoil it: what comes out of it has another mean and another deviation at each step.

Source: Santurkar, Tsipras, Ilyas & Madry 2018, *How Does Batch Normalization Help Optimization?*,
arXiv:1805.11604, section 2.1 and the appendix on its setup.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_number
from d2l_bn.norms.checks import check_array, check_rank
from d2l_bn.norms.moments import expand

__all__ = ["NoisyBatchNorm", "add_noise", "without_noise"]

LAYOUTS = {2: "(N, C)", 4: "(N, C, H, W)"}


def add_noise(
    X: np.ndarray, shift: float = 0.5, scale: float = 1.25, jitter: float = 0.1
) -> np.ndarray:
    r"""Stretch and shift every value at random, around a mean and a scale drawn for each channel.

    .. math:: y = s\,x + m, \qquad
        m \sim U(\mu_c - r, \mu_c + r),\; s \sim N(\sigma_c, r^2), \qquad
        \mu_c \sim U(-a, a),\; \sigma_c \sim U(1, b)

    :math:`\mu_c` and :math:`\sigma_c` are drawn once a call for each channel c, and m and s for
    each single value; all by MXNet's generator. The noise carries no gradient of its own.

    Arguments:
        X: (N, C) or (N, C, H, W), float32 or float64.
        shift: a, the largest mean of a channel, at least 0.
        scale: b, the largest mean scale of a channel, at least 1.
        jitter: r, how far single values lie from the mean and the scale of their channel.

    Returns:
        An array of the shape and dtype of ``X``.

    Raises:
        TypeError, ValueError: an ``X`` or a number that does not fit.

    >>> from mxnet import np
    >>> add_noise(np.array([[1.0, -2.0]]), shift=0, scale=1, jitter=0)
    array([[ 1., -2.]])
    """
    check_array("X", X)
    check_rank("X", X, LAYOUTS)
    _check_noise(shift, scale, jitter)
    options = {"dtype": str(X.dtype), "ctx": X.ctx}
    of_channels = (1, X.shape[1]) + (1,) * (X.ndim - 2)
    with autograd.pause():
        mu = np.random.uniform(-shift, shift, size=of_channels, **options)
        sigma = np.random.uniform(1, scale, size=of_channels, **options)
        m = expand(mu, X.shape) + jitter * np.random.uniform(-1, 1, size=X.shape, **options)
        s = expand(sigma, X.shape) + jitter * np.random.normal(size=X.shape, **options)
    return s * X + m


class NoisyBatchNorm(nn.Block):
    r"""A normalizer, and behind it :func:`add_noise`, in training mode only.

    Arguments:
        norm: the layer to spoil, such as ``d2l_bn.BatchNorm`` or Gluon's ``nn.BatchNorm``.
        shift, scale, jitter: as in :func:`add_noise`.

    Raises:
        TypeError, ValueError: ``norm`` is no Gluon block, or a number does not fit.

    In ``lenet`` it stands where a normalizer stands:

    >>> import d2l_bn
    >>> noisy = lambda channels, rank: NoisyBatchNorm(nn.BatchNorm(in_channels=channels))
    >>> net = d2l_bn.lenet(noisy)
    >>> net.norm1
    NoisyBatchNorm(shift=0.5, scale=1.25, jitter=0.1)
    """

    def __init__(
        self,
        norm: gluon.Block,
        shift: float = 0.5,
        scale: float = 1.25,
        jitter: float = 0.1,
        **kwargs: Any,
    ) -> None:
        if not isinstance(norm, gluon.Block):
            raise TypeError(
                f"norm is a {type(norm).__name__}; expected a layer such as "
                "nn.BatchNorm(in_channels=6)"
            )
        _check_noise(shift, scale, jitter)
        super().__init__(**kwargs)
        self.norm = norm
        self.shift, self.scale, self.jitter = shift, scale, jitter
        self.silent = False

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``; in training mode, unless the layer is silent, add noise."""
        Y = self.norm(X)
        if self.silent or not autograd.is_training():
            return Y
        return add_noise(Y, self.shift, self.scale, self.jitter)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(shift={self.shift}, scale={self.scale}, jitter={self.jitter})"
        )


@contextlib.contextmanager
def without_noise(net: gluon.Block) -> Iterator[None]:
    r"""Inside, every :class:`NoisyBatchNorm` of ``net`` adds no noise, in training mode either.

    For population statistics that fit prediction, where there is no noise:
    ``with without_noise(net): d2l_bn.recalibrate(net, train)``.

    >>> layer = NoisyBatchNorm(nn.BatchNorm())
    >>> with without_noise(layer):
    ...     print(layer.silent)
    True
    >>> layer.silent
    False
    """
    noisy: list[NoisyBatchNorm] = []
    net.apply(lambda block: noisy.append(block) if isinstance(block, NoisyBatchNorm) else None)
    before = [layer.silent for layer in noisy]
    for layer in noisy:
        layer.silent = True
    try:
        yield
    finally:
        for layer, silent in zip(noisy, before):
            layer.silent = silent


def _check_noise(shift: Any, scale: Any, jitter: Any) -> None:
    check_number("shift", shift, "[0, inf)")
    check_number("scale", scale, "[1, inf)")
    check_number("jitter", jitter, "[0, inf)")
