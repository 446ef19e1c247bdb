"""Every bad input: which exception, what its message names, and that nothing has changed."""

import math

import mxnet as mx
import numpy
import pytest
from layer_helpers import refused
from mxnet import autograd, np

from d2l_bn.norms.batch import BatchNorm, batch_norm

GOOD_4D = numpy.arange(24.0).reshape(2, 3, 2, 2).astype("float32")


def ones(*shape, dtype="float32"):
    return np.ones(shape, dtype=dtype)


# What came; exception; what the message must name: what came, what was expected, what to do.
BAD_ARRAYS = {
    "list": ([[1.0, 2.0]], TypeError, ["a list", "mx.np array", "np.array("]),
    "number": (3.0, TypeError, ["a float", "mx.np array", "np.array("]),
    "None": (None, TypeError, ["is None", "mx.np array", "pass the array"]),
    "NumPy": (GOOD_4D, TypeError, ["numpy.ndarray", "mx.np array", "np.array("]),
    "legacy": (mx.nd.ones((2, 3, 2, 2)), TypeError, ["legacy mx.nd.NDArray", ".as_np_ndarray()"]),
    "symbol": (mx.sym.var("x"), TypeError, ["Symbol", "mx.np array"]),
    "int": (ones(2, 3, 2, 2, dtype="int32"), TypeError, ["int32", "float32", ".astype("]),
    "uint8": (ones(2, 3, 2, 2, dtype="uint8"), TypeError, ["uint8", "float32", ".astype("]),
    "bool": (ones(2, 3, 2, 2, dtype="bool"), TypeError, ["bool", "float32", ".astype("]),
}
BAD_INPUTS = {
    **BAD_ARRAYS,
    "rank 0": (ones(), ValueError, ["()", "0 axes", "(N, C, H, W)", "reshape"]),
    "rank 1": (ones(3), ValueError, ["(3,)", "1 axes", "(N, C, H, W)", "reshape"]),
    "rank 2": (ones(2, 3), ValueError, ["(2, 3)", "2 axes", "(N, C, H, W)", "reshape"]),
    "rank 3": (ones(2, 3, 4), ValueError, ["(2, 3, 4)", "3 axes", "(N, C, H, W)", "reshape"]),
    "rank 5": (ones(2, 3, 1, 1, 1), ValueError, ["5 axes", "(N, C, H, W)", "reshape"]),
    "one channel": (ones(2, 1, 2, 2), ValueError, ["(2, 1, 2, 2)", "1 channels", "expected 3"]),
    "four channels": (ones(2, 4, 2, 2), ValueError, ["4 channels", "expected 3", "right place"]),
    "channels last": (ones(2, 2, 2, 3), ValueError, ["(2, 2, 2, 3)", "2 channels", "axis 1"]),
    "no examples": (ones(0, 3, 2, 2), ValueError, ["(0, 3, 2, 2)", "no values", "skip empty"]),
    "no pixels": (ones(2, 3, 0, 2), ValueError, ["(2, 3, 0, 2)", "no values"]),
    "no channels": (ones(2, 0, 2, 2), ValueError, ["(2, 0, 2, 2)", "no values"]),
    "float64": (
        ones(2, 3, 2, 2, dtype="float64"),
        TypeError,
        ["float32", "float64", ".cast('float64')"],
    ),
}


@pytest.mark.parametrize("X, exception, words", BAD_INPUTS.values(), ids=BAD_INPUTS)
@pytest.mark.parametrize("mode", [autograd.record, autograd.predict_mode])
def test_layer_refuses_and_keeps_its_state(X, exception, words, mode):
    layer = BatchNorm(3, 4)
    layer.initialize()
    with autograd.train_mode():
        layer(np.array(GOOD_4D))

    def state():
        return [p.data().asnumpy().tobytes() for p in layer.collect_params().values()]

    is_array = isinstance(X, mx.nd.NDArray)
    before, input_before = state(), X.asnumpy().tobytes() if is_array else None
    with mode():
        refused(lambda: layer(X), exception, *words)
    assert state() == before
    assert not is_array or X.asnumpy().tobytes() == input_before


@pytest.mark.parametrize(
    "shape, word",
    [
        ((2, 3, 2, 2), "expected (N, C) from"),
        ((3,), "expected (N, C) from"),
        ((2, 3, 4), "expected (N, C) from"),
        ((2, 4), "4 channels"),
        ((2, 1), "1 channels"),
        ((0, 3), "no values"),
    ],
)
def test_layer_for_dense_refuses(shape, word):
    layer = BatchNorm(3, 2)
    layer.initialize()
    refused(lambda: layer(np.ones(shape)), ValueError, f"X has shape {shape}", word)


ARGUMENTS = ["X", "gamma", "beta", "moving_mean", "moving_var"]


