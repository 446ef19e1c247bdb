"""What the siblings and AdaIN refuse, before anything is computed, and what the messages name."""

import mxnet as mx
import numpy
import pytest
from layer_helpers import refused
from mxnet import np
from sibling_helpers import CASES, IDS, SHAPES, arrays, random_case

from d2l_bn.norms.adaptive_instance import adaptive_instance_norm
from d2l_bn.norms.group import GroupNorm, group_norm
from d2l_bn.norms.instance import InstanceNorm, instance_norm
from d2l_bn.norms.layer import LayerNorm, layer_norm

both = pytest.mark.parametrize("sibling, rank", CASES, ids=IDS)


BAD_INPUTS = {
    "NumPy": (lambda x: x.asnumpy(), TypeError, ["a numpy.ndarray", "np.array("]),
    "legacy": (lambda x: x.as_nd_ndarray(), TypeError, ["legacy", ".as_np_ndarray()"]),
    "int": (lambda x: x.astype("int32"), TypeError, ["int32", ".astype("]),
    "three axes": (lambda x: np.ones((2, 3, 4)), ValueError, ["3 axes", "reshape"]),
    "no examples": (lambda x: x[:0], ValueError, ["no values", "skip empty"]),
}


@both
@pytest.mark.parametrize("change, exception, words", BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_inputs(sibling, rank, change, exception, words):
    X, gamma, beta = arrays(random_case(SHAPES[rank]), "float32")
    refused(lambda: sibling.function(change(X), gamma, beta), exception, "X ", *words)
    block = sibling.block(X.shape[1], rank)
    block.initialize()
    refused(lambda: block(change(X)), exception, "X ", *words)


@both
@pytest.mark.parametrize("name", ["gamma", "beta"])
def test_scale_and_shift(sibling, rank, name):
    given = dict(zip(("X", "gamma", "beta"), arrays(random_case(SHAPES[rank]), "float32")))
    shape = given["gamma"].shape

    def call(array):
        return lambda: sibling.function(**{**given, name: array})

    refused(call(np.ones(shape[1])), ValueError, f"{name} has shape", f"expected {shape}")
    refused(call(np.ones((2, *shape[1:]))), ValueError, f"{name} has shape", f"expected {shape}")
    refused(call(np.ones(shape, dtype="float64")), TypeError, name, "float64", "cast")
    refused(call(np.ones(shape, ctx=mx.cpu(1))), ValueError, name, "cpu(1)", ".as_in_ctx(")
    refused(call(None), TypeError, f"{name} is None")


@both
@pytest.mark.parametrize("eps", [0, -1e-5, float("nan"), "1e-5", None, True])
def test_eps(sibling, rank, eps):
    exception = ValueError if type(eps) in (int, float) else TypeError
    case = arrays(random_case(SHAPES[rank]))
    refused(lambda: sibling.function(*case, eps), exception, f"eps is {eps!r}", "number")
    refused(lambda: sibling.block(4, rank, eps=eps), exception, f"eps is {eps!r}", "number")


@both
def test_another_number_of_channels_than_the_layers(sibling, rank):
    block = sibling.block(8, rank)
    block.initialize()
    X = np.array(random_case(SHAPES[rank])[0])
    refused(lambda: block(X), ValueError, f"{X.shape[1]} channels", "expected 8", "right place")


ONE = {
    "layer": (lambda X, g, b: layer_norm(X, g, b), (4, 1), "over C,"),
    "layer of images": (lambda X, g, b: layer_norm(X, g, b), (4, 1, 1, 1), "over C, H and W"),
    "instance": (lambda X, g, b: instance_norm(X, g, b), (4, 3, 1, 1), "over H and W"),
    "group": (lambda X, g, b: group_norm(X, g, b, 3), (4, 3), "over the channels of a group,"),
    "group of images": (lambda X, g, b: group_norm(X, g, b, 3), (4, 3, 1, 1), "H and W"),
}


@pytest.mark.parametrize("call, shape, words", ONE.values(), ids=ONE)
def test_one_value_to_normalize_over(call, shape, words):
    case = arrays(random_case(shape))
    refused(lambda: call(*case), ValueError, f"X has shape {shape}, one value", words, "leave")


def test_instance_norm_after_a_dense_layer():
    X, one = np.ones((2, 3)), np.ones((1, 3))
    refused(lambda: instance_norm(X, one, one), ValueError, "(2, 3)", "(N, C, H, W)")
    refused(lambda: InstanceNorm(3, num_dims=2), ValueError, "num_dims is 2", "expected 4", "leave")


@pytest.mark.parametrize(
    "groups, exception, words",
    [
        (4, ValueError, ["num_groups is 4", "6 channels", "1, 2, 3, 6"]),
        (12, ValueError, ["num_groups is 12", "1, 2, 3, 6"]),
        (0, ValueError, ["num_groups is 0", "divisor"]),
        (-2, ValueError, ["num_groups is -2", "divisor"]),
        (2.0, TypeError, ["num_groups is 2.0", "whole number"]),
        (None, TypeError, ["num_groups is None", "whole number"]),
    ],
)
def test_groups(groups, exception, words):
    case = arrays(random_case((2, 6)))
    refused(lambda: group_norm(*case, groups), exception, *words)
    refused(lambda: GroupNorm(6, 2, groups), exception, *words)


def test_numpy_numbers_are_numbers():
    case = arrays(random_case((2, 6, 2, 2)))
    expected = group_norm(*case, 3, 0.25)
    assert (group_norm(*case, numpy.int64(3), numpy.float32(0.25)) == expected).all().item()
    assert repr(GroupNorm(numpy.int64(6), 4, numpy.int64(3))) == repr(GroupNorm(6, 4, 3))


@pytest.mark.parametrize("num_dims", [3, 0, "4", None])
def test_num_dims(num_dims):
    exception = ValueError if isinstance(num_dims, int) else TypeError
    refused(lambda: LayerNorm(3, num_dims), exception, "num_dims is", "2 after")


STYLES = {
    "list": ([1.0], TypeError, ["style is a list"]),
    "two axes": (np.ones((2, 3)), ValueError, ["style has shape (2, 3)", "(N, C, H, W)"]),
    "one style": (np.ones((1, 3, 4, 4)), ValueError, ["style has shape (1, 3, 4, 4)", "np.repeat"]),
    "channels": (np.ones((2, 1, 4, 4)), ValueError, ["(2, 1, 4, 4)", "channels"]),
    "one pixel": (np.ones((2, 3, 1, 1)), ValueError, ["style has shape", "one value over H and W"]),
    "dtype": (np.ones((2, 3, 4, 4), dtype="float64"), TypeError, ["float64", "float32", "cast"]),
    "device": (np.ones((2, 3, 4, 4), ctx=mx.cpu(1)), ValueError, ["cpu(1)", ".as_in_ctx("]),
}


@pytest.mark.parametrize("style, exception, words", STYLES.values(), ids=STYLES)
def test_styles(style, exception, words):
    refused(lambda: adaptive_instance_norm(np.ones((2, 3, 4, 4)), style), exception, *words)


def test_content():
    style = np.ones((2, 3, 4, 4))
    refused(lambda: adaptive_instance_norm(np.ones((2, 3)), style), ValueError, "content has shape")
    refused(lambda: adaptive_instance_norm(style[..., :1, :1], style), ValueError, "content has")
    refused(lambda: adaptive_instance_norm(style, style, eps=0), ValueError, "eps is 0")
