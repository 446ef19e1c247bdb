r"""What Gluon's layers have in common that take one of the package's operators where they can."""

from __future__ import annotations

from typing import Any

import mxnet as mx
import numpy
from mxnet import gluon

from d2l_bn.norms import kernels
from d2l_bn.norms.kernels.load import in_graphs

__all__ = ["OwnOperator"]


class OwnOperator(gluon.HybridBlock):
    r"""The part of such a layer that asks; its arrays are (N, C, H, W)."""

    half = False

    def cast(self, dtype: Any) -> None:
        """Cast the layer; a symbol does not tell its type, so the layer remembers float16."""
        self.half = numpy.dtype(dtype) == "float16"
        super().cast(dtype)

    def takes(self, x: Any, least: int) -> bool:
        """Can an operator have ``x``: images of at least ``least`` pixels a side, or a symbol?"""
        if isinstance(x, mx.symbol.Symbol):
            return in_graphs() and not self.half
        return x.ndim == 4 and x.size > 0 and min(x.shape[2:]) >= least and kernels.fits(x)
