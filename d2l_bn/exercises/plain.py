r"""Data that may pass between the student's process and the judge's: text, never a program.

Numbers, words, tuples, lists, dictionaries and arrays become JSON and come back equal. Whatever
else there is arrives as its ``repr``: nothing that is read here can run.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy
from mxnet import np

__all__ = ["Other", "decode", "encode"]

_DTYPES = {"float16", "float32", "float64", "int8", "int32", "int64", "uint8", "bool"}


class Other(str):
    """What a value that is no data looks like."""

    def __repr__(self) -> str:
        return str(self)


def encode(value: Any) -> str:
    r"""The text of ``value``; ``mx.np`` arrays become NumPy's.

    >>> decode(encode({"shape": (2, 3), "mean": numpy.float32(0.5), 1: [None, True]}))
    {'shape': (2, 3), 'mean': 0.5, 1: [None, True]}
    >>> decode(encode(numpy.eye(2, dtype="float32")))
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    >>> decode(encode(print))
    <built-in function print>
    """
    return json.dumps(_packed(value))


def decode(text: str) -> Any:
    r"""The value of a text that :func:`encode` made.

    Raises:
        ValueError: it made no such text.
    """
    try:
        return _unpacked(json.loads(text))
    except (KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"no data: {error}") from None


def _packed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.asnumpy()
    if isinstance(value, numpy.generic):
        value = value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, numpy.ndarray) and str(value.dtype) in _DTYPES:
        content = base64.b64encode(numpy.ascontiguousarray(value).tobytes()).decode()
        return {"array": [str(value.dtype), list(value.shape), content]}
    if type(value) in (list, set, frozenset):
        return [_packed(entry) for entry in value]
    if isinstance(value, tuple):
        return {"tuple": [_packed(entry) for entry in value]}
    if isinstance(value, dict):
        return {"pairs": [[_packed(k), _packed(v)] for k, v in value.items()]}
    return {"other": repr(value)[:200]}


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        dtype, shape, text = content
        if dtype not in _DTYPES:
            raise ValueError(f"no data: an array of {dtype}")
        return numpy.frombuffer(base64.b64decode(text), dtype=dtype).reshape(shape).copy()
    if kind == "tuple":
        return tuple(_unpacked(entry) for entry in content)
    if kind == "pairs":
        return {_unpacked(k): _unpacked(v) for k, v in content}
    if kind == "other":
        return Other(content)
    raise ValueError(f"no data: {kind}")
