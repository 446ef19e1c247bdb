r"""Central differences: is a gradient right? If not: which entry, what came, what was expected.

.. math:: \frac{\partial L}{\partial x_i} \approx \frac{L(x + h e_i) - L(x - h e_i)}{2h},
    \qquad L = \sum_j \bar y_j \, f(x)_j

where :math:`\bar y` is the *upstream gradient*, that which the rest of a network would send back.

The truncation error falls with :math:`h^2` and the rounding error grows with :math:`1/h`; in
float64 and for values near 1, :math:`h = 10^{-5}` leaves both near :math:`10^{-10}`. In float32
little is left, so that only float64 is accepted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy
from mxnet import autograd, np

from d2l_bn._support.arguments import check_number
from d2l_bn.diagnostics.gradient_report import GradientReport, worst_entry

__all__ = ["check_gradients", "numeric_gradient"]


def check_gradients(
    f: Callable[..., np.ndarray],
    inputs: Mapping[str, np.ndarray],
    upstream: np.ndarray | None = None,
    step: float = 1e-5,
    tolerance: float = 1e-6,
    *,
    analytic: Mapping[str, np.ndarray] | None = None,
    train_mode: bool = True,
) -> GradientReport:
    r"""Compare gradients with central differences, by :math:`|a - n| / \max(|a|, |n|, 10^{-3})`.

    Arguments:
        f: called as ``f(**inputs)``; returns one array.
        inputs: float64 arrays by name. They are not written to, and their ``.grad`` is left alone.
        upstream: the gradient that arrives at the output, of its shape. By default random numbers
            (always the same): ones would hide errors, as the outputs of batch normalization have a
            constant sum, whose gradient is 0.
        step: :math:`h`.
        tolerance: the largest relative error that counts as right.
        analytic: the gradients to be judged, by name, for some or all of the inputs; by default
            those of ``autograd`` for all.
        train_mode: whether ``f`` runs in training or in prediction mode.

    Raises:
        TypeError: an input or an output of ``f`` that is no float64 ``mx.np`` array.
        ValueError: a gradient that has another shape than its variable, or an unknown name.

    >>> from mxnet import np
    >>> x = np.array([1.0, 2.0, 3.0], dtype="float64")
    >>> check_gradients(lambda x: x * x, {"x": x}).ok
    True
    >>> ones = np.ones_like(x)
    >>> print(check_gradients(lambda x: x * x, {"x": x}, ones, analytic={"x": 2 + 0 * x}))
    gradient of x: WRONG in 2 of 3 entries; worst relative error 0.67 at [2]: analytic 2,
        numeric 6 (0.3333 times)
    (tolerance 1e-06)
    """
    for name, array in inputs.items():
        _check_float64(name, array)
    with autograd.pause(train_mode=train_mode):
        if upstream is None:
            shape = _output(f(**inputs)).shape
            upstream = np.array(numpy.random.RandomState(0).randn(*shape), dtype="float64")
        if analytic is None:
            analytic = _autograd_gradients(f, inputs, upstream, train_mode)
        errors = {}
        for name, gradient in analytic.items():
            if name not in inputs:
                raise ValueError(f"there is no input {name!r}; the inputs are {', '.join(inputs)}")
            _check_shape(f"the gradient of {name}", gradient, name, inputs[name])
            of_one = functools.partial(_replace, f, inputs, name)
            numeric = numeric_gradient(of_one, inputs[name], upstream, step)
            errors[name] = worst_entry(name, gradient, numeric, tolerance)
    return GradientReport(errors, tolerance)


def numeric_gradient(
    f: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    dY: np.ndarray | None = None,
    step: float = 1e-5,
) -> np.ndarray:
    r"""The gradient of ``(f(x) * dY).sum()`` with respect to ``x``, a float64 array like ``x``.

    Arguments:
        f: a function of one array; it runs in the mode (training or prediction) of the caller and
            is called twice for every entry of ``x``.
        x: float64 array; it is not written to.
        dY: the upstream gradient, of the shape of ``f(x)``; needed unless ``f(x)`` is one number.
        step: :math:`h`.

    Raises:
        TypeError: ``x`` or ``f(x)`` is no float64 ``mx.np`` array.
        ValueError: ``dY`` has another shape than ``f(x)``, or the step is not above 0.

    >>> from mxnet import np
    >>> numeric_gradient(lambda x: (x**3).sum(), np.array([1.0, 2.0], dtype="float64")).round(6)
    array([ 3., 12.], dtype=float64)
    """
    _check_float64("x", x)
    check_number("step", step, "(0, inf)", "such as 1e-5")
    with autograd.pause(train_mode=autograd.is_training()):
        Y = _output(f(x))
        if dY is None and Y.size > 1:
            raise ValueError(
                f"the output has shape {Y.shape} and dY is missing; expected an upstream gradient "
                "of that shape: random numbers show more errors than ones"
            )
        dY = np.ones_like(Y) if dY is None else dY
        _check_shape("the upstream gradient", dY, "the output", Y)
        gradient, point, weights = numpy.zeros(x.shape), x.asnumpy(), dY.asnumpy()
        for index in numpy.ndindex(*x.shape):
            change = numpy.zeros(x.shape)
            change[index] = step
            right = f(np.array(point + change, dtype="float64")).asnumpy()
            left = f(np.array(point - change, dtype="float64")).asnumpy()
            # The difference first, the sum second: what does not depend on x_i cancels exactly.
            gradient[index] = ((right - left) * weights).sum() / (2 * step)
    return np.array(gradient, dtype="float64")


def _autograd_gradients(
    f: Callable, inputs: Mapping, upstream: np.ndarray, train_mode: bool
) -> dict[str, np.ndarray]:
    copies = {name: array.copy() for name, array in inputs.items()}
    for copy in copies.values():
        copy.attach_grad()
    with autograd.record(train_mode=train_mode):
        Y = _output(f(**copies))
        _check_shape("the upstream gradient", upstream, "the output", Y)
    Y.backward(upstream, train_mode=train_mode)
    return {name: copy.grad for name, copy in copies.items()}


def _replace(f: Callable, inputs: Mapping, name: str, value: np.ndarray) -> np.ndarray:
    """``f`` at ``inputs``, but with ``value`` for the input ``name``."""
    return f(**{**inputs, name: value})


def _output(Y: Any) -> np.ndarray:
    if isinstance(Y, (tuple, list)):
        raise TypeError(
            f"f returned a {type(Y).__name__} of {len(Y)}; expected one array: pick it, as in "
            "lambda X: f(X)[0]"
        )
    _check_float64("what f returned", Y)
    return Y


def _check_float64(name: str, array: Any) -> None:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} is a {type(array).__name__}; expected a float64 mx.np array")
    if str(array.dtype) != "float64":
        raise TypeError(
            f"{name} has dtype {array.dtype}; expected float64, since differences of a lower "
            "precision are noise: make it with dtype='float64'"
        )


def _check_shape(what: str, gradient: np.ndarray, of: str, variable: np.ndarray) -> None:
    if gradient.shape != variable.shape:
        raise ValueError(
            f"{what} has shape {gradient.shape} and {of} {variable.shape}; expected the same: a "
            "gradient has the shape of its variable (reshape it, or sum over broadcast axes)"
        )
