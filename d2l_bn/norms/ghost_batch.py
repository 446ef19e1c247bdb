r"""Ghost batch normalization: statistics of parts of a batch, so that their noise can be chosen.

Source: Hoffer, Hubara & Soudry 2017, *Train longer, generalize better: closing the generalization
gap in large batch training of neural networks*, arXiv:1705.08741, algorithm 1.
"""

from __future__ import annotations

from mxnet import autograd, np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_count
from d2l_bn.norms.checks import check_array

__all__ = ["GhostBatchNorm"]


class GhostBatchNorm(nn.Block):
    r"""Batch normalization of each ``ghost_size`` successive examples of a batch on their own.

    The gradient is that of the whole batch, and only the statistics are those of small ones: their
    noise has nothing to do with the noise of the gradient. In prediction it is batch normalization.
    γ, β and the averages are those of one layer of Gluon's, ``norm``, whose averages move with
    each part.

    Arguments:
        num_features: C, the channels, as in :class:`~d2l_bn.BatchNorm`.
        ghost_size: examples in a part; a batch's last part may be smaller.

    >>> layer = GhostBatchNorm(1, ghost_size=2)
    >>> layer.initialize()
    >>> with autograd.train_mode():
    ...     layer(np.array([[1.0], [3.0], [10.0], [50.0]])).round(3).reshape(-1)
    array([-1.,  1., -1.,  1.])
    """

    def __init__(self, num_features: int, ghost_size: int, **kwargs) -> None:
        check_count("num_features", num_features, "the number of channels")
        check_count("ghost_size", ghost_size, "examples that share their statistics")
        super().__init__(**kwargs)
        self.ghost_size = ghost_size
        self.norm = nn.BatchNorm(in_channels=num_features)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Normalize ``X``, part by part in training mode."""
        check_array("X", X)
        if not autograd.is_training():
            return self.norm(X)
        starts = range(0, len(X), self.ghost_size)
        return np.concatenate([self.norm(X[i : i + self.ghost_size]) for i in starts])