def arguments(X=None):
    statistics = {name: ones(1, 3, 1, 1) for name in ARGUMENTS[1:]}
    return {"X": np.array(GOOD_4D) if X is None else X, **statistics}


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("bad, exception, words", BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_function_refuses_what_is_no_floating_point_array(name, bad, exception, words):
    refused(lambda: batch_norm(**{**arguments(), name: bad}), exception, f"{name} ", *words)


@pytest.mark.parametrize("name", ARGUMENTS[1:])
@pytest.mark.parametrize(
    "shape, word",
    [
        ((3,), "reshape"),
        ((1, 3), "reshape"),
        ((1, 1, 1, 3), "reshape"),
        ((3, 1, 1), "reshape"),
        ((1, 1, 1, 1), "another layer"),
        ((1, 4, 1, 1), "another layer"),
        ((2, 3, 1, 1), "another layer"),
        ((), "another layer"),
        ((0,), "another layer"),
    ],
)
def test_function_refuses_other_shapes(name, shape, word):
    words = [f"{name} has shape {shape}", "(1, 3, 1, 1)", word]
    refused(lambda: batch_norm(**{**arguments(), name: np.ones(shape)}), ValueError, *words)


def test_function_takes_two_ranks_only():
    words = ["(2, 3, 2)", "3 axes", "(N, C) ", "(N, C, H, W)", "reshape"]
    refused(lambda: batch_norm(**arguments(X=ones(2, 3, 2))), ValueError, *words)


@pytest.mark.parametrize("name", ARGUMENTS[1:])
@pytest.mark.parametrize(
    "dtype_X, dtype", [("float32", "float64"), ("float64", "float32"), ("float16", "float16")]
)
def test_function_refuses_mixed_dtypes(name, dtype_X, dtype):
    expected = "float64" if dtype_X == "float64" else "float32"
    given = {n: a.astype(expected) for n, a in arguments().items()}
    given["X"] = given["X"].astype(dtype_X)
    given[name] = given[name].astype(dtype)
    words = [f"{name} has dtype {dtype}", f"expected {expected}", dtype_X, "cast"]
    refused(lambda: batch_norm(**given), TypeError, *words)


def test_function_refuses_two_devices():
    elsewhere = np.ones((1, 3, 1, 1), ctx=mx.cpu(1))
    words = ["beta", "cpu(1)", "cpu(0)", ".as_in_ctx("]
    refused(lambda: batch_norm(**{**arguments(), "beta": elsewhere}), ValueError, *words)


BAD_NUMBERS = {
    "eps": {
        ValueError: [0, 0.0, -1e-5, math.nan, math.inf, -math.inf],
        TypeError: ["1e-5", None, True, 1j, [1e-5], numpy.array(1e-5), np.array(1e-5)],
    },
    "momentum": {
        ValueError: [-0.1, 1.1, 9, math.nan, math.inf, -math.inf],
        TypeError: ["0.9", None, True, 1j, [0.9], numpy.array(0.9), np.array(0.9)],
    },
}
CASES = [
    (name, exception, value)
    for name, groups in BAD_NUMBERS.items()
    for exception, bad in groups.items()
    for value in bad
]


@pytest.mark.parametrize("name, exception, value", CASES)
def test_eps_and_momentum(name, exception, value):
    words = [f"{name} is {value!r}", "expected a ", "number"]
    for mode in (autograd.train_mode, autograd.predict_mode):  # also where it is not needed
        with mode():
            refused(lambda: batch_norm(**arguments(), **{name: value}), exception, *words)
    refused(lambda: BatchNorm(3, 4, **{name: value}), exception, *words)


@pytest.mark.parametrize(
    "exception, value",
    [(ValueError, v) for v in (0, -1, numpy.int64(0))]
    + [(TypeError, v) for v in (True, 2.0, "4", None, math.nan, (3,), numpy.float64(3))],
)
def test_num_features(exception, value):
    shown = repr(value) if exception is TypeError else str(value)
    refused(lambda: BatchNorm(value, 4), exception, f"num_features is {shown}", "whole number")


@pytest.mark.parametrize(
    "exception, value",
    [(ValueError, v) for v in (0, 1, 3, 5, -1, -2)]
    + [(TypeError, v) for v in (True, 2.0, 4.0, "4", None, (2,))],
)
def test_num_dims(exception, value):
    shown = repr(value) if exception is TypeError else str(value)
    words = [f"num_dims is {shown}", "2 after a fully connected layer or 4 after a convolution"]
    refused(lambda: BatchNorm(3, value), exception, *words)


def test_numpy_integers_are_whole_numbers():
    layer = BatchNorm(numpy.int64(3), numpy.int32(4))
    assert repr(layer) == repr(BatchNorm(3, 4))
    layer.initialize()
    assert layer(np.array(GOOD_4D)).shape == GOOD_4D.shape


def test_before_initialize_gluon_speaks():
    refused(lambda: BatchNorm(3, 4)(np.array(GOOD_4D)), RuntimeError, "has not been initialized")


def test_on_a_device_where_the_layer_is_not():
    layer = BatchNorm(3, 4)
    layer.initialize()
    elsewhere = np.array(GOOD_4D, ctx=mx.cpu(1))
    refused(lambda: layer(elsewhere), RuntimeError, "not initialized on context cpu(1)")
