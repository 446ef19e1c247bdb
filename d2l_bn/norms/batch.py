r"""Batch normalization: the function and the Block.

A normalizer is told apart by the axes over which it takes its statistics, its *index set*. For X of
shape (N, C, H, W):

=======================  ==================  =========================
normalizer               statistics over     one mean and variance
=======================  ==================  =========================
**batch normalization**  **N, H, W**         **per channel**
layer normalization      C, H, W             per example
instance normalization   H, W                per example and channel
group normalization      C/G, H, W           per example and group
=======================  ==================  =========================

Source: Ioffe & Szegedy 2015, *Batch Normalization: Accelerating Deep Network Training by Reducing
Internal Covariate Shift*, arXiv:1502.03167, Algorithms 1 and 2; *Dive into Deep Learning*, section
"Batch Normalization", whose signatures these are.
"""

from __future__ import annotations

from typing import Any

from mxnet import autograd, init, np

from d2l_bn.norms import kernels
from d2l_bn.norms.block import AffineBlock
from d2l_bn.norms.checks import LAYOUTS, check_arguments
from d2l_bn.norms.moments import cast, centred_moments, expand, widen
from d2l_bn.norms.running_average import check_momentum, running_average

__all__ = ["AXES", "BatchNorm", "batch_norm", "check_batch"]

AXES = {2: (0,), 4: (0, 2, 3)}  # every axis but the channels


def batch_norm(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
    momentum: float = 0.9,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Normalize every channel of ``X``, then scale it by γ and shift it by β.

    .. math:: y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta

    In training (``autograd.is_training()``) μ and σ² are the mean and the biased variance of the
    batch, per channel: over N for (N, C), over N, H and W for (N, C, H, W). In prediction they are
    ``moving_mean`` and ``moving_var``, so that an example's output depends on that example alone.

    Arguments:
        X: (N, C) or (N, C, H, W), float16, float32 or float64.
        gamma, beta: scale and shift, (1, C) or (1, C, 1, 1), of the dtype of ``X``
            (float32 where ``X`` is float16).
        moving_mean, moving_var: the averages so far, shaped and typed like ``gamma``.
        eps: ε > 0, inside the root.
        momentum: weight of the *old* average in [0, 1]; see :mod:`d2l_bn.norms.running_average`.

    Returns:
        ``(Y, new_mean, new_var)``: ``Y`` of the shape and dtype of ``X``, and the averages moved
        towards this batch (in prediction: as they came). The averages carry no gradient. Nothing
        that was passed in is written to.

    Raises:
        TypeError: not an ``mx.np`` array, or not one of the dtypes above.
        ValueError: a shape, ``eps`` or ``momentum`` that does not fit.

    One value per channel has no variance: a batch of one example after a fully connected layer has
    x = μ, and its output is β whatever x is.

    >>> X = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> one, zero = np.ones((1, 2)), np.zeros((1, 2))
    >>> with autograd.train_mode():
    ...     Y, new_mean, new_var = batch_norm(X, one, zero, zero, one, eps=1e-5, momentum=0.9)
    >>> Y.round(3), new_mean, new_var
    (array([[-1., -1.],
           [ 1.,  1.]]), array([[0.2, 2. ]]), array([[ 1. , 10.9]]))
    """
    check_batch(X, gamma, beta, moving_mean, moving_var, eps, momentum)
    if autograd.is_training():
        centred, missed, mean, var = centred_moments(X, AXES[X.ndim])
        with autograd.pause():
            moving_mean = running_average(moving_mean, mean, momentum)
            moving_var = running_average(moving_var, var, momentum)
    else:
        centred, missed, var = widen(X) - expand(moving_mean, X.shape), 0.0, moving_var
    scale = gamma / np.sqrt(var + eps)
    shift = beta - missed * scale  # missed: what rounding left out of the mean
    Y = centred * expand(scale, X.shape) + expand(shift, X.shape)
    return cast(Y, str(X.dtype)), moving_mean, moving_var


def check_batch(
    X: Any, gamma: Any, beta: Any, moving_mean: Any, moving_var: Any, eps: Any, momentum: Any
) -> None:
    r"""Refuse what :func:`batch_norm` refuses; its variants do the same.

    >>> one = np.ones((1, 3))
    >>> check_batch(np.ones((2, 3)), one, one, one, np.ones((1, 4)), 1e-5, 0.9)
    Traceback (most recent call last):
    ValueError: moving_var has shape (1, 4); expected (1, 3), one value a channel: is it for another
        layer?
    """
    statistics = {"moving_mean": moving_mean, "moving_var": moving_var}
    check_arguments(X, LAYOUTS, eps, gamma=gamma, beta=beta, **statistics)
    check_momentum(momentum)


class BatchNorm(AffineBlock):
    r"""A layer that applies :func:`batch_norm` and keeps its parameters and moving averages.

    All four are parameters of shape (1, C) or (1, C, 1, 1), so that saving, loading, casting,
    sharing and copying to a device take them along. γ starts at 1 and β at 0, and both are trained;
    ``moving_mean`` starts at 0 and ``moving_var`` at 1, have ``grad_req='null'`` and move in every
    forward pass in training mode, recorded or not. An untrained layer in prediction mode therefore
    passes its input through.

    Arguments:
        num_features: C, the outputs of the dense layer or the channels of the convolution.
        num_dims: 2 after a fully connected layer, 4 after a convolution.
        eps, momentum: as in :func:`batch_norm`.

    Raises:
        TypeError, ValueError: for what :func:`batch_norm` refuses, and an input whose number of
            axes or channels is not the layer's. The averages stay as they were.

    >>> layer = BatchNorm(2, num_dims=2)
    >>> layer.initialize()
    >>> with autograd.record():
    ...     Y = layer(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> layer.moving_mean.data()
    array([[0.2, 2. ]])
    """

    function = staticmethod(batch_norm)  # a variant has another one, of the same signature

    def __init__(
        self,
        num_features: int,
        num_dims: int,
        eps: float = 1e-5,
        momentum: float = 0.9,
        **kwargs: Any,
    ) -> None:
        check_momentum(momentum)
        super().__init__(num_features, num_dims, eps, **kwargs)
        self.momentum = momentum
        fixed = {"shape": self.shape, "grad_req": "null", "differentiable": False}
        with self.name_scope():
            self.moving_mean = self.params.get("moving_mean", init=init.Zero(), **fixed)
            self.moving_var = self.params.get("moving_var", init=init.One(), **fixed)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``; in training mode also move the averages."""
        gamma, beta = self.affine(X)
        averages = self.moving_mean.data(X.ctx), self.moving_var.data(X.ctx)
        if self.function is batch_norm and kernels.fits(X):
            return self._by_kernel(X, gamma, beta, *averages)
        Y, new_mean, new_var = self.function(X, gamma, beta, *averages, self.eps, self.momentum)
        if autograd.is_training():
            with autograd.pause():
                averages[0][:] = new_mean
                averages[1][:] = new_var
        return Y

    def _by_kernel(
        self,
        X: np.ndarray,
        gamma: np.ndarray,
        beta: np.ndarray,
        moving_mean: np.ndarray,
        moving_var: np.ndarray,
    ) -> np.ndarray:
        """The same in C++: it moves the averages itself."""
        arguments = X, gamma, beta, moving_mean, moving_var, self.eps, self.momentum
        check_batch(*arguments)
        return kernels.batch_norm(*arguments, self.adds_up())

    def options(self) -> str:
        """What ``repr`` shows behind the number of features."""
        return f"{super().options()}, momentum={self.momentum}"
