r"""Batch normalization with a part left out: which part is it that helps?

Each has the signature, the parameters and the state of :func:`~d2l_bn.batch_norm` and
:class:`~d2l_bn.BatchNorm`, so that one can stand where the other stood, and read its file. The
index set is the same, too: of activations (N, C, H, W) the axes N, H and W, per channel.

==============================  ==================================================  ================
variant                         y                                                   left out
==============================  ==================================================  ================
:class:`MeanOnlyBatchNorm`      :math:`\gamma (x - \mu) + \beta`                    the deviation
:class:`VarianceOnlyBatchNorm`  :math:`\gamma x/\sqrt{\sigma^2+\varepsilon}+\beta`  the mean
:class:`FrozenBatchNorm`        :math:`(x - \mu)/\sqrt{\sigma^2 + \varepsilon}`     γ, β not trained
==============================  ==================================================  ================

Source: Salimans & Kingma 2016, *Weight Normalization*, arXiv:1602.07868, section 4 (mean-only batch
normalization, there without γ, behind weight normalization); *Dive into Deep Learning*, section
"Batch Normalization", exercises.
"""

from __future__ import annotations

from typing import Any

from mxnet import autograd, np

from d2l_bn.norms.batch import AXES, BatchNorm, batch_norm
from d2l_bn.norms.moments import cast, centred_moments, expand, moments, widen

__all__ = [
    "FrozenBatchNorm",
    "MeanOnlyBatchNorm",
    "VarianceOnlyBatchNorm",
    "mean_only_batch_norm",
    "variance_only_batch_norm",
]


def mean_only_batch_norm(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
    momentum: float = 0.9,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Subtract the mean of every channel and divide by nothing.

    .. math:: y = \gamma \, (x - \mu) + \beta

    Arguments, returns, errors and modes are those of :func:`~d2l_bn.batch_norm`. The average of the
    variance moves as well, though the output does not depend on it, nor on ``eps``.

    >>> X = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> one, zero = np.ones((1, 2)), np.zeros((1, 2))
    >>> with autograd.train_mode():
    ...     Y, new_mean, new_var = mean_only_batch_norm(X, one, zero, zero, one)
    >>> Y, new_mean
    (array([[ -1., -10.],
           [  1.,  10.]]), array([[0.2, 2. ]]))
    """
    training = autograd.is_training()
    with autograd.pause(train_mode=training):  # checks the arguments, and moves the averages
        _, *averages = batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    if training:
        centred, missed, _, _ = centred_moments(X, AXES[X.ndim])
    else:
        centred, missed = widen(X) - expand(moving_mean, X.shape), 0.0
    Y = centred * expand(gamma, X.shape) + expand(beta - missed * gamma, X.shape)
    return cast(Y, str(X.dtype)), *averages


def variance_only_batch_norm(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
    momentum: float = 0.9,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Divide every channel by its deviation and subtract nothing.

    .. math:: y = \gamma \, \frac{x}{\sqrt{\sigma^2 + \varepsilon}} + \beta

    σ² is the variance around the mean, as in :func:`~d2l_bn.batch_norm`, whose arguments, returns,
    errors and modes these are.

    >>> X = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> one, zero = np.ones((1, 2)), np.zeros((1, 2))
    >>> with autograd.train_mode():
    ...     Y, new_mean, new_var = variance_only_batch_norm(X, one, zero, zero, one)
    >>> Y.round(3), new_var
    (array([[1., 1.],
           [3., 3.]]), array([[ 1. , 10.9]]))
    """
    training = autograd.is_training()
    with autograd.pause(train_mode=training):  # checks the arguments, and moves the averages
        _, *averages = batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    x = widen(X)  # once: the gradient of both of its uses is added up in float32
    var = moments(x, AXES[X.ndim])[1] if training else moving_var
    Y = x * expand(gamma / np.sqrt(var + eps), X.shape) + expand(beta, X.shape)
    return cast(Y, str(X.dtype)), *averages


class MeanOnlyBatchNorm(BatchNorm):
    r"""The layer of :func:`mean_only_batch_norm`; all else is as in :class:`~d2l_bn.BatchNorm`.

    >>> MeanOnlyBatchNorm(6, num_dims=4)
    MeanOnlyBatchNorm(6, num_dims=4, eps=1e-05, momentum=0.9)
    """

    function = staticmethod(mean_only_batch_norm)


class VarianceOnlyBatchNorm(BatchNorm):
    r"""The layer of :func:`variance_only_batch_norm`; all else as in :class:`~d2l_bn.BatchNorm`.

    >>> VarianceOnlyBatchNorm(6, num_dims=4)
    VarianceOnlyBatchNorm(6, num_dims=4, eps=1e-05, momentum=0.9)
    """

    function = staticmethod(variance_only_batch_norm)


class FrozenBatchNorm(BatchNorm):
    r"""A :class:`~d2l_bn.BatchNorm` whose γ and β are not trained: they stay at 1 and 0.

    They are parameters still, with ``grad_req='null'``: saved, loaded and cast with the rest.

    >>> layer = FrozenBatchNorm(6, num_dims=4)
    >>> layer.gamma.grad_req, layer.beta.grad_req
    ('null', 'null')
    """

    def __init__(self, num_features: int, num_dims: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(num_features, num_dims, *args, **kwargs)
        self.gamma.grad_req = self.beta.grad_req = "null"
