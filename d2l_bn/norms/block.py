r"""What every normalizer's Block has: a scale γ and a shift β a channel, and no arithmetic."""

from __future__ import annotations

from typing import Any

import numpy
from mxnet import init, np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_count, check_eps, check_whole
from d2l_bn._support.array_file import decode
from d2l_bn._support.files import read_whole
from d2l_bn.norms.checks import LAYOUTS, check_array, check_rank

__all__ = ["AffineBlock", "NormBlock"]


class NormBlock(nn.Block):
    r"""Base class of all: a layer that can be loaded alone, and keeps float32 values."""

    def load_parameters(self, filename: str, ctx: Any = None, **options: Any) -> None:
        """Load what ``save_parameters`` wrote for this layer alone, with the options of Gluon's.

        Gluon's reads such a file, with no dot in its names, into legacy arrays; and MXNet's reader
        crashes on a damaged one, where here is a ``ValueError``.
        """
        arrays, _ = decode(read_whole(filename, largest=2**30))
        values = {name: np.array(array, dtype=array.dtype) for name, array in arrays.items()}
        options.update(restore_prefix=self.params.prefix, filename=filename)
        self.collect_params().load_dict(values, ctx, **options)

    def cast(self, dtype: Any) -> None:
        """Cast the layer; for float16 it keeps float32 values, as Gluon's layer does."""
        super().cast("float32" if numpy.dtype(dtype) == "float16" else dtype)


class AffineBlock(NormBlock):
    r"""Base class: γ and β, trained, (1, C) or (1, C, 1, 1); they start at 1 and 0.

    Arguments:
        num_features: C, the outputs of the dense layer or the channels of the convolution.
        num_dims: 2 after a fully connected layer, 4 after a convolution.
        eps: ε > 0, inside the root.

    Raises:
        TypeError, ValueError: for an argument out of range; in ``forward``, for an input whose
            number of axes or channels is not the layer's.

    >>> AffineBlock(3, num_dims=4).gamma.shape
    (1, 3, 1, 1)
    """

    def __init__(self, num_features: int, num_dims: int, eps: float = 1e-5, **kwargs: Any) -> None:
        check_count("num_features", num_features, "the channels of the input")
        dims = "2 after a fully connected layer or 4 after a convolution"
        check_whole("num_dims", num_dims, dims)
        if num_dims not in LAYOUTS:
            raise ValueError(f"num_dims is {num_dims}; expected {dims}")
        check_eps(eps)
        super().__init__(**kwargs)
        self.num_features, self.num_dims = int(num_features), int(num_dims)
        self.eps = eps
        self.shape = (1, self.num_features) + (1,) * (self.num_dims - 2)
        with self.name_scope():
            self.gamma = self.params.get("gamma", shape=self.shape, init=init.One())
            self.beta = self.params.get("beta", shape=self.shape, init=init.Zero())

    def affine(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """γ and β on the device of ``X``, once ``X`` has been seen to fit."""
        check_array("X", X)
        check_rank("X", X, {self.num_dims: LAYOUTS[self.num_dims]})
        if X.shape[1] != self.num_features:
            raise ValueError(
                f"X has shape {X.shape}, {X.shape[1]} channels on axis 1; expected "
                f"{self.num_features} as in {self!r}: is the layer in the right place?"
            )
        return self.gamma.data(X.ctx), self.beta.data(X.ctx)

    def adds_up(self) -> bool:
        """True if a gradient of γ or β is added to the one before (``grad_req='add'``)."""
        return "add" in (self.gamma.grad_req, self.beta.grad_req)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.num_features}, {self.options()})"

    def options(self) -> str:
        """What ``repr`` shows behind the number of features."""
        return f"num_dims={self.num_dims}, eps={self.eps}"
