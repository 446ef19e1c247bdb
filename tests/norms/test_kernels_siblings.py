"""The operator of layer, instance and group normalization computes what the array version does."""

from __future__ import annotations

import math

import mxnet as mx
import numpy
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mxnet import autograd, np, npx
from mxnet.gluon import nn
from sibling_helpers import CASES, IDS, SHAPES, arrays, in_numpy, random_case

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms import kernels
from d2l_bn.norms.compiled_group import CompiledGroupNorm
from d2l_bn.norms.group import group_norm

pytestmark = pytest.mark.skipif(not kernels.available(), reason=f"runs on {kernels.status()}")

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
NAMES = ("Y", "X.grad", "gamma.grad", "beta.grad")


def step(function, case, upstream):
    """Y and the three gradients, as NumPy arrays in float64."""
    inputs = [array.copy() for array in case]
    for array in inputs:
        array.attach_grad()
    with autograd.record():
        Y = function(*inputs)
    Y.backward(upstream)
    return [a.asnumpy().astype("float64") for a in (Y, *(array.grad for array in inputs))]


@st.composite
def shapes_and_groups(draw):
    """(N, C) or (N, C, H, W) and a G that divides C, two values or more in a group."""
    groups, channels = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    image = draw(st.sampled_from([(), (draw(st.integers(1, 7)), draw(st.integers(1, 7)))]))
    channels += channels * math.prod(image) < 2
    return (draw(st.integers(1, 9)), groups * channels, *image), groups


@settings(max_examples=80)
@given(
    where=shapes_and_groups(),
    dtype=st.sampled_from(sorted(TOLERANCE)),
    mean=st.sampled_from([0.0, 3.0, -100.0]),
    seed=st.integers(0, 2**31 - 10),
)
@example(where=((256, 6, 24, 24), 1), dtype="float32", mean=3.0, seed=0)
@example(where=((256, 6, 24, 24), 6), dtype="float32", mean=3.0, seed=0)
@example(where=((3, 4000), 2), dtype="float32", mean=3.0, seed=0)  # rows of more than one block
def test_a_step_is_that_of_the_array_version(where, dtype, mean, seed):
    shape, groups = where
    rng = numpy.random.RandomState(seed)
    dY = np.array(rng.normal(size=shape), dtype=dtype)
    case = arrays(random_case(shape, seed, mean), dtype)
    expected = step(lambda *inputs: group_norm(*inputs, groups, 1e-3), case, dY)
    ours = step(lambda *inputs: kernels.group_norm(*inputs, groups, 1e-3), case, dY)
    # What each result is a sum of: rounding is a part of the greatest term.
    x, gamma, beta = (array.asnumpy().astype("float64") for array in case)
    x_hat = numpy.abs(in_numpy(x, 1, 0, groups, 1e-3))
    upstream = numpy.abs(dY.asnumpy())
    r = 1 / numpy.sqrt(x.reshape(len(x), groups, -1).var(2).min() + 1e-3)
    axes = (0, 2, 3)[: x.ndim - 1]
    scales = [
        numpy.abs(gamma).max() * x_hat.max() + numpy.abs(beta).max(),
        3 * numpy.abs(gamma).max() * upstream.max() * r * x_hat.max() ** 2,
        (upstream * x_hat).sum(axes).max(),
        upstream.sum(axes).max(),
    ]
    for name, mine, other, scale in zip(NAMES, ours, expected, scales):
        # x - μ has the digits that x has beside its mean
        assert numpy.abs(mine - other).max() <= TOLERANCE[dtype] * (1 + abs(mean)) * scale, name


@pytest.mark.parametrize("shape, groups", [((3, 6), 2), ((2, 4, 2, 3), 1), ((2, 3, 2, 2), 3)])
def test_against_central_differences(shape, groups):
    inputs = dict(zip(("X", "gamma", "beta"), arrays(random_case(shape, seed=1))))

    def function(X, gamma, beta):
        return kernels.group_norm(X, gamma, beta, groups, 1e-5)

    report = check_gradients(function, inputs)
    assert report.ok, report


