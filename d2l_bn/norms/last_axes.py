r"""What the normalizers over the last axes have in common: the shapes that they accept."""

from __future__ import annotations

import math
from typing import Any

from mxnet import np

from d2l_bn._support.arguments import check_count, check_eps, check_whole
from d2l_bn.norms.checks import check_array, check_index_set, check_like

__all__ = ["check_affine", "check_features", "in_rows"]


def in_rows(X: Any, axis: Any, shape: tuple[int, ...] | None = None) -> np.ndarray:
    r"""``X`` as a matrix whose rows are normalized: what stands from ``axis`` on is one row.

    With a ``shape``, ``X`` must end with it.

    >>> from mxnet import np
    >>> in_rows(np.ones((2, 3, 4, 5)), axis=-2).shape
    (6, 20)
    >>> in_rows(np.ones((2, 3)), axis=2)
    Traceback (most recent call last):
    ValueError: axis is 2 and X has shape (2, 3); expected an axis from -2 to 1
    """
    check_array("X", X)
    if shape is not None and X.shape[-len(shape) :] != shape:
        raise ValueError(
            f"X has shape {X.shape}; expected one that ends with {shape}: is the layer in the "
            "right place?"
        )
    check_whole("axis", axis, "the first axis that is normalized over")
    if not -X.ndim <= axis < X.ndim:
        raise ValueError(
            f"axis is {axis} and X has shape {X.shape}; expected an axis from {-X.ndim} to "
            f"{X.ndim - 1}"
        )
    if X.size == 0:
        raise ValueError(
            f"X has shape {X.shape} and holds no values; expected some: skip empty batches"
        )
    together = math.prod(X.shape[axis:])
    check_index_set(X, together, "the axes that are normalized over")
    return X.reshape(-1, together)


def check_affine(X: np.ndarray, axis: int, eps: Any, **parameters: Any) -> None:
    r"""Refuse γ or β that are not of the shape ``X.shape[axis:]``.

    >>> from mxnet import np
    >>> check_affine(np.ones((2, 3)), -1, 1e-5, gamma=np.ones((1, 3)))
    Traceback (most recent call last):
    ValueError: gamma has shape (1, 3); expected (3,), one value for each that is normalized over
    """
    for name, array in parameters.items():
        check_array(name, array)
        if array.shape != X.shape[axis:]:
            raise ValueError(
                f"{name} has shape {array.shape}; expected {X.shape[axis:]}, one value for each "
                "that is normalized over"
            )
        check_like(name, array, X)
    check_eps(eps)


def check_features(shape: Any) -> tuple[int, ...]:
    r"""The lengths of the last axes, from a number or a tuple of them.

    >>> check_features(32), check_features((4, 5))
    ((32,), (4, 5))
    """
    lengths = shape if isinstance(shape, tuple) and shape else (shape,)
    for length in lengths:
        check_count("shape", length, "the lengths of the last axes")
    return tuple(int(length) for length in lengths)
