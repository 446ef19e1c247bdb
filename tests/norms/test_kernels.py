"""The own operators compute what the array version computes: values, gradients, moving averages."""

from __future__ import annotations

import math
import subprocess
import sys

import mxnet as mx
import numpy
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mxnet import autograd, np, npx
from mxnet.gluon import nn

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.networks.pooling import MaxPool2D
from d2l_bn.norms import kernels
from d2l_bn.norms.batch import BatchNorm, batch_norm
from d2l_bn.norms.compiled_batch import CompiledBatchNorm

pytestmark = pytest.mark.skipif(not kernels.available(), reason=f"runs on {kernels.status()}")

TOLERANCE = {"float32": 1e-5, "float64": 1e-10}
SHAPES = st.one_of(
    st.tuples(st.integers(1, 40), st.integers(1, 20)),
    st.tuples(st.integers(1, 9), st.integers(1, 5), st.integers(1, 7), st.integers(1, 7)),
    st.just((2, 1, 40, 60)),  # rows of more than one block
)


def normal(*shape, dtype="float32", seed=0):
    return np.array(numpy.random.RandomState(seed).normal(size=shape), dtype=dtype)


class ByArrays(BatchNorm):
    """The reference: the same layer on the array version."""

    def function(self, *arguments):
        return batch_norm(*arguments)


def layer(kind, shape, seed, dtype, **options):
    """A layer whose parameters and averages have all left their start."""
    made = kind(shape[1], num_dims=len(shape), **options)
    made.initialize()
    made.cast(dtype)
    rng = numpy.random.RandomState(seed)
    for parameter, low in ((made.gamma, -2), (made.beta, -2), (made.moving_mean, -2)):
        parameter.set_data(np.array(rng.uniform(low, 2, made.shape), dtype=dtype))
    made.moving_var.set_data(np.array(rng.uniform(0.5, 2, made.shape), dtype=dtype))
    return made


def step(made, X, dY, train_mode=True):
    """Everything that a step forward and back leaves behind, by name, in float64."""
    X = X.copy()
    X.attach_grad()
    with autograd.record(train_mode=train_mode):
        Y = made(X)
    Y.backward(dY)
    left = {
        "Y": Y,
        "X.grad": X.grad,
        "gamma.grad": made.gamma.grad(),
        "beta.grad": made.beta.grad(),
    }
    left.update(mean=made.moving_mean.data(), var=made.moving_var.data())
    return {name: array.asnumpy().astype("float64") for name, array in left.items()}


def same(ours, theirs, tolerance, scales=None):
    for name, expected in theirs.items():
        scale = (scales or {}).get(name, 0) + numpy.abs(expected).max() + 1e-30
        assert numpy.abs(ours[name] - expected).max() <= tolerance * scale, name


@settings(max_examples=60)
@given(
    shape=SHAPES,
    dtype=st.sampled_from(sorted(TOLERANCE)),
    mean=st.sampled_from([0.0, 3.0, -100.0]),
    train_mode=st.booleans(),
    seed=st.integers(0, 2**31 - 10),
)
@example(shape=(1, 3), dtype="float32", mean=3.0, train_mode=True, seed=0)  # x = μ: Y = β
@example(shape=(256, 6, 24, 24), dtype="float32", mean=3.0, train_mode=True, seed=0)
def test_a_step_is_that_of_the_array_version(shape, dtype, mean, train_mode, seed):
    rng = numpy.random.RandomState(seed)
    X = np.array(rng.normal(mean, 1, shape), dtype=dtype)
    dY = np.array(rng.normal(size=shape), dtype=dtype)
    arrays = step(layer(ByArrays, shape, seed, dtype), X, dY, train_mode)
    operator = step(layer(BatchNorm, shape, seed, dtype), X, dY, train_mode)
    # x̄ is a difference of terms of the size γ/σ, and x̂ has the digits that x has beside its mean.
    scale = 2 / math.sqrt(min(X.asnumpy().var(axis=0).min(), 1) + 1e-5)
    digits = 1 + abs(mean)
    scales = {"X.grad": 3 * digits * scale, "gamma.grad": digits * len(X) * 5, "Y": digits}
    same(operator, arrays, TOLERANCE[dtype], scales)


