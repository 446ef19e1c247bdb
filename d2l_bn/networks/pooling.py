r"""Gluon's pooling layers, faster for windows of 2×2.

On a CPU, MXNet hands pooling to oneDNN, which has no fast code for a number of channels such as 6:
on some processors the pooling of LeNet costs as much as its convolutions. Where the package's own
operators are built (:mod:`d2l_bn.norms.kernels`), they take over; other windows, other devices and
float16 stay with Gluon, whose results these are.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from mxnet.gluon import nn

from d2l_bn.networks.own_operator import OwnOperator
from d2l_bn.norms import kernels

__all__ = ["AvgPool2D", "MaxPool2D"]

TWO_BY_TWO = {  # in Gluon's words: windows that do not overlap, a last odd row or column left out
    "kernel": (2, 2),
    "stride": (2, 2),
    "pad": (0, 0),
    "pooling_convention": "valid",
    "layout": "NCHW",
}


class _Pooling(OwnOperator):
    """What the two have in common; ``own`` is the package's operator."""

    own: Callable[[Any], Any]

    def hybrid_forward(self, F: ModuleType, x: Any) -> Any:
        known = {name: self._kwargs.get(name) for name in TWO_BY_TWO}
        if known == TWO_BY_TWO and self.takes(x, least=2):
            return type(self).own(x)
        return super().hybrid_forward(F, x)


class MaxPool2D(_Pooling, nn.MaxPool2D):
    r"""``nn.MaxPool2D``, with its arguments.

    >>> from mxnet import np
    >>> X = np.array([[[[1.0, 2.0, 5.0, 5.0], [3.0, 0.0, 5.0, 4.0]]]])  # (1, 1, 2, 4)
    >>> MaxPool2D(pool_size=2, strides=2)(X)
    array([[[[3., 5.]]]])
    """

    own = staticmethod(kernels.max_pool)


class AvgPool2D(_Pooling, nn.AvgPool2D):
    r"""``nn.AvgPool2D``, with its arguments.

    >>> from mxnet import np
    >>> X = np.array([[[[1.0, 2.0, 5.0, 5.0], [3.0, 2.0, 5.0, 5.0]]]])  # (1, 1, 2, 4)
    >>> AvgPool2D(pool_size=2, strides=2)(X)
    array([[[[2., 5.]]]])
    """

    own = staticmethod(kernels.average_pool)