@pytest.mark.parametrize("shape", [(4, 512), (4, 2, 16, 16)])
def test_a_large_mean_costs_no_digits(shape):
    x, gamma, beta = arrays(random_case(shape, loc=1e4), "float32")
    Y = kernels.group_norm(x, gamma, beta, 2, 1e-5).asnumpy()
    exact = in_numpy(x.asnumpy(), gamma.asnumpy(), beta.asnumpy(), 2, 1e-5)
    assert numpy.abs(Y - exact).max() < 5e-5


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 5, 5)])
def test_what_is_not_finite_stays_where_the_array_version_has_it(shape, bad):
    case = random_case(shape)
    case[0][1, 1] = bad
    case, dY = arrays(case, "float32"), np.ones(shape)
    expected = step(lambda *inputs: group_norm(*inputs, 2), case, dY)
    ours = step(lambda *inputs: kernels.group_norm(*inputs, 2, 1e-5), case, dY)
    assert numpy.isfinite(expected[0]).any()  # the other groups are untouched
    for name, mine, other in zip(NAMES, ours, expected):
        assert (numpy.isnan(mine) == numpy.isnan(other)).all(), name
        assert (numpy.isfinite(mine) == numpy.isfinite(other)).all(), name


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("of_input", ["write", "add", "null"])
@pytest.mark.parametrize("of_gamma, of_beta", [("write", "add"), ("add", "null"), ("null", "null")])
def test_gradients_are_written_added_or_left_out(of_input, of_gamma, of_beta, compiled):
    if of_input == of_gamma == of_beta == "null":
        return  # nothing to differentiate
    x, gamma, beta = arrays(random_case((4, 6, 3, 3)), "float32")
    made = CompiledGroupNorm(6, num_dims=4, num_groups=2)
    net = nn.HybridSequential()
    net.add(made)
    net.initialize()
    made.gamma.set_data(gamma)
    made.beta.set_data(beta)
    made.gamma.grad_req, made.beta.grad_req = of_gamma, of_beta
    if compiled:
        net.hybridize()
    if of_input != "null":
        x.attach_grad(of_input)
    dY = np.array(random_case(x.shape, seed=1)[0], dtype="float32")
    _, *expected = step(lambda *inputs: group_norm(*inputs, 2), [x, gamma, beta], dY)
    for _ in range(2):
        with autograd.record():
            Y = net(x)
        Y.backward(dY)
    found = [x.grad, *(p.grad() if p.grad_req != "null" else None for p in (made.gamma, made.beta))]
    for requested, gradient, once in zip((of_input, of_gamma, of_beta), found, expected):
        if requested != "null":
            times = 2 if requested == "add" else 1
            assert numpy.allclose(gradient.asnumpy(), times * once, rtol=1e-4, atol=1e-5)


def test_a_view_is_normalized_as_its_copy():
    x, gamma, beta = arrays(random_case((6, 4, 4, 4)), "float32")
    for view in (x[1:5], x.transpose(3, 1, 2, 0)):
        Y = kernels.group_norm(view, gamma, beta, 2, 1e-5)
        assert (Y == kernels.group_norm(view.copy(), gamma, beta, 2, 1e-5)).all()


@pytest.mark.parametrize("sibling, rank", CASES, ids=IDS)
def test_the_layers_use_the_operator_but_in_float16(sibling, rank, monkeypatch):
    calls = []

    def noted(X, gamma, beta, num_groups, *rest):
        calls.append(num_groups)
        return X

    monkeypatch.setattr(kernels, "group_norm", noted)
    block = sibling.block(SHAPES[rank][1], rank)
    block.initialize()
    X = np.array(random_case(SHAPES[rank])[0], dtype="float32")
    block(X)
    block.cast("float16")
    block(npx.cast(X, "float16"))
    assert calls == [sibling.groups(X.shape[1])]


def test_float16_in_a_compiled_network():
    net = nn.HybridSequential()
    net.add(CompiledGroupNorm(4, num_dims=4, num_groups=2), nn.Activation("relu"))
    net.initialize()
    net.cast("float16")
    X = np.array(random_case((3, 4, 5, 5))[0], dtype="float16")
    plain = net(X)
    net.hybridize()
    with autograd.record():
        Y = net(X)
    Y.backward()
    assert Y.dtype == numpy.float16 and numpy.allclose(Y.asnumpy(), plain.asnumpy(), atol=2e-3)


def test_without_operators_a_compiled_network_has_the_formula(monkeypatch):
    monkeypatch.setattr("d2l_bn.norms.compiled_group.in_graphs", lambda: False)
    net = nn.HybridSequential()
    net.add(CompiledGroupNorm(4, num_dims=4, num_groups=2))
    net.initialize()
    X = np.array(random_case((3, 4, 5, 5))[0], dtype="float32")
    expected = net(X)
    net.hybridize()
    assert numpy.allclose(net(X).asnumpy(), expected.asnumpy(), atol=1e-5)
    assert "d2l_bn" not in net._cached_graph[1].tojson()


@settings(max_examples=40, deadline=None)
@given(
    shapes=st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=3, max_size=3),
    dtypes=st.lists(st.sampled_from(["float32", "float64", "int32"]), min_size=3, max_size=3),
    groups=st.sampled_from([-2, 0, 1, 2, 3, 5, 2**32 + 1]),
)
def test_the_bare_operator_refuses_what_does_not_fit(shapes, dtypes, groups):
    """Below the layers' own checks: an error of MXNet's, never a crash."""
    from d2l_bn.norms.kernels.load import operators

    inputs = [np.ones(shape, dtype=dtype) for shape, dtype in zip(shapes, dtypes)]
    small = [1, *shapes[0][1:2], *[1] * (len(shapes[0]) - 2)]
    fits = len(set(dtypes)) == 1 and dtypes[0] != "int32" and all(s == small for s in shapes[1:])
    if fits and len(shapes[0]) >= 2 and groups > 0 and shapes[0][1] % groups == 0:
        return
    with pytest.raises(mx.MXNetError):
        operators().group_norm(*inputs, num_groups=groups, eps=1e-5)
        npx.waitall()
