r"""Batch normalization as a symbol: a network with this layer can be compiled as a whole.

:class:`~d2l_bn.BatchNorm` is a plain Block, which runs layer by layer; a hook sees what goes in and
out. The layer here can stand in an ``nn.HybridSequential``, and a network of it can be hybridized,
exported, and loaded without its Python code.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from d2l_bn.norms import kernels
from d2l_bn.norms.batch import BatchNorm
from d2l_bn.norms.compiled import CompiledBlock
from d2l_bn.norms.kernels.load import in_graphs

__all__ = ["CompiledBatchNorm"]


class CompiledBatchNorm(CompiledBlock, BatchNorm):
    r"""A :class:`~d2l_bn.BatchNorm` that can be hybridized, with its parameters and averages.

    Of its own it is the layer itself. In a compiled network it is the operator of
    :mod:`d2l_bn.norms.kernels`, ε and momentum are those of the first call, and so it needs a
    machine on which the operators are built, and no GPU. A process that loads an exported network
    imports ``d2l_bn.norms.kernels`` before.

    Raises:
        RuntimeError: when it is compiled and there are no operators.

    >>> from mxnet import np
    >>> from mxnet.gluon import nn
    >>> net = nn.HybridSequential()
    >>> net.add(nn.Dense(3), CompiledBatchNorm(3, num_dims=2))
    >>> net.initialize()
    >>> net(np.ones((2, 5))).shape
    (2, 3)
    """

    def hybrid_forward(
        self, F: ModuleType, X: Any, gamma: Any, beta: Any, moving_mean: Any, moving_var: Any
    ) -> Any:
        """The operator, on symbols."""
        if not in_graphs():
            raise RuntimeError(
                f"{self!r} cannot be compiled: {kernels.status()}; expected own operators and no "
                "GPU: do not hybridize the network, or take d2l_bn.BatchNorm in an nn.Sequential"
            )
        parameters = gamma, beta, moving_mean, moving_var
        return kernels.batch_norm(X, *parameters, self.eps, self.momentum, accumulate=True)
