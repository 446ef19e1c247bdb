r"""Weight standardization as symbols, so that a whole network can be hybridized.

A graph cannot tell the number of inputs behind a function of the weights: say it by ``in_channels``
or ``in_units``.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from mxnet.gluon import nn

__all__ = ["CompiledStandardizedConv2D", "CompiledStandardizedDense"]

EPS = 1e-5


def _standardized(F: ModuleType, weight: Any, axes: tuple[int, ...]) -> Any:
    """What :func:`~d2l_bn.norms.standardized_weight.standardize_weight` computes."""
    centred = weight - F.np.mean(weight, axis=axes, keepdims=True)
    var = F.np.mean(F.np.square(centred), axis=axes, keepdims=True)
    return centred / F.np.sqrt(var + EPS)


class CompiledStandardizedConv2D(nn.Conv2D):
    r"""A :class:`~d2l_bn.norms.standardized_weight.StandardizedConv2D` that can be hybridized.

    >>> from mxnet import np
    >>> layer = CompiledStandardizedConv2D(6, kernel_size=5, in_channels=1)
    >>> layer.initialize()
    >>> layer.hybridize()
    >>> np.abs(layer(np.ones((1, 1, 5, 5)))).max().item() < 1e-4  # an output's weights add up to 0
    True
    """

    def hybrid_forward(self, F: ModuleType, x: Any, weight: Any, bias: Any = None) -> Any:
        """The convolution, with standardized weights."""
        return super().hybrid_forward(F, x, _standardized(F, weight, (1, 2, 3)), bias)


class CompiledStandardizedDense(nn.Dense):
    r"""A :class:`~d2l_bn.norms.standardized_weight.StandardizedDense` that can be hybridized.

    >>> from mxnet import np
    >>> layer = CompiledStandardizedDense(3, in_units=4)
    >>> layer.initialize()
    >>> layer.hybridize()
    >>> np.abs(layer(np.ones((2, 4)))).max().item() < 1e-4
    True
    """

    def hybrid_forward(self, F: ModuleType, x: Any, weight: Any, bias: Any = None) -> Any:
        """The dense layer, with standardized weights."""
        return super().hybrid_forward(F, x, _standardized(F, weight, (1,)), bias)
