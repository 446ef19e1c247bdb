r"""Group normalization as symbols, so that a whole network can be hybridized."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from mxnet import init
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_count, check_eps
from d2l_bn.norms.group import check_groups

__all__ = ["CompiledGroupNorm"]


class CompiledGroupNorm(nn.HybridBlock):
    r"""A :class:`~d2l_bn.norms.group.GroupNorm` that can be hybridized.

    With G = 1 it is layer normalization, with G = C behind a convolution instance normalization.

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

    def __init__(
        self, num_features: int, num_dims: int, num_groups: int, eps: float = 1e-5, **kwargs: Any
    ) -> None:
        check_count("num_features", num_features, "the channels of the input")
        check_groups(num_groups, num_features)
        check_eps(eps)
        super().__init__(**kwargs)
        self.num_dims, self.num_groups, self.eps = num_dims, int(num_groups), eps
        shape = (1, num_features) + (1,) * (num_dims - 2)
        with self.name_scope():
            self.gamma = self.params.get("gamma", shape=shape, init=init.One())
            self.beta = self.params.get("beta", shape=shape, init=init.Zero())

    def hybrid_forward(self, F: ModuleType, X: Any, gamma: Any, beta: Any) -> Any:
        """Normalize each group of each example, which becomes a row."""
        rows = F.npx.reshape(X, (-2, -6, self.num_groups, -1, -4))  # (N, G, C/G, ...)
        for _ in range(self.num_dims - 2):
            rows = F.npx.reshape(rows, (-2, -2, -5, -4))  # -5 merges two axes: (N, G, m)
        centred = rows - F.np.mean(rows, axis=-1, keepdims=True)
        var = F.np.mean(F.np.square(centred), axis=-1, keepdims=True)
        return F.npx.reshape_like(centred / F.np.sqrt(var + self.eps), X) * gamma + beta
