r"""Gluon's convolution, faster on images of one channel.

On a CPU, MXNet hands convolutions to oneDNN, which works on 8 or 16 channels at once. Of a grey
image there is one: LeNet's first layer takes a third of its time. The package's own operator
(:mod:`d2l_bn.norms.kernels`) runs along the rows of the image instead.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from mxnet.gluon import nn

from d2l_bn.networks.own_operator import OwnOperator
from d2l_bn.norms import kernels

__all__ = ["FirstConv2D"]

PLAIN = {"stride": (1, 1), "pad": (0, 0), "dilate": (1, 1), "num_group": 1, "layout": "NCHW"}


class FirstConv2D(OwnOperator, nn.Conv2D):
    r"""``nn.Conv2D``, with its arguments, for the first layer of a network.

    Where the operators are built, it takes them for kernels of 3×3 and 5×5 with a bias, without
    stride or padding. With more than some four input channels it would be slower than Gluon's.

    >>> from mxnet import np
    >>> layer = FirstConv2D(6, kernel_size=5)
    >>> layer.initialize()
    >>> layer(np.ones((2, 1, 28, 28))).shape
    (2, 6, 24, 24)
    """

    def hybrid_forward(self, F: ModuleType, x: Any, weight: Any, bias: Any = None) -> Any:
        if self._is_plain() and self.takes(x, least=self._kwargs["kernel"][0]):
            return kernels.convolution(x, weight, bias, self._channels, self._kwargs["kernel"][0])
        return super().hybrid_forward(F, x, weight, bias)

    def _is_plain(self) -> bool:
        """What the operator can do: no more than this, and no gradients that add up."""
        return (
            self._kwargs["kernel"] in ((3, 3), (5, 5))
            and all(self._kwargs[name] == value for name, value in PLAIN.items())
            and self.bias is not None
            and self.act is None
            and "add" not in (self.weight.grad_req, self.bias.grad_req)
        )
