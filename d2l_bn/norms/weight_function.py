r"""A dense layer or a convolution that computes with a function of its weights."""

from __future__ import annotations

from typing import Any

import mxnet as mx
from mxnet import np
from mxnet.gluon import nn

from d2l_bn.norms.checks import check_array

__all__ = ["LAYOUTS", "WeightFunction"]

LAYOUTS = {2: "(O, I) of a fully connected layer", 4: "(O, I, kH, kW) of a convolution"}


class WeightFunction(nn.Block):
    r"""Base class: the wrapped layer, but with ``self.function(weight)`` instead of its weights.

    The parameters are those of the layer; what the function computes is made anew in each forward
    pass, and the gradient runs through it.

    Arguments:
        layer: an ``nn.Dense`` or an ``nn.Conv2D``, initialized or not, with or without known inputs
            (``in_units``, ``in_channels``). From now on, call the wrapper in its place.

    Raises:
        TypeError: ``layer`` is another kind of block.

    >>> from mxnet import np
    >>> doubled = WeightFunction(nn.Dense(2, use_bias=False))
    >>> doubled.function = lambda weight: 2 * weight
    >>> doubled.initialize()
    >>> X = np.ones((1, 3))
    >>> bool((doubled(X) == 2 * doubled.layer(X)).all())
    True
    """

    def __init__(self, layer: nn.Dense | nn.Conv2D, **kwargs: Any) -> None:
        if not isinstance(layer, (nn.Dense, nn.Conv2D)):
            raise TypeError(
                f"layer is a {type(layer).__name__}; expected an nn.Dense or nn.Conv2D, in whose "
                "weights axis 0 is the output"
            )
        super().__init__(**{"prefix": layer.prefix, **kwargs})
        self.layer = layer

    def forward(self, X: np.ndarray) -> np.ndarray:
        """What the layer computes, with other weights."""
        check_array("X", X)
        if self.layer.weight._deferred_init:
            self.finish_shapes(X)
        bias = None if self.layer.bias is None else self.layer.bias.data(X.ctx)
        weight = self.function(self.layer.weight.data(X.ctx))
        return self.layer.hybrid_forward(mx.ndarray, X, weight, bias)

    def function(self, weight: np.ndarray) -> np.ndarray:
        """The weights that the layer computes with, of the shape of ``weight``."""
        raise NotImplementedError(f"{type(self).__name__} has no function of its weights")

    def finish_shapes(self, X: np.ndarray) -> None:
        """Give values to parameters whose shape the first input decides."""
        self.layer.infer_shape(X)
        for parameter in self.collect_params().values():
            parameter._finish_deferred_init()
