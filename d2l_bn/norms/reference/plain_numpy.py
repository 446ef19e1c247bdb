r"""Batch normalization in plain NumPy, written to be read: what the layer is tested against.

Statistics and parameters are vectors of length C, one number a channel. As everywhere in this
package momentum weights the *old* average (:mod:`d2l_bn.norms.running_average`), where code written
in PyTorch's style has 0.1 for 0.9.

Source: Ioffe & Szegedy 2015, arXiv:1502.03167, Algorithms 1 and 2.
"""

from __future__ import annotations

import numpy as np

__all__ = ["BatchNorm1D", "BatchNorm2D"]


class BatchNorm1D:
    r"""Batch normalization of (N, C), per feature.

    .. math:: y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta

    μ and σ² are those of the batch while ``training``, and the running averages otherwise.

    Arguments:
        num_features: C.
        momentum: weight of the *old* average, in [0, 1].
        eps: ε > 0, inside the root.
        unbiased: average :math:`\frac{m}{m-1}\sigma^2`, as in the paper and in PyTorch, and not
            :math:`\sigma^2`, as in the chapter and in MXNet. m is the number of values a channel
            has in the batch. The output of a batch in training is made with σ² in any case.

    Attributes:
        gamma, beta, running_mean, running_var: (C,) float64, to be set at will.
        training: the mode, True at the start.

    >>> layer = BatchNorm1D(2)
    >>> layer(np.array([[1.0, 10.0], [3.0, 30.0]])).round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> layer.running_mean, layer.running_var
    (array([0.2, 2. ]), array([ 1. , 10.9]))
    """

    layout = "(N, C)"
    axes: tuple[int, ...] = (0,)  # every axis but the channels

    def __init__(
        self,
        num_features: int,
        momentum: float = 0.9,
        eps: float = 1e-5,
        *,
        unbiased: bool = False,
    ) -> None:
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum is {momentum}; expected a number in [0, 1]")
        if not 0 < eps < np.inf:
            raise ValueError(f"eps is {eps}; expected a finite number above 0")
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.momentum, self.eps, self.unbiased = momentum, eps, unbiased
        self.training = True

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``; while training also move the averages.

        Returns an array of the shape of ``X``, float64.

        Raises:
            ValueError: ``X`` has another layout or number of channels, or ``unbiased`` has one
                value a channel to estimate a variance from. The averages stay as they were.
        """
        X = np.asarray(X, dtype="float64")
        m = self._values_per_channel(X)
        if self.training:
            mean = X.mean(axis=self.axes)  # (C,)
            var = ((X - self._along_channels(mean)) ** 2).mean(axis=self.axes)
            estimate = var * m / (m - 1) if self.unbiased else var
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * estimate
        else:
            mean, var = self.running_mean, self.running_var
        mean, var, gamma, beta = map(self._along_channels, (mean, var, self.gamma, self.beta))
        return gamma * (X - mean) / np.sqrt(var + self.eps) + beta

    def _values_per_channel(self, X: np.ndarray) -> int:
        expected = f"{self.layout} with C = {len(self.gamma)}"
        if X.ndim != len(self.axes) + 1 or X.shape[1] != len(self.gamma) or X.size == 0:
            raise ValueError(f"X has shape {X.shape}; expected {expected} and at least one value")
        m = X.size // X.shape[1]
        if self.training and self.unbiased and m == 1:
            raise ValueError(
                f"X has shape {X.shape}, one value a channel, and m/(m-1) divides by 0; expected "
                "two or more: use a larger batch, or unbiased=False"
            )
        return m

    def _along_channels(self, statistic: np.ndarray) -> np.ndarray:
        """(C,) as (1, C) or (1, C, 1, 1)."""
        return statistic.reshape((1, -1) + (1,) * (len(self.axes) - 1))


class BatchNorm2D(BatchNorm1D):
    r"""Batch normalization of (N, C, H, W), per channel; m = N·H·W. See :class:`BatchNorm1D`.

    >>> layer = BatchNorm2D(2, unbiased=True)
    >>> X = np.stack([np.eye(2), 5 * np.eye(2)])[None]  # (1, 2, 2, 2)
    >>> Y = layer(X)
    >>> layer.running_mean, layer.running_var.round(4)  # 4/3 of the variances 0.25 and 6.25
    (array([0.05, 0.25]), array([0.9333, 1.7333]))
    """

    layout = "(N, C, H, W)"
    axes = (0, 2, 3)
