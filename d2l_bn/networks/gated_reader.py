r"""A gated recurrent network that reads an image from top to bottom: an LSTM or a GRU, normalized.

Source: Ba, Kiros & Hinton 2016, *Layer Normalization*, arXiv:1607.06450, section 3.1 and equations
20 to 22; Salimans & Kingma 2016, *Weight Normalization*, arXiv:1602.07868; Qiao et al. 2019,
arXiv:1903.10520, for group normalization with weight standardization.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from mxnet import init, np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_choice, check_count
from d2l_bn.networks.row_reader import PIXEL_DEVIATION, PIXEL_MEAN, ROWS
from d2l_bn.norms.checks import check_array, check_rank
from d2l_bn.norms.compiled_group import CompiledGroupNorm
from d2l_bn.norms.weight import LengthOf

__all__ = ["CELLS", "WEIGHTS", "GatedReader"]

CELLS = {"gru": 3, "lstm": 4}  # gates, and with them blocks of rows of W
NORMS = (None, "layer", "group")
WEIGHTS = (None, "normalized", "standardized")
WIDTH = 28  # of an image
EPS = 1e-5


class GatedReader(nn.HybridBlock):
    r"""Reads an image two rows at a time, as :class:`~d2l_bn.networks.row_reader.RowReader` does.

    .. math:: a_t = \mathrm{norm}(W [x_t, h_{t-1}])

    holds what the gates are made of. In an LSTM it has four blocks i, f, g, o:

    .. math:: c_t = \sigma(f + 1) \, c_{t-1} + \sigma(i) \tanh(g), \qquad
              h_t = \sigma(o) \tanh(c_t)

    In a GRU it has r and z, and the candidate n has a norm and rows of W of its own:

    .. math:: n = \tanh(\mathrm{norm}(W_n [x_t, r h_{t-1}])), \qquad
              h_t = (1 - z) \, n + z \, h_{t-1}

    Arguments:
        cell: ``'lstm'`` or ``'gru'``.
        norm: ``None``, then a bias b is added; ``'layer'``, over all of :math:`a_t`; ``'group'``,
            each gate by itself: as many groups as gates.
        weights: what W is made of: ``None``; ``'normalized'``, g v / ‖v‖ for each row;
            ``'standardized'``, each row with mean 0 and variance 1.
        hidden: values in the state.
        steps: pairs of rows in an image.
        num_classes: outputs.

    Raises:
        ValueError: another cell, norm or weights; in ``forward``, images of another size.

    >>> net = GatedReader("gru", norm="group", hidden=16)
    >>> net.initialize()
    >>> net(np.ones((2, 1, 28, 28))).shape
    (2, 10)
    """

    def __init__(
        self,
        cell: str = "lstm",
        norm: str | None = None,
        weights: str | None = None,
        hidden: int = 64,
        steps: int = 14,
        num_classes: int = 10,
        **kwargs: Any,
    ) -> None:
        check_choice("cell", cell, tuple(CELLS))
        check_choice("norm", norm, NORMS)
        check_choice("weights", weights, WEIGHTS)
        check_count("hidden", hidden, "the values in the state")
        super().__init__(**kwargs)
        self.cell, self.norm, self.weights = cell, norm, weights
        self.hidden, self.steps = hidden, steps
        outputs = CELLS[cell] * hidden
        self._together = outputs if cell == "lstm" else 2 * hidden  # rows that see the same h
        with self.name_scope():
            self.weight = self.params.get("weight", shape=(outputs, ROWS * WIDTH + hidden))
            if norm is None:
                self.bias = self.params.get("bias", shape=(outputs,), init=init.Zero())
            if weights == "normalized":
                start = LengthOf(self.weight)
                self.g = self.params.get("g", shape=(outputs, 1), init=start)
            self.norms = nn.HybridSequential()
            for rows in (self._together, outputs - self._together):
                if norm is not None and rows:
                    groups = 1 if norm == "layer" else rows // hidden
                    self.norms.add(CompiledGroupNorm(rows, num_dims=2, num_groups=groups))
            self.output = nn.Dense(num_classes, in_units=hidden)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """Scores (N, num_classes) of images (N, 1, rows, 28)."""
        check_array("X", X)
        check_rank("X", X, {4: "(N, 1, H, W), images of one channel"})
        if X.shape[1:] != (1, ROWS * self.steps, WIDTH):
            raise ValueError(
                f"X has shape {X.shape}; expected (N, 1, {ROWS * self.steps}, {WIDTH}), "
                f"{self.steps} steps of {ROWS} rows"
            )
        pairs = ((X - PIXEL_MEAN) / PIXEL_DEVIATION).reshape(len(X), -1, ROWS * WIDTH)
        return super().forward(np.swapaxes(pairs, 0, 1))  # (steps, N, 56)

    def hybrid_forward(
        self, F: ModuleType, x: Any, weight: Any, bias: Any = None, g: Any = None
    ) -> Any:
        """Scores of pairs of rows, (steps, N, 56)."""
        W = self._function(F, weight, g)
        h = c = F.np.zeros_like(F.np.dot(x[0], W[: self.hidden, : ROWS * WIDTH].T))  # (N, hidden)
        for t in range(self.steps):
            if self.cell == "lstm":
                a = self._before(F, 0, F.np.concatenate([x[t], h], axis=1), W, bias)
                i, f, g, o = F.np.split(a, 4, axis=1)
                c = F.npx.sigmoid(f + 1) * c + F.npx.sigmoid(i) * F.np.tanh(g)
                h = F.npx.sigmoid(o) * F.np.tanh(c)
            else:
                a = self._before(F, 0, F.np.concatenate([x[t], h], axis=1), W, bias)
                r, z = F.np.split(F.npx.sigmoid(a), 2, axis=1)
                n = F.np.tanh(self._before(F, 1, F.np.concatenate([x[t], r * h], axis=1), W, bias))
                h = (1 - z) * n + z * h
        return self.output(h)

    def _before(self, F: ModuleType, part: int, inputs: Any, W: Any, bias: Any) -> Any:
        """What the gates are made of: W times the inputs, normalized or with a bias."""
        cut = 2 * self.hidden
        rows = slice(None) if self.cell == "lstm" else (slice(cut), slice(cut, None))[part]
        a = F.np.dot(inputs, W[rows].T)
        return a + bias[rows] if self.norm is None else self.norms[part](a)

    def _function(self, F: ModuleType, weight: Any, g: Any) -> Any:
        """W, of the shape of ``weight``."""
        if self.weights == "normalized":
            return weight * g / F.np.sqrt(F.np.sum(F.np.square(weight), axis=1, keepdims=True))
        if self.weights == "standardized":
            centred = weight - F.np.mean(weight, axis=1, keepdims=True)
            var = F.np.mean(F.np.square(centred), axis=1, keepdims=True)
            return centred / F.np.sqrt(var + EPS)
        return weight
