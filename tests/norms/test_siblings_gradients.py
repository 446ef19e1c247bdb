"""Gradients of the siblings by value; outputs and gradients are Gluon's, MXNet's and PyTorch's."""

import mxnet as mx
import numpy
import pytest
from mxnet import autograd, np
from mxnet.gluon import nn
from sibling_helpers import CASES, IDS, SHAPES, arrays, random_case

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms.adaptive_instance import adaptive_instance_norm
from d2l_bn.norms.layer import layer_norm

both = pytest.mark.parametrize("sibling, rank", CASES, ids=IDS)
EPS = 2**-10  # exact in float32, in which MXNet keeps it


@both
@pytest.mark.parametrize("eps, train_mode", [(1e-5, True), (0.1, False)])
def test_against_central_differences(sibling, rank, eps, train_mode):
    shape = (2, 4, 2, 3)[:rank]
    inputs = dict(zip(("X", "gamma", "beta"), arrays(random_case(shape, seed=1))))
    report = check_gradients(
        lambda X, gamma, beta: sibling.function(X, gamma, beta, eps), inputs, train_mode=train_mode
    )
    assert report.ok, report


def test_adaptive_against_central_differences():
    rng = numpy.random.RandomState(0)
    inputs = {
        "content": np.array(rng.randn(1, 2, 3, 2), dtype="float64"),
        "style": np.array(rng.randn(1, 2, 2, 3), dtype="float64"),
    }
    report = check_gradients(adaptive_instance_norm, inputs)
    assert report.ok, report


def test_a_style_without_contrast_has_finite_gradients():
    content, style = np.random.normal(size=(1, 2, 3, 3)), np.ones((1, 2, 3, 3))
    style.attach_grad()
    with autograd.record():
        Y = adaptive_instance_norm(content, style)
    Y.backward(np.random.normal(size=Y.shape))
    assert numpy.isfinite(style.grad.asnumpy()).all()


def run(function, case, upstream, as_array):
    """Output and gradients of ``function``, as NumPy arrays of one dimension."""
    inputs = [as_array(value) for value in case]
    for array in inputs:
        array.attach_grad()
    with autograd.record():
        Y = function(*inputs)
    Y.backward(as_array(upstream))
    return [a.asnumpy().ravel() for a in (Y, *(array.grad for array in inputs))]


def mxnets_operator(sibling):
    """MXNet's own operator; under set_np() Gluon's layers of it refuse every array.

    Its group normalization takes three axes or more, and one γ and one β a *group*.
    """
    if sibling.name == "instance":
        return lambda X, g, b: mx.nd.InstanceNorm(X, g, b, eps=EPS)
    return lambda X, g, b: mx.nd.GroupNorm(
        X.reshape((*X.shape[:2], -1)), g, b, num_groups=g.shape[0], eps=EPS
    ).reshape(X.shape)


@both
@pytest.mark.parametrize("size", [1, 3])
def test_outputs_and_gradients_are_mxnets(sibling, rank, size):
    # InstanceNorm takes float32 only
    dtype, tolerance = ("float32", 2e-5) if sibling.name == "instance" else ("float64", 1e-10)
    shape = (size, *SHAPES[rank][1:])
    groups, small = sibling.groups(shape[1]), (1, shape[1]) + (1,) * (rank - 2)
    rng = numpy.random.RandomState(2)
    case, upstream = [rng.randn(*s) for s in (shape, (groups,), (groups,))], rng.randn(*shape)

    def per_group(X, gamma, beta):
        spread = (
            np.ones((groups, shape[1] // groups), dtype=dtype) * v
            for v in (gamma.reshape(-1, 1), beta.reshape(-1, 1))
        )
        return sibling.function(X, *(v.reshape(small) for v in spread), EPS)

    ours = run(per_group, case, upstream, lambda v: np.array(v, dtype=dtype))
    theirs = run(
        mxnets_operator(sibling), case, upstream, lambda v: np.array(v, dtype=dtype).as_nd_ndarray()
    )
    for mine, other in zip(ours, theirs):
        assert numpy.abs(mine - other).max() < tolerance


def test_gluons_layer_norm_takes_the_last_axis_only():
    gluons = nn.LayerNorm(epsilon=EPS)
    gluons.initialize()
    one, zero = np.ones((1, 4)), np.zeros((1, 4))
    X2 = np.random.normal(size=(3, 4))
    assert numpy.abs((gluons(X2) - layer_norm(X2, one, zero, EPS)).asnumpy()).max() < 1e-5
    X4 = np.random.normal(size=(3, 4, 5, 4))
    ours = layer_norm(X4, one.reshape(1, 4, 1, 1), zero.reshape(1, 4, 1, 1), EPS)
    assert numpy.abs((gluons(X4) - ours).asnumpy()).max() > 0.1
    rows = layer_norm(X4.reshape(-1, 4), one, zero, EPS).reshape(X4.shape)  # each row of pixels
    assert numpy.abs((gluons(X4) - rows).asnumpy()).max() < 1e-5


@both
def test_outputs_and_gradients_are_pytorchs(sibling, rank):
    torch = pytest.importorskip("torch")
    case = random_case(SHAPES[rank], seed=4)
    upstream = random_case(SHAPES[rank], seed=5)[0]
    ours = run(lambda *a: sibling.function(*a, EPS), case, upstream, lambda v: arrays([v])[0])
    x, gamma, beta = (torch.tensor(value, requires_grad=True) for value in case)
    groups = sibling.groups(x.shape[1])
    F = torch.nn.functional
    if sibling.name == "instance":
        Y = F.instance_norm(x, weight=gamma.reshape(-1), bias=beta.reshape(-1), eps=EPS)
    elif (sibling.name, rank) == ("layer", 2):
        Y = F.layer_norm(x, x.shape[1:], gamma.reshape(-1), beta.reshape(-1), EPS)
    else:
        Y = F.group_norm(x, groups, gamma.reshape(-1), beta.reshape(-1), EPS)
    Y.backward(torch.tensor(upstream))
    theirs = [Y.detach(), x.grad, gamma.grad, beta.grad]
    for mine, other in zip(ours, theirs):
        assert numpy.abs(mine - other.numpy().ravel()).max() < 1e-10
