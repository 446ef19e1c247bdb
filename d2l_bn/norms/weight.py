r"""Weight normalization: the function and the Block.

Source: Salimans & Kingma 2016, *Weight Normalization: A Simple Reparameterization to Accelerate
Training of Deep Neural Networks*, arXiv:1602.07868, section 2.
"""

from __future__ import annotations

import math
from typing import Any

from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from d2l_bn.norms.checks import check_array, check_like, check_rank, check_statistic
from d2l_bn.norms.moments import expand, mean_over
from d2l_bn.norms.weight_function import LAYOUTS, WeightFunction

__all__ = ["WeightNorm", "length", "weight_norm"]


def weight_norm(v: np.ndarray, g: np.ndarray) -> np.ndarray:
    r"""Weights of length \|g\| in the direction of ``v``, for each output on its own.

    .. math:: w = g \, \frac{v}{\lVert v \rVert}

    Nothing here depends on a batch. The index set is one of *weights*: (I,) of a fully connected
    layer, (I, kH, kW) of a convolution, for each of the O outputs. The gradient with respect to
    :math:`v` is orthogonal to :math:`v` (the paper's equation 3):

    .. math:: \bar g = \frac{\bar w \cdot v}{\lVert v \rVert}, \qquad
        \bar v = \frac{g}{\lVert v \rVert} \left(\bar w - \bar g \frac{v}{\lVert v \rVert}\right)

    Arguments:
        v: (O, I) or (O, I, kH, kW), float32 or float64. No output may have only zeros: they have no
            direction, and its weights become NaN.
        g: (O, 1) or (O, 1, 1, 1), of the dtype of ``v``.

    Returns:
        An array of the shape and dtype of ``v``.

    Raises:
        TypeError: not an ``mx.np`` array, or ``g`` of another dtype than ``v``.
        ValueError: a shape that does not fit.

    >>> from mxnet import np
    >>> weight_norm(np.array([[3.0, 4.0], [0.0, 2.0]]), g=np.array([[10.0], [1.0]]))
    array([[6., 8.],
           [0., 1.]])
    """
    check_array("v", v)
    check_rank("v", v, LAYOUTS)
    check_array("g", g)
    check_statistic("g", g, v.shape[:1] + (1,) * (v.ndim - 1))
    check_like("g", g, v)
    return v * expand(g / length(v), v.shape)


def length(v: np.ndarray) -> np.ndarray:
    r"""‖v‖ of each output: the root of the sum of squares over all axes but the first.

    >>> length(np.array([[3.0, 4.0], [0.0, 2.0]]))
    array([[5.],
           [2.]])
    """
    mean_square = mean_over(np.square(v), tuple(range(1, v.ndim)))
    return np.sqrt(mean_square * math.prod(v.shape[1:]))


class WeightNorm(WeightFunction):
    r"""A dense layer or a convolution whose weights are :func:`weight_norm` of v and g.

    ``layer.weight`` becomes v, and ``g`` is one more parameter, which starts at ‖v‖ whatever v
    starts from: at first the wrapped layer computes what it computed before. Trained are v and g
    (and the bias, if there is one).

    Arguments:
        layer: an ``nn.Dense`` or an ``nn.Conv2D``, initialized or not, with or without known inputs
            (``in_units``, ``in_channels``). From now on, call the wrapper in its place.

    Raises:
        TypeError: ``layer`` is another kind of block.
        ValueError: an output of v starts with zeros only.

    >>> from mxnet import np
    >>> dense = nn.Dense(3, in_units=2)
    >>> dense.initialize()
    >>> X = np.array([[1.0, 2.0]])
    >>> before = dense(X)
    >>> wrapped = WeightNorm(dense)
    >>> np.abs(wrapped(X) - before).max().item() < 1e-6
    True
    """

    def __init__(self, layer: nn.Dense | nn.Conv2D, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        outputs, *rest = layer.weight.shape
        known = -1 not in layer.weight.shape
        self.params.update(layer.params)  # before g, which is to be initialized after v
        self.g = self.params.get(
            "g",
            shape=(outputs if known else 0,) + (1,) * len(rest),
            init=LengthOf(layer.weight),
            allow_deferred_init=True,
        )
        if layer.weight._data is not None:
            self.g.initialize(ctx=layer.weight.list_ctx())

    def function(self, weight: np.ndarray) -> np.ndarray:
        return weight_norm(weight, self.g.data(weight.ctx))

    def finish_shapes(self, X: np.ndarray) -> None:
        self.g.shape = self.layer.weight.shape[:1] + self.g.shape[1:]
        super().finish_shapes(X)


class LengthOf(init.Initializer):
    r"""Initialize g at ‖v‖, once v has its values."""

    def __init__(self, v: gluon.Parameter) -> None:
        super().__init__()
        self.v = v

    def _init_weight(self, _: str, array: np.ndarray) -> None:
        with autograd.pause():
            start = length(self.v.data(self.v.list_ctx()[0]))
        if not (start > 0).all().item():
            raise ValueError(
                f"{self.v.name} starts with an output of zeros only, which has no direction; "
                "expected random weights: initialize with init.Xavier() or init.Normal()"
            )
        array[:] = start.as_in_ctx(array.ctx)
