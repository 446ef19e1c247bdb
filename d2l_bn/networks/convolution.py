r"""Gluon's convolution, faster for few channels.

On a CPU, MXNet hands convolutions to oneDNN, which works on 8 or 16 channels at once. A grey image
has one, and LeNet's first layer makes six of it. The package's own operator
(:mod:`d2l_bn.norms.kernels`) works on neighbours in a row of the image instead.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from mxnet.gluon import nn

from d2l_bn.networks.own_operator import OwnOperator
from d2l_bn.norms import kernels

__all__ = ["Conv2D"]

PLAIN = {"stride": (1, 1), "pad": (0, 0), "dilate": (1, 1), "num_group": 1, "layout": "NCHW"}


class Conv2D(OwnOperator, nn.Conv2D):
    r"""``nn.Conv2D``, with its arguments, for some eight input channels at most.

    Where the operators are built, it takes them for kernels of 3×3 and 5×5 with a bias, without
    stride or padding. With more channels it would be slower than Gluon's.

    >>> from mxnet import np
    >>> layer = Conv2D(6, kernel_size=5)
    >>> layer.initialize()
    >>> layer(np.ones((2, 1, 28, 28))).shape
    (2, 6, 24, 24)
    """

    def hybridize(self, active: bool = True, **options: Any) -> None:
        """Compile the layer by itself, unless it is one operator anyway.

        Of an array, unlike a symbol, it is known whether its gradient can be asked for. That of a
        batch of images takes as long as the rest of the layer's gradients, and nobody asks for it.
        """
        one_operator = kernels.available() and self._is_plain()
        super().hybridize(active and not one_operator, **options)

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
