r"""Which arrays a normalizer accepts, and the messages for others: all before any computation."""

from __future__ import annotations

import math
from typing import Any

from mxnet import np
from mxnet.ndarray import NDArray

from d2l_bn._support.arguments import check_eps, type_name

__all__ = [
    "check_arguments",
    "check_array",
    "check_index_set",
    "check_like",
    "check_rank",
    "check_statistic",
]

FLOATS = ("float16", "float32", "float64")
LAYOUTS = {2: "(N, C) from a fully connected layer", 4: "(N, C, H, W) from a convolution"}


def check_arguments(
    X: Any, layouts: dict[int, str], eps: Any, *, name: str = "X", **statistics: Any
) -> None:
    r"""Refuse what no normalizer can take: ``X``, and ``statistics`` with one value a channel.

    >>> from mxnet import np
    >>> X, one = np.ones((2, 3)), np.ones((1, 3))
    >>> check_arguments(X, LAYOUTS, 1e-5, gamma=one, beta=np.ones((1, 4)))
    Traceback (most recent call last):
    ValueError: beta has shape (1, 4); expected (1, 3), one value a channel: is it for another
        layer?
    """
    check_array(name, X)
    check_rank(name, X, layouts)
    shape = (1, X.shape[1]) + (1,) * (X.ndim - 2)
    for statistic, array in statistics.items():
        check_array(statistic, array)
        check_statistic(statistic, array, shape)
        check_like(statistic, array, X)
    check_eps(eps)


def check_index_set(X: np.ndarray, count: int, over: str, name: str = "X") -> None:
    r"""Refuse statistics over one value: it is its own mean, and normalizes to 0 whatever it is.

    >>> from mxnet import np
    >>> check_index_set(np.ones((8, 3, 1, 1)), 1, "H and W")
    Traceback (most recent call last):
    ValueError: X has shape (8, 3, 1, 1), one value over H and W, which normalizes to 0 whatever it
        is; expected two or more: leave the normalizer out here, or take another one
    """
    if count < 2:
        raise ValueError(
            f"{name} has shape {X.shape}, one value over {over}, which normalizes to 0 whatever it "
            "is; expected two or more: leave the normalizer out here, or take another one"
        )


def check_array(name: str, array: Any) -> None:
    r"""Refuse what is not a floating-point ``mx.np`` array.

    >>> check_array("X", [1.0, 2.0])
    Traceback (most recent call last):
    TypeError: X is a list; expected an mx.np array: make one with np.array(X, dtype='float32')
    """
    if not isinstance(array, np.ndarray):
        if isinstance(array, NDArray):
            came, remedy = "a legacy mx.nd.NDArray", f"convert it with {name}.as_np_ndarray()"
        elif array is None:
            came, remedy = "None", "pass the array itself"
        else:
            came = f"a {type_name(array)}"
            remedy = f"make one with np.array({name}, dtype='float32')"
        raise TypeError(f"{name} is {came}; expected an mx.np array: {remedy}")
    if str(array.dtype) not in FLOATS:
        raise TypeError(
            f"{name} has dtype {array.dtype}; expected one of {', '.join(FLOATS)}: "
            f"convert it with {name}.astype('float32')"
        )


def check_rank(name: str, array: np.ndarray, ranks: dict[int, str]) -> None:
    r"""Refuse an empty array, or one whose rank is not a key of ``ranks`` (rank: its layout).

    >>> from mxnet import np
    >>> check_rank("X", np.ones((2, 3, 4)), {2: "(N, C)", 4: "(N, C, H, W)"})
    Traceback (most recent call last):
    ValueError: X has shape (2, 3, 4), 3 axes; expected (N, C) or (N, C, H, W): reshape it
    """
    if array.ndim not in ranks:
        expected = " or ".join(ranks.values())
        raise ValueError(
            f"{name} has shape {array.shape}, {array.ndim} axes; expected {expected}: reshape it"
        )
    if array.size == 0:
        raise ValueError(
            f"{name} has shape {array.shape} and holds no values; expected at least one example "
            "with at least one channel: skip empty batches"
        )


def check_statistic(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    r"""Refuse a parameter or statistic of another shape: nothing broadcasts silently.

    >>> from mxnet import np
    >>> check_statistic("gamma", np.ones((3,)), (1, 3))
    Traceback (most recent call last):
    ValueError: gamma has shape (3,); expected (1, 3), one value a channel: reshape it
    """
    if array.shape != shape:
        remedy = "reshape it" if array.size == math.prod(shape) else "is it for another layer?"
        raise ValueError(
            f"{name} has shape {array.shape}; expected {shape}, one value a channel: {remedy}"
        )


def check_like(name: str, array: np.ndarray, X: np.ndarray) -> None:
    r"""Refuse a parameter on another device than ``X``, or of another dtype.

    float16 input goes with float32 parameters and statistics; every other dtype with its own.

    >>> from mxnet import np
    >>> check_like("gamma", np.ones((1, 3), dtype="float64"), np.ones((2, 3), dtype="float32"))
    Traceback (most recent call last):
    TypeError: gamma has dtype float64; expected float32 for X of dtype float32: cast X, or the
        layer with .cast('float32')
    """
    expected = "float32" if str(X.dtype) == "float16" else str(X.dtype)
    if str(array.dtype) != expected:
        raise TypeError(
            f"{name} has dtype {array.dtype}; expected {expected} for X of dtype {X.dtype}: "
            f"cast X, or the layer with .cast('{X.dtype}')"
        )
    if array.ctx != X.ctx:
        raise ValueError(
            f"{name} is on {array.ctx} and X on {X.ctx}; expected one device: "
            f"move it with {name}.as_in_ctx({X.ctx})"
        )
