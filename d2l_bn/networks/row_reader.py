r"""A recurrent network that reads an image from top to bottom, a normalizer inside its loop.

Source: Ba, Kiros & Hinton 2016, *Layer Normalization*, arXiv:1607.06450, section 3.1, equation 4;
Cooijmans et al. 2017, *Recurrent Batch Normalization*, arXiv:1603.09025, section 3.
"""

from __future__ import annotations

from typing import Any

from mxnet import np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_choice, check_count
from d2l_bn.norms.batch import BatchNorm
from d2l_bn.norms.checks import check_array, check_rank
from d2l_bn.norms.layer import LayerNorm
from d2l_bn.norms.weight import WeightNorm

__all__ = ["NORMS", "RowReader"]

ROWS = 2  # of an image that are read at a step
PIXEL_MEAN, PIXEL_DEVIATION = 0.2860, 0.3530  # of Fashion-MNIST's training images
NORMS = (None, "batch", "batch_per_step", "layer", "weight")


class RowReader(nn.Block):
    r"""Reads an image two rows at a time, from top to bottom, and then says what it is.

    .. math:: a_t = W [x_t, h_{t-1}] + b, \qquad h_t = \tanh(\mathrm{norm}(a_t)), \qquad h_0 = 0

    where :math:`x_t` is the t-th pair of rows; the scores are a linear function of the last state.
    Pixels are shifted and scaled to mean 0 and variance 1 over all garments: a black row, left at
    0, would have layer normalization divide by :math:`\sqrt\varepsilon`, and its gradient explode.

    Arguments:
        norm: ``None``; ``'layer'``, over the hidden units of one example at one step; ``'batch'``,
            one :class:`~d2l_bn.BatchNorm` for all steps, whose moving averages mix them;
            ``'batch_per_step'``, one for each step, so that there is none for a step beyond
            ``steps``; ``'weight'``, :class:`~d2l_bn.norms.weight.WeightNorm` of W.
        hidden: values in the state.
        steps: pairs of rows in an image; ``'batch_per_step'`` has a layer for each.
        num_classes: outputs.

    Raises:
        ValueError: a norm that is not in ``NORMS``; in ``forward``, images of more steps
            than there are layers for, or of an odd number of rows.

    >>> net = RowReader("layer", hidden=16)
    >>> net.initialize()
    >>> net(np.ones((2, 1, 28, 28))).shape
    (2, 10)
    """

    def __init__(
        self,
        norm: str | None = None,
        hidden: int = 64,
        steps: int = 14,
        num_classes: int = 10,
        **kwargs: Any,
    ) -> None:
        check_choice("norm", norm, NORMS)
        check_count("hidden", hidden, "the values in the state")
        check_count("steps", steps, "the pairs of rows in an image")
        super().__init__(**kwargs)
        self.norm, self.hidden = norm, hidden
        dense = nn.Dense(hidden)
        self.dense = WeightNorm(dense) if norm == "weight" else dense
        self.norms = nn.Sequential()
        if norm == "layer":
            self.norms.add(LayerNorm(hidden, num_dims=2))
        elif norm in ("batch", "batch_per_step"):
            for _ in range(steps if norm == "batch_per_step" else 1):
                self.norms.add(BatchNorm(hidden, num_dims=2))
        self.output = nn.Dense(num_classes)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Scores (N, num_classes) of images (N, 1, rows, columns)."""
        return self.output(self.states(X)[-1])

    def states(self, X: np.ndarray) -> list[np.ndarray]:
        """The state (N, hidden) after each step."""
        check_array("X", X)
        check_rank("X", X, {4: "(N, 1, H, W), images of one channel"})
        if X.shape[2] % ROWS:
            raise ValueError(f"X has shape {X.shape}, {X.shape[2]} rows; expected an even number")
        steps = X.shape[2] // ROWS
        if self.norm == "batch_per_step" and steps > len(self.norms):
            raise ValueError(
                f"X has shape {X.shape}, {steps} steps, and there are batch normalizations for "
                f"{len(self.norms)}; expected no more: the others have no statistics"
            )
        x = ((X - PIXEL_MEAN) / PIXEL_DEVIATION).reshape(X.shape[0], steps, -1)
        h = np.zeros((X.shape[0], self.hidden), dtype=X.dtype, ctx=X.ctx)
        states = []
        for t in range(steps):
            a = self.dense(np.concatenate([x[:, t], h], axis=1))
            if len(self.norms) > 0:
                a = self.norms[t if self.norm == "batch_per_step" else 0](a)
            h = np.tanh(a)
            states.append(h)
        return states