@pytest.mark.parametrize("shape", [(6, 3), (2, 2, 3, 3)])
@pytest.mark.parametrize("train_mode", [True, False])
def test_against_central_differences(shape, train_mode):
    rng = numpy.random.RandomState(0)
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    inputs = {"X": shape, "gamma": small, "beta": small}
    inputs = {name: np.array(rng.normal(size=s), dtype="float64") for name, s in inputs.items()}

    def function(X, gamma, beta):
        mean, var = np.zeros(small, dtype="float64"), np.full(small, 1.5, dtype="float64")
        return kernels.batch_norm(X, gamma, beta, mean, var, 1e-5, 0.9)

    report = check_gradients(function, inputs, train_mode=train_mode)
    assert report.ok, report


def test_a_large_mean_costs_no_digits():
    for shape in ((256, 2), (8, 2, 8, 8)):
        X = numpy.random.RandomState(0).normal(1e4, 1, shape)
        made = layer(BatchNorm, shape, 0, "float32")
        given = np.array(X, dtype="float32")
        axes = tuple(axis for axis in range(len(shape)) if axis != 1)
        exact = given.asnumpy().astype("float64")
        exact = (exact - exact.mean(axes, keepdims=True)) / exact.std(axes, keepdims=True)
        with autograd.train_mode():
            Y = made(given)
        gamma, beta = (p.data().asnumpy() for p in (made.gamma, made.beta))
        assert numpy.abs(Y.asnumpy() - (exact * gamma + beta)).max() < 5e-5


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5, 5)])
def test_what_is_not_finite_stays_where_the_array_version_has_it(shape, bad):
    X = numpy.random.RandomState(0).normal(size=shape).astype("float32")
    X[1, 1] = bad
    X, dY = np.array(X), np.ones(shape)
    arrays = step(layer(ByArrays, shape, 0, "float32"), X, dY)
    operator = step(layer(BatchNorm, shape, 0, "float32"), X, dY)
    for name, expected in arrays.items():
        assert (numpy.isfinite(operator[name]) == numpy.isfinite(expected)).all(), name
        assert (numpy.isnan(operator[name]) == numpy.isnan(expected)).all(), name


@pytest.mark.parametrize("of_input", ["write", "add", "null"])
@pytest.mark.parametrize("of_parameters", ["write", "add", "null"])
@pytest.mark.parametrize("compiled", [False, True])
def test_gradients_are_written_added_or_left_out(of_input, of_parameters, compiled):
    if of_input == of_parameters == "null":
        pytest.skip("nothing to differentiate")
    made = CompiledBatchNorm(3, num_dims=4)
    made.gamma.grad_req = made.beta.grad_req = of_parameters
    net = nn.HybridSequential()
    net.add(made)
    net.initialize()
    if compiled:
        net.hybridize()
    X, dY = normal(4, 3, 5, 5), normal(4, 3, 5, 5, seed=1)
    if of_input != "null":
        X.attach_grad(of_input)
    grads = []
    for _ in range(2):
        with autograd.record():
            Y = net(X)
        Y.backward(dY)
        grads.append(
            ([X.grad.copy()] if of_input != "null" else [])
            + (
                [p.grad().copy() for p in (made.gamma, made.beta)]
                if of_parameters != "null"
                else []
            )
        )
    factors = [2 if of_input == "add" else 1] * (of_input != "null")
    factors += [2 if of_parameters == "add" else 1] * 2 * (of_parameters != "null")
    for first, second, factor in zip(*grads, factors):
        assert numpy.allclose(second.asnumpy(), factor * first.asnumpy(), rtol=1e-5, atol=1e-6)


def test_a_view_is_normalized_as_its_copy():
    X = normal(6, 3, 4, 4)
    made = layer(BatchNorm, X.shape, 0, "float32")
    with autograd.train_mode():
        assert (made(X[1:5]) == made(X[1:5].copy())).all()
        turned = X.transpose(3, 1, 2, 0)
        assert (made(turned) == made(turned.copy())).all()


def test_averages_are_those_of_each_device():
    devices = [mx.cpu(0), mx.cpu(1)]
    made = BatchNorm(2, num_dims=2)
    made.initialize(ctx=devices)
    for number, device in enumerate(devices):
        with autograd.train_mode():
            made(np.full((4, 2), 10.0 * (number + 1), ctx=device))
    means = [made.moving_mean.data(device)[0, 0].item() for device in devices]
    assert means == pytest.approx([1.0, 2.0])


