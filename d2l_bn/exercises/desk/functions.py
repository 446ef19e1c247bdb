r"""Errands to a function: what it returns, the gradient through it, what it refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy
from mxnet import autograd, np

from d2l_bn.exercises.messages import Wrong

__all__ = ["as_mx", "gradients", "results", "returns", "to_dictionary", "untouched"]

MODES = {True: autograd.train_mode, False: autograd.predict_mode, None: contextlib.nullcontext}


def returns(function: Callable, arguments: Sequence) -> Any:
    r"""Whatever it returns, of arguments as they are."""
    return function(*arguments)


def results(
    function: Callable, arguments: Sequence, training: bool | None, dtype: str, count: int
) -> list[np.ndarray]:
    r"""The ``mx.np`` arrays that it returns, ``count`` of them.

    Arguments:
        arguments: NumPy arrays become ``mx.np`` arrays of ``dtype``; the others go as they are.
        training: the mode of autograd; None leaves it as it is.
    """
    if not callable(function):
        raise Wrong(f"expected a function, got {function!r}")
    with MODES[training]():
        returned = function(*(as_mx(a, dtype) for a in arguments))
    return _arrays(_name(function), returned, count)


def gradients(
    function: Callable, arguments: Sequence, upstream: numpy.ndarray, training: bool, count: int
) -> list[np.ndarray]:
    r"""The gradients of all array arguments, for ``upstream`` at the first result."""
    given = [as_mx(a, "float32") for a in arguments]
    arrays = [a for a in given if isinstance(a, np.ndarray)]
    for array in arrays:
        array.attach_grad()
    with autograd.record(train_mode=training):
        returned = function(*given)
    _arrays(_name(function), returned, count)[0].backward(as_mx(upstream, "float32"))
    return [array.grad for array in arrays]


def to_dictionary(function: Callable, arguments: Sequence, dtype: str) -> dict:
    r"""The dictionary of arrays that it returns; what is no array is left out."""
    given = [
        {k: as_mx(v, dtype) for k, v in a.items()} if isinstance(a, Mapping) else as_mx(a, dtype)
        for a in arguments
    ]
    returned = function(*given)
    if not isinstance(returned, dict):
        raise Wrong(f"{_name(function)} returns a {type(returned).__name__}; expected a dictionary "
                    "from names to gradients.")  # fmt: skip
    return {k: v for k, v in returned.items() if isinstance(v, np.ndarray)}


def untouched(
    function: Callable, arguments: Sequence, training: bool | None, dtype: str
) -> list[bool]:
    r"""Of each argument: is it the same after the call?"""
    given = [as_mx(a, dtype) for a in arguments]
    before = [a.asnumpy() if isinstance(a, np.ndarray) else a for a in given]
    with MODES[training]():
        function(*given)
    after = [a.asnumpy() if isinstance(a, np.ndarray) else a for a in given]
    return [numpy.array_equal(a, b) for a, b in zip(after, before)]


def raises(function: Callable, arguments: Sequence, dtype: str) -> dict[str, Any] | None:
    r"""The types, from the narrowest, and the words of the exception that it raises; or None."""
    try:
        function(*(as_mx(a, dtype) for a in arguments))
    except NotImplementedError:
        raise
    except Exception as error:
        types = [kind.__name__ for kind in type(error).__mro__]
        return {"types": types, "words": str(error)}
    return None


def as_mx(array: Any, dtype: str = "float32") -> Any:
    """A NumPy array as an ``mx.np`` one; anything else as it is."""
    return np.array(array, dtype=dtype) if isinstance(array, numpy.ndarray) else array


def _arrays(name: str, returned: Any, count: int) -> list[np.ndarray]:
    if count > 1 and (not isinstance(returned, (tuple, list)) or len(returned) != count):
        came = f"{len(returned):d} values" if isinstance(returned, (tuple, list)) else "one value"
        raise Wrong(f"{name} returns {came}; expected a tuple of {count}")
    arrays = list(returned) if count > 1 else [returned]
    for array in arrays:
        if array is None:
            raise Wrong(f"{name} returns None: is a `return` missing?")
        if not isinstance(array, np.ndarray):
            kind = f"{type(array).__module__}.{type(array).__name__}"
            raise Wrong(
                f"{name} returns a {kind}; expected an mx.np array. Stay with mx.np: an array "
                "that went through .asnumpy() has lost its gradient"
            )
    return arrays


def _name(function: Callable) -> str:
    return getattr(function, "__name__", "the function")


ERRANDS = (returns, results, gradients, to_dictionary, untouched, raises)
