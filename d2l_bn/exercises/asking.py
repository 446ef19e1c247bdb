r"""Ask a student's function, and ask it twice, so that no constant passes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy
from mxnet import autograd, np

from d2l_bn.exercises.guard import Refused, Rules, guarded
from d2l_bn.exercises.messages import Wrong

__all__ = ["answer", "as_mx", "as_numpy", "leaves_alone", "value"]

MODES = {True: autograd.train_mode, False: autograd.predict_mode, None: contextlib.nullcontext}


def answer(
    function: Callable,
    *arguments: Any,
    training: bool | None = None,
    dtype: str = "float32",
    results: int = 1,
) -> Any:
    r"""What ``function`` returns, as NumPy arrays.

    Arguments:
        function: the student's.
        arguments: NumPy arrays become ``mx.np`` arrays of ``dtype``; the others go as they are.
        training: the mode of autograd; None leaves it as it is.
        results: how many values the function is to return, in a tuple if there are several.

    Raises:
        Wrong: another number of values; no ``mx.np`` array; or the same for other arguments.

    >>> answer(lambda X: X + X, numpy.array([1.0, 2.0]))
    array([2., 4.], dtype=float32)
    >>> answer(lambda X: np.ones(2), numpy.array([1.0, 2.0]))
    Traceback (most recent call last):
    d2l_bn.exercises.messages.Wrong: <lambda> returns the same for other arguments: ...
    """
    returned = _call(function, arguments, training, dtype, results)
    others = [a**3 + 0.5 if isinstance(a, numpy.ndarray) else a for a in arguments]
    again = _call(function, others, training, dtype, results)
    if all(one.tobytes() == two.tobytes() for one, two in zip(returned, again)):
        raise Wrong(
            f"{_name(function)} returns the same for other arguments: a constant is no solution. "
            "Compute the result from the arguments."
        )
    return returned[0] if results == 1 else returned


def leaves_alone(
    function: Callable, *arguments: Any, training: bool | None = None, dtype: str = "float32"
) -> None:
    r"""Raise :class:`Wrong` if ``function`` writes to an array that it was given."""
    given = [as_mx(a, dtype) for a in arguments]
    before = [as_numpy(a) for a in given]
    with MODES[training]():
        function(*given)
    for number, (now, then) in enumerate(zip(given, before), start=1):
        if not numpy.array_equal(as_numpy(now), then):
            raise Wrong(
                f"{_name(function)} changes its argument number {number}, an array of the caller. "
                "Make a new one: X = X - mean, where X -= mean or X[:] = … write into the old one."
            )


def limited(function: Callable, *arguments: Any, rules: Rules) -> Any:
    """Call ``function`` under stricter rules than the check itself."""
    result = None
    try:
        with guarded(rules) as refused:
            result = function(*arguments)
    except Refused:
        pass
    if refused:  # also where the code caught the exception
        raise Wrong(f"Your code calls {refused[0]}: the task is to do without it.")
    return result


def as_mx(array: Any, dtype: str = "float32") -> Any:
    return np.array(array, dtype=dtype) if isinstance(array, numpy.ndarray) else array


def as_numpy(array: Any) -> Any:
    return array.asnumpy() if isinstance(array, np.ndarray) else array


def value(attribute: Any) -> numpy.ndarray:
    """Of a parameter, or of an array that is a plain attribute."""
    return as_numpy(attribute.data() if callable(getattr(attribute, "data", None)) else attribute)


def _call(
    function: Callable, arguments: Any, training: bool | None, dtype: str, results: int
) -> list[numpy.ndarray]:
    if not callable(function):
        raise Wrong(f"expected a function, got {function!r}")
    with MODES[training]():
        returned = function(*(as_mx(a, dtype) for a in arguments))
    if results > 1 and (not isinstance(returned, (tuple, list)) or len(returned) != results):
        came = f"{len(returned)} values" if isinstance(returned, (tuple, list)) else "one value"
        raise Wrong(f"{_name(function)} returns {came}; expected a tuple of {results}")
    arrays = list(returned) if results > 1 else [returned]
    for array in arrays:
        if array is None:
            raise Wrong(f"{_name(function)} returns None: is a `return` missing?")
        if not isinstance(array, np.ndarray):
            kind = f"{type(array).__module__}.{type(array).__name__}"
            raise Wrong(
                f"{_name(function)} returns a {kind}; expected an mx.np array. Stay with mx.np: "
                "an array that went through .asnumpy() has lost its gradient"
            )
    return [array.asnumpy() for array in arrays]


def _name(function: Callable) -> str:
    return getattr(function, "__name__", "the function")
