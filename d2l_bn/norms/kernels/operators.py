r"""The operators as functions. Nothing is checked here: that is the caller's part, as elsewhere.

Each takes arrays or, while a network is compiled, symbols.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import mxnet as mx
from mxnet import autograd, np, npx
from mxnet.base import _LIB, SymbolHandle, check_call
from mxnet.context import Context

from d2l_bn.norms.kernels.load import Operators, operators

__all__ = ["average_pool", "batch_norm", "convolution", "fits", "group_norm", "max_pool"]


def fits(X: np.ndarray) -> bool:
    r"""True if the operators are there and can take ``X``: float32 or float64, not on a GPU.

    >>> fits(np.ones((2, 3), dtype="float16"))
    False
    """
    on_cpu = X.ctx.device_type != "gpu"
    return on_cpu and str(X.dtype) in ("float32", "float64") and operators() is not None


def batch_norm(
    X: Any,
    gamma: Any,
    beta: Any,
    moving_mean: Any,
    moving_var: Any,
    eps: float,
    momentum: float,
    accumulate: bool = False,
) -> Any:
    r"""Y of :func:`d2l_bn.batch_norm`; in training, ``moving_mean`` and ``moving_var`` are moved.

    They are moved in place, since a compiled graph has no other way to keep them.

    Arguments:
        accumulate: γ or β has ``grad_req='add'``. An extension of MXNet's always writes its
            gradients; behind a view, MXNet adds them up.

    >>> from d2l_bn.norms.kernels import available
    >>> X, one, zero = np.array([[1.0], [3.0]]), np.ones((1, 1)), np.zeros((1, 1))
    >>> mean, var = np.zeros((1, 1)), np.ones((1, 1))
    >>> if available():
    ...     with autograd.train_mode():
    ...         Y = batch_norm(X, one, zero, mean, var, eps=1e-12, momentum=0.5)
    ...     assert Y.tolist() == [[-1.0], [1.0]] and mean.item() == 1.0 == var.item()
    """
    X = _view_if_leaf(X)
    if accumulate:
        gamma, beta = _view(gamma), _view(beta)
    Y, *_ = _loaded().batch_norm(
        X,
        gamma,
        beta,
        moving_mean,
        moving_var,
        _mode(gamma),
        eps=float(eps),
        momentum=float(momentum),
    )
    return Y


def group_norm(
    X: Any, gamma: Any, beta: Any, num_groups: int, eps: float, accumulate: bool = False
) -> Any:
    r"""Y of :func:`d2l_bn.norms.group.group_norm`.

    With one group that is layer normalization, with C of them instance normalization.

    Arguments:
        accumulate: γ or β has ``grad_req='add'``, as in :func:`batch_norm`.

    >>> from d2l_bn.norms.kernels import available
    >>> X, one, zero = np.array([[1.0, 3.0, 10.0, 30.0]]), np.ones((1, 4)), np.zeros((1, 4))
    >>> if available():
    ...     assert group_norm(X, one, zero, num_groups=2, eps=1e-12).tolist() == [[-1, 1, -1, 1]]
    """
    X = _view_if_leaf(X)
    if accumulate:
        gamma, beta = _view(gamma), _view(beta)
    attributes = {"num_groups": int(num_groups), "eps": float(eps)}
    Y, *_ = _loaded().group_norm(X, gamma, beta, **attributes)
    return Y


def max_pool(X: Any) -> Any:
    r"""The greatest value of each window of 2×2: what ``nn.MaxPool2D(2, 2)`` gives.

    The gradient goes to that value, of equal ones to the first in reading order.
    """
    return _loaded().max_pool(_view_if_leaf(X))


def average_pool(X: Any) -> Any:
    r"""The mean of each window of 2×2: what ``nn.AvgPool2D(2, 2)`` gives."""
    return _loaded().average_pool(_view_if_leaf(X))


def _loaded() -> Operators:
    """The operators, for those who have asked :func:`fits` before."""
    found = operators()
    if found is None:
        raise RuntimeError("the own operators are not there; ask kernels.fits(X) first")
    return found


def convolution(X: Any, weight: Any, bias: Any, channels: int, kernel: int) -> Any:
    r"""What ``nn.Conv2D(channels, kernel)`` gives, ``kernel`` 3 or 5, fast for few input channels.

    Gradients of weight and bias are written, not added up. That of ``X`` is left out where MXNet
    itself would refuse to give it: for an array that has none and comes from no recorded operation.
    """
    attributes = {"channels": int(channels), "kernel": int(kernel)}
    if not _in_graph(X):
        attributes["of_data"] = 1
    return _loaded().convolution(_view_if_leaf(X), weight, bias, **attributes)


def _mode(like: Any) -> Any:
    r"""The operator's last input: 1 in prediction, anything else in training.

    An array knows the mode of now. A compiled graph serves both modes, and an extension of MXNet's
    is not told in which one it runs; but dropout is, which in prediction lets a 1 pass, and in
    training makes it 0 or 2.
    """
    if isinstance(like, mx.symbol.Symbol):
        return mx.symbol.npx.dropout(mx.symbol.np.ones_like(like), p=0.5)
    return _modes(like.shape, str(like.dtype), like.ctx)[autograd.is_training()]


@functools.lru_cache(maxsize=64)
def _modes(shape: tuple[int, ...], dtype: str, context: Context) -> tuple[np.ndarray, np.ndarray]:
    """Of prediction and of training."""
    options = {"dtype": dtype, "ctx": context}
    return np.ones(shape, **options), np.zeros(shape, **options)


def _in_graph(X: Any) -> bool:
    """Can a gradient of X be asked for? Of a symbol that is not known."""
    if isinstance(X, mx.symbol.Symbol):
        return True
    symbol = SymbolHandle()
    if _LIB.MXAutogradGetSymbol(X.handle, ctypes.byref(symbol)) != 0:
        return False
    check_call(_LIB.MXSymbolFree(symbol))
    return True


def _view_if_leaf(X: Any) -> Any:
    """The gradient of an array that the user attached one to may be asked to add up."""
    if isinstance(X, mx.symbol.Symbol) or X.grad is not None:
        return _view(X)
    return X


def _view(X: Any) -> Any:
    """All of X, with a gradient of its own."""
    if isinstance(X, mx.symbol.Symbol):
        return mx.symbol.npx.reshape(X, -4)
    return npx.reshape(X, -4)
