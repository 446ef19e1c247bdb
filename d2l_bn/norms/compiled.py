r"""What the normalizers have in common that can stand in a compiled network."""

from __future__ import annotations

from typing import Any

import mxnet as mx
import numpy
from mxnet import np
from mxnet.gluon import nn

from d2l_bn.norms.block import AffineBlock

__all__ = ["CompiledBlock"]


class CompiledBlock(AffineBlock, nn.HybridBlock):
    r"""Beside a plain layer, as its first base class: that layer for arrays, another for symbols.

    >>> from d2l_bn.norms.compiled_group import CompiledGroupNorm
    >>> [kind.__name__ for kind in CompiledGroupNorm.__mro__[1:4]]
    ['CompiledBlock', 'GroupNorm', 'AffineBlock']
    """

    half = False

    def cast(self, dtype: Any) -> None:
        """Cast the layer; a symbol does not tell its type, so the layer remembers float16."""
        self.half = numpy.dtype(dtype) == "float16"
        super().cast(dtype)

    def forward(self, X: Any) -> Any:
        """Normalize an array; or, while a network is compiled, note what is to be done."""
        if isinstance(X, np.ndarray):
            return super().forward(X)
        cast = mx.symbol.npx.cast
        Y = nn.HybridBlock.forward(self, cast(X, "float32") if self.half else X)
        return cast(Y, "float16") if self.half else Y
