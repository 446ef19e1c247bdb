r"""Batch normalization whose gradient takes the batch's mean and variance for constants.

Forward it is batch normalization, digit for digit: the same distributions, as still or as restless.
Backward it is not: that a change of one input moves μ and σ², and with them *all* outputs of the
channel, does not enter the gradient. What the two do differently in training is therefore owed to
the gradient and not to any distribution.

Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 2, on what happens to gradient descent that
does not know of the normalization.
"""

from __future__ import annotations

from mxnet import autograd, np

from d2l_bn.norms.batch import AXES, BatchNorm, batch_norm
from d2l_bn.norms.moments import moments

__all__ = ["DetachedBatchNorm"]


class DetachedBatchNorm(BatchNorm):
    r"""A :class:`~d2l_bn.BatchNorm` with another gradient.

    .. math:: \frac{\partial L}{\partial x} = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}\,
        \frac{\partial L}{\partial y}

    in training, without the two terms that come through μ and σ². Outputs, averages, prediction,
    arguments and errors are those of ``BatchNorm``; input in float32 or float64.

    >>> X = np.array([[1.0], [3.0]])
    >>> layer = DetachedBatchNorm(1, num_dims=2)
    >>> layer.initialize()
    >>> X.attach_grad()
    >>> with autograd.record():
    ...     Y = layer(X)
    >>> Y.backward()  # BatchNorm's outputs have a constant sum: its gradient would be 0
    >>> Y.round(3), X.grad.round(3)
    (array([[-1.],
           [ 1.]]), array([[1.],
           [1.]]))
    """

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``; in training mode also move the averages."""
        if not autograd.is_training():
            return super().forward(X)
        with autograd.pause(train_mode=True):
            super().forward(X)  # checks the input, and moves the averages
            mean, var = moments(X, AXES[X.ndim])
        gamma, beta = self.gamma.data(X.ctx), self.beta.data(X.ctx)
        with autograd.predict_mode():  # its formula takes statistics for constants
            return batch_norm(X, gamma, beta, mean, var, self.eps, self.momentum)[0]
