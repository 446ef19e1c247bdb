r"""What residual networks are made of: the sum of a shortcut and a branch.

Source: He, Zhang, Ren & Sun 2015, arXiv:1512.03385, section 3; De & Smith 2020, arXiv:2002.10444,
section 3 (the number that multiplies a branch).
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from mxnet import init
from mxnet.gluon import nn

__all__ = ["HybridResidualBlock", "ResidualBlock", "Scale", "Shortcut"]


class _Addition:
    """What the two kinds of block have in common: arrays and symbols are added alike."""

    branch: nn.Block
    shortcut: nn.Block
    act: nn.Block | None

    def _fill(self, branch: nn.Block, shortcut: nn.Block, act: nn.Block | None) -> None:
        self.branch, self.shortcut, self.act = branch, shortcut, act

    def _add(self, x: Any) -> Any:
        y = self.shortcut(x) + self.branch(x)
        return y if self.act is None else self.act(y)


class ResidualBlock(_Addition, nn.Block):
    r"""The sum of a shortcut and a branch, and an activation behind it, if any.

    .. math:: y = \varphi(\text{shortcut}(x) + \text{branch}(x))

    Arguments:
        branch, shortcut: two layers with outputs of one shape.
        act: a layer; ``None``, none.

    >>> from mxnet import np
    >>> block = ResidualBlock(branch=nn.Activation("relu"), shortcut=Shortcut())
    >>> block(np.array([[-1.0, 2.0]]))
    array([[-1.,  4.]])
    """

    def __init__(self, branch: nn.Block, shortcut: nn.Block, act: nn.Block | None = None) -> None:
        super().__init__()
        self._fill(branch, shortcut, act)

    def forward(self, x: Any) -> Any:
        """The sum."""
        return self._add(x)


class HybridResidualBlock(_Addition, nn.HybridBlock):
    """A :class:`ResidualBlock` that can be hybridized; so must its layers be."""

    def __init__(
        self, branch: nn.HybridBlock, shortcut: nn.HybridBlock, act: nn.HybridBlock | None = None
    ) -> None:
        super().__init__()
        self._fill(branch, shortcut, act)

    def hybrid_forward(self, F: ModuleType, x: Any) -> Any:
        """The sum."""
        return self._add(x)


class Shortcut(nn.HybridBlock):
    r"""The identity; with ``strides=2``, every second pixel, and as many channels of zeros again.

    >>> from mxnet import np
    >>> X = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])  # (1, 1, 2, 3)
    >>> Shortcut(strides=2)(X)
    array([[[[1., 3.]],
    <BLANKLINE>
            [[0., 0.]]]])
    """

    def __init__(self, strides: int = 1) -> None:
        super().__init__()
        self.strides = strides

    def hybrid_forward(self, F: ModuleType, x: Any) -> Any:
        """A view in effect: no weights, and no arithmetic."""
        if self.strides == 1:
            return x
        x = F.npx.pooling(x, kernel=(1, 1), stride=(self.strides,) * 2, pool_type="max")
        return F.np.concatenate([x, F.np.zeros_like(x)], axis=1)


class Scale(nn.HybridBlock):
    r"""One trained number, by which everything is multiplied.

    >>> from mxnet import np
    >>> layer = Scale(0.5)
    >>> layer.initialize()
    >>> layer(np.array([1.0, 2.0]))
    array([0.5, 1. ])
    """

    def __init__(self, value: float = 1.0) -> None:
        super().__init__()
        with self.name_scope():
            self.factor = self.params.get("factor", shape=(1,), init=init.Constant(value))

    def hybrid_forward(self, F: ModuleType, x: Any, factor: Any) -> Any:
        """The product."""
        return x * factor
