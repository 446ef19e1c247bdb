r"""Group normalization as symbols, so that a whole network can be hybridized."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from d2l_bn.norms import kernels
from d2l_bn.norms.compiled import CompiledBlock
from d2l_bn.norms.group import GroupNorm
from d2l_bn.norms.kernels.load import in_graphs

__all__ = ["CompiledGroupNorm"]


class CompiledGroupNorm(CompiledBlock, GroupNorm):
    r"""A :class:`~d2l_bn.norms.group.GroupNorm` that can be hybridized.

    With G = 1 it is layer normalization, with G = C behind a convolution instance normalization.

    Of its own it is the layer itself. In a compiled network it is the operator of
    :mod:`d2l_bn.norms.kernels` where that is built, and no GPU there; elsewhere it is made of
    MXNet's own operators.

    Arguments:
        num_features: C, the outputs of the dense layer or the channels of the convolution.
        num_dims: 2 after a fully connected layer, 4 after a convolution.
        num_groups: G, which divides C.
        eps: ε > 0, inside the root.

    Raises:
        TypeError, ValueError: for an argument out of range.

    >>> from mxnet import np
    >>> layer = CompiledGroupNorm(4, num_dims=2, num_groups=2)
    >>> layer.initialize()
    >>> layer.hybridize()
    >>> layer(np.array([[1.0, 3.0, 10.0, 30.0]])).round(3)
    array([[-1.,  1., -1.,  1.]])
    """

    def hybrid_forward(self, F: ModuleType, X: Any, gamma: Any, beta: Any) -> Any:
        """The operator, on symbols; or its formula, in which each group becomes a row."""
        if in_graphs():
            return kernels.group_norm(X, gamma, beta, self.num_groups, self.eps, accumulate=True)
        rows = F.npx.reshape(X, (-2, -6, self.num_groups, -1, -4))  # (N, G, C/G, ...)
        for _ in range(self.num_dims - 2):
            rows = F.npx.reshape(rows, (-2, -2, -5, -4))  # -5 merges two axes: (N, G, m)
        centred = rows - F.np.mean(rows, axis=-1, keepdims=True)
        var = F.np.mean(F.np.square(centred), axis=-1, keepdims=True)
        return F.npx.reshape_like(centred / F.np.sqrt(var + self.eps), X) * gamma + beta