def test_the_layer_uses_the_operator_and_its_variants_do_not(monkeypatch):
    def fail(*_):
        raise AssertionError("the operator was called")

    monkeypatch.setattr(kernels, "batch_norm", fail)
    X = np.ones((4, 3))
    with pytest.raises(AssertionError, match="was called"):
        layer(BatchNorm, X.shape, 0, "float32")(X)
    layer(ByArrays, X.shape, 0, "float32")(X)
    half = layer(BatchNorm, X.shape, 0, "float16")
    assert half(npx.cast(X, "float16")).dtype == numpy.float16


def network():
    mx.random.seed(0)
    net = nn.HybridSequential()
    net.add(nn.Conv2D(3, kernel_size=3, in_channels=1), CompiledBatchNorm(3, num_dims=4))
    net.add(nn.Dense(4, in_units=108), CompiledBatchNorm(4, num_dims=2))
    net.initialize()
    return net


@pytest.mark.parametrize("options", [{}, {"static_alloc": True, "static_shape": True}])
def test_a_compiled_network_changes_its_mode_at_every_call(options):
    X = normal(4, 1, 8, 8)
    plain, compiled = network(), network()
    compiled.hybridize(**options)
    for train_mode in (True, False, True, True, False):
        for net in (plain, compiled):
            with autograd.record(train_mode=train_mode):
                net.output = net(X)
        assert numpy.allclose(plain.output.asnumpy(), compiled.output.asnumpy(), atol=1e-5)
    for ours, theirs in zip(compiled.collect_params().values(), plain.collect_params().values()):
        assert numpy.allclose(ours.data().asnumpy(), theirs.data().asnumpy(), atol=1e-5), ours.name


def test_float16_in_a_compiled_network():
    net = nn.HybridSequential()
    net.add(CompiledBatchNorm(1, num_dims=4), MaxPool2D(2, 2), nn.Activation("relu"))
    net.initialize()
    net.cast("float16")
    net.hybridize()
    X = normal(4, 1, 8, 8, dtype="float16")
    with autograd.record():
        Y = net(X)
    Y.backward()
    assert Y.dtype == numpy.float16 and numpy.isfinite(Y.asnumpy()).all()


def test_an_exported_network_predicts_in_another_process(tmp_path):
    net = network()
    net.hybridize()
    X = normal(4, 1, 8, 8)
    with autograd.train_mode():
        net(X)
    expected = net(X).asnumpy()
    net.export(str(tmp_path / "net"))
    numpy.save(tmp_path / "X.npy", X.asnumpy())
    code = (
        "import numpy, d2l_bn.norms.kernels; from mxnet import gluon, np\n"
        "net = gluon.SymbolBlock.imports('net-symbol.json', ['data'], 'net-0000.params')\n"
        "numpy.save('Y.npy', net(np.array(numpy.load('X.npy'))).asnumpy())"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=100)
    assert numpy.allclose(numpy.load(tmp_path / "Y.npy"), expected, atol=1e-6)


def test_without_operators_a_network_cannot_be_compiled(monkeypatch):
    monkeypatch.setattr("d2l_bn.norms.compiled_batch.in_graphs", lambda: False)
    net = network()
    net.hybridize()
    with pytest.raises(RuntimeError, match="do not hybridize"):
        net(np.ones((4, 1, 8, 8)))


@settings(max_examples=40, deadline=None)
@given(
    shapes=st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=4), min_size=6, max_size=6),
    dtypes=st.lists(st.sampled_from(["float32", "float64", "int32"]), min_size=6, max_size=6),
)
def test_the_bare_operator_refuses_what_does_not_fit(shapes, dtypes):
    """Below the layer's own checks: an error of MXNet's, never a crash."""
    from d2l_bn.norms.kernels.load import operators

    arrays = [np.ones(shape, dtype=dtype) for shape, dtype in zip(shapes, dtypes)]
    small = [1, *shapes[0][1:2], *[1] * (len(shapes[0]) - 2)]
    fits = len(set(dtypes)) == 1 and dtypes[0] != "int32" and all(s == small for s in shapes[1:])
    if fits and len(shapes[0]) >= 2:
        return
    with pytest.raises(mx.MXNetError):
        operators().batch_norm(*arrays, eps=1e-5, momentum=0.9)
        npx.waitall()
