r"""Activation functions φ, their slopes φ′, and the Gluon layers that compute them.

A formula here explains; in a network use the layer, ``ACTIVATIONS["elu"].layer()``. Formula and
slope take ``mx.np`` arrays of any shape, element by element. Only maxout is no function of one
value: see :class:`Maxout`.

Source: Nair & Hinton 2010 (ReLU); Maas, Hannun & Ng 2013 (leaky ReLU); Clevert, Unterthiner &
Hochreiter 2016, arXiv:1511.07289 (ELU); Goodfellow et al. 2013, arXiv:1302.4389 (maxout).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from mxnet import np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_count

__all__ = ["ACTIVATIONS", "LEAK", "Activation", "Maxout", "maxout"]

LEAK = 0.1  # the slope of leaky ReLU below 0; ELU's plateau is at -1


@dataclass(frozen=True)
class Activation:
    r"""One activation: ``formula`` and ``slope_formula`` in TeX, as functions, and the layer.

    >>> relu = ACTIVATIONS["relu"]
    >>> relu(np.array([-2.0, 3.0])), relu.slope(np.array([-2.0, 3.0]))
    (array([0., 3.]), array([0., 1.]))
    """

    formula: str
    slope_formula: str
    function: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    layer: Callable[..., nn.HybridBlock]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return self.function(x)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return (np.tanh(x / 2) + 1) / 2  # the same, and no overflow of exp(-x)


def _elu_below(x: np.ndarray) -> np.ndarray:
    return np.expm1(np.minimum(x, 0))  # where the other branch counts, not to overflow


#: By name. At 0 the slope of ReLU and leaky ReLU is the left one, as in MXNet.
ACTIVATIONS = {
    "sigmoid": Activation(
        r"\frac{1}{1 + e^{-x}}",
        r"\varphi(x) \, (1 - \varphi(x))",
        _sigmoid,
        lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
        partial(nn.Activation, "sigmoid"),
    ),
    "tanh": Activation(
        r"\tanh x",
        r"1 - \varphi(x)^2",
        np.tanh,
        lambda x: 1 - np.tanh(x) ** 2,
        partial(nn.Activation, "tanh"),
    ),
    "relu": Activation(
        r"\max(0, x)",
        r"[x > 0]",
        lambda x: np.maximum(x, 0),
        lambda x: (x > 0).astype(x.dtype),
        partial(nn.Activation, "relu"),
    ),
    "leaky": Activation(
        r"\max(a x, x), \; a = 0.1",
        r"1 \text{ if } x > 0 \text{ else } a",
        lambda x: np.maximum(LEAK * x, x),
        lambda x: np.where(x > 0, np.ones_like(x), LEAK * np.ones_like(x)),
        partial(nn.LeakyReLU, LEAK),
    ),
    "elu": Activation(
        r"x \text{ if } x > 0 \text{ else } e^x - 1",
        r"1 \text{ if } x > 0 \text{ else } e^x",
        lambda x: np.where(x > 0, x, _elu_below(x)),
        lambda x: np.where(x > 0, np.ones_like(x), _elu_below(x) + 1),
        partial(nn.ELU, 1.0),
    ),
    "softrelu": Activation(
        r"\ln(1 + e^x)",
        r"\frac{1}{1 + e^{-x}}",
        lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
        _sigmoid,
        partial(nn.Activation, "softrelu"),
    ),
    "softsign": Activation(
        r"\frac{x}{1 + |x|}",
        r"\frac{1}{(1 + |x|)^2}",
        lambda x: x / (1 + np.abs(x)),
        lambda x: 1 / np.square(1 + np.abs(x)),
        partial(nn.Activation, "softsign"),
    ),
}


def maxout(X: np.ndarray, pieces: int) -> np.ndarray:
    r"""The greatest of each ``pieces`` values: (N, K·C) to (N, C).

    .. math:: y_{nc} = \max_{k} \, x_{n, cK + k}

    The gradient goes to the greatest value alone; the others get 0. With linear pieces
    :math:`x = w_k^\top u + b_k` this is a convex function of u that the network learns: ReLU is the
    case of two pieces of which one is 0.

    Arguments:
        X: (N, K·C), the K pieces of a unit side by side.
        pieces: K.

    Raises:
        ValueError: the columns are no multiple of K.

    >>> maxout(np.array([[1.0, 5.0, 3.0, 2.0]]), pieces=2)
    array([[5., 3.]])
    """
    check_count("pieces", pieces, "the values of which the greatest is taken")
    if X.ndim != 2 or X.shape[1] % pieces:
        raise ValueError(
            f"X has shape {X.shape}; expected (N, {pieces}·C), {pieces} values for each unit"
        )
    return X.reshape(len(X), -1, pieces).max(axis=2)


class Maxout(nn.Block):
    r"""A dense layer with ``pieces`` linear functions a unit, and the greatest of them as output.

    Gluon has none. It holds ``pieces`` times the weights of a dense layer of so many units, and
    takes the place of a dense layer together with its activation.

    Arguments:
        units: C, the outputs.
        pieces: K, linear functions for each output.
        options: for ``nn.Dense``.

    >>> layer = Maxout(3, pieces=2, in_units=4)
    >>> layer.initialize()
    >>> layer(np.ones((5, 4))).shape, layer.linear.weight.shape
    ((5, 3), (6, 4))
    """

    def __init__(self, units: int, pieces: int = 2, **options: Any) -> None:
        check_count("units", units, "the outputs of the layer")
        check_count("pieces", pieces, "the linear functions of each unit")
        super().__init__()
        self.pieces = int(pieces)
        self.linear = nn.Dense(units * self.pieces, **options)

    def forward(self, X: np.ndarray) -> np.ndarray:
        """(N, …) to (N, units)."""
        return maxout(self.linear(X), self.pieces)
