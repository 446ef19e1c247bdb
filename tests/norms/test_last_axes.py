"""Layer and RMS normalization over the last axes: ONNX's cases, PyTorch's values, gradients."""

import numpy
import pytest
from mxnet import autograd, np, npx

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms.elementwise_layer import (
    ElementwiseLayerNorm,
    elementwise_layer_norm,
    layer_statistics,
)
from d2l_bn.norms.layer import layer_norm
from d2l_bn.norms.rms import RMSNorm, rms_norm, rms_norm_backward

# The node cases of ONNX's LayerNormalization (operator set 17) and RMSNormalization (23): every
# axis of three shapes, from both ends; a large ε for the shape of rank 3.
SHAPES = {(3, 4): 1e-5, (2, 3, 5): 1e-1, (2, 3, 4, 5): 1e-5}
NODES = [
    (shape, axis, eps) for shape, eps in SHAPES.items() for axis in range(-len(shape), len(shape))
]
nodes = pytest.mark.parametrize("shape, axis, eps", NODES)


def node(shape, axis, seed=0):
    """X, W and B of a node."""
    rng = numpy.random.RandomState(seed)
    return [rng.randn(*s).astype("float32") for s in (shape, shape[axis:], shape[axis:])]


def layer_in_numpy(X, W, B, axis, eps):
    """The standard's own three steps: to a matrix, its rows standardized, back."""
    rows = X.astype("float64").reshape(int(numpy.prod(X.shape[: axis % X.ndim])), -1)
    mean = rows.sum(axis=1, keepdims=True) / rows.shape[1]
    inverse = 1 / numpy.sqrt(((rows - mean) ** 2).sum(axis=1, keepdims=True) / rows.shape[1] + eps)
    kept = X.shape[: axis % X.ndim] + (1,) * (X.ndim - axis % X.ndim)
    Y = ((rows - mean) * inverse).reshape(X.shape) * W + B
    return Y, mean.reshape(kept), inverse.reshape(kept)


def rms_in_numpy(X, W, axis, eps):
    X = X.astype("float64")
    axes = tuple(range(axis % X.ndim, X.ndim))
    return X / numpy.sqrt((X * X).mean(axis=axes, keepdims=True) + eps) * W


@nodes
def test_layer_normalization_of_onnx(shape, axis, eps):
    X, W, B = node(shape, axis)
    Y = elementwise_layer_norm(np.array(X), np.array(W), np.array(B), axis, eps)
    mean, inverse = layer_statistics(np.array(X), axis, eps)
    for mine, expected in zip((Y, mean, inverse), layer_in_numpy(X, W, B, axis, eps)):
        assert mine.shape == expected.shape
        numpy.testing.assert_allclose(mine.asnumpy(), expected, rtol=1e-5, atol=1e-6)


@nodes
def test_rms_normalization_of_onnx(shape, axis, eps):
    X, W, _ = node(shape, axis)
    Y = rms_norm(np.array(X), np.array(W), axis, eps)
    numpy.testing.assert_allclose(Y.asnumpy(), rms_in_numpy(X, W, axis, eps), rtol=1e-5, atol=1e-6)


@pytest.fixture(scope="module")
def cases_of_onnx():
    pytest.importorskip("onnx")
    from onnx.backend.test.case.node import collect_testcases

    return collect_testcases(None)


@pytest.mark.filterwarnings("ignore")  # of other operators' cases
@pytest.mark.parametrize("operator", ["LayerNormalization", "RMSNormalization"])
def test_the_cases_that_onnx_brings_along(cases_of_onnx, operator):
    count = 0
    for case in cases_of_onnx:
        nodes = case.model.graph.node
        if [node.op_type for node in nodes] != [operator]:  # or written out in other operators
            continue
        options = {a.name: a.f if a.name == "epsilon" else a.i for a in nodes[0].attribute}
        axis, eps = options.get("axis", -1), options.get("epsilon", 1e-5)
        for inputs, outputs in case.data_sets:
            inputs = [np.array(array) for array in inputs]
            if operator == "RMSNormalization":
                found = [rms_norm(*inputs, axis, eps)]
            else:
                found = [elementwise_layer_norm(*inputs, axis, eps)]
                found += layer_statistics(inputs[0], axis, eps)
            assert len(found) == len(outputs)
            for mine, expected in zip(found, outputs):
                assert mine.shape == expected.shape
                numpy.testing.assert_allclose(
                    mine.asnumpy(), expected, rtol=case.rtol, atol=case.atol
                )
            count += 1
    assert count == 19


@pytest.mark.parametrize("eps", [1e-5, 0.5])
@pytest.mark.parametrize("axis", [-1, -2, 0])
def test_gradients_by_central_differences(axis, eps):
    rng = numpy.random.RandomState(1)
    X = np.array(1 + rng.randn(2, 3, 4), dtype="float64")
    gamma, beta = (np.array(rng.randn(*X.shape[axis:]), dtype="float64") for _ in range(2))
    inputs = {"X": X, "gamma": gamma, "beta": beta}
    report = check_gradients(
        lambda X, gamma, beta: elementwise_layer_norm(X, gamma, beta, axis, eps), inputs
    )
    assert report.ok, report
    del inputs["beta"]
    report = check_gradients(lambda X, gamma: rms_norm(X, gamma, axis, eps), inputs)
    assert report.ok, report
    upstream = np.array(rng.randn(*X.shape), dtype="float64")
    by_hand = dict(zip(inputs, rms_norm_backward(upstream, X, gamma, axis, eps)))
    report = check_gradients(
        lambda X, gamma: rms_norm(X, gamma, axis, eps), inputs, upstream, analytic=by_hand
    )
    assert report.ok, report


def test_by_hand():
    X = np.array([[1.0, 7.0]])  # mean 4, deviation 3, root mean square 5
    gamma, beta = np.array([10.0, 1.0]), np.array([0.5, 0.0])
    layer = elementwise_layer_norm(X, gamma, beta, eps=1e-12).asnumpy()
    numpy.testing.assert_allclose(layer, [[-9.5, 1.0]], rtol=1e-6)
    numpy.testing.assert_allclose(rms_norm(X, gamma, eps=1e-12).asnumpy(), [[2, 1.4]], rtol=1e-6)


def test_without_beta_nothing_is_added():
    X, gamma = np.random.normal(size=(2, 3, 4)), np.random.normal(size=4)
    with_zero = elementwise_layer_norm(X, gamma, np.zeros(4))
    assert (elementwise_layer_norm(X, gamma) == with_zero).all()


def test_of_rows_it_is_the_layer_normalization_of_examples():
    X, gamma, beta = (np.random.normal(size=s) for s in ((5, 4), (4,), (4,)))
    expected = layer_norm(X, gamma.reshape(1, 4), beta.reshape(1, 4))
    assert (elementwise_layer_norm(X, gamma, beta) == expected).all()


def test_mxnets_operator():
    X, gamma, beta = (np.random.normal(size=s) for s in ((2, 3, 4), (4,), (4,)))
    expected = npx.layer_norm(X, gamma, beta, axis=-1, eps=1e-5)
    numpy.testing.assert_allclose(
        elementwise_layer_norm(X, gamma, beta).asnumpy(), expected.asnumpy(), atol=1e-5
    )


@pytest.mark.parametrize("shape", [(4,), (3, 4)])
def test_pytorch(shape):
    torch = pytest.importorskip("torch")
    rng = numpy.random.RandomState(2)
    x, upstream = rng.randn(2, 3, 4), rng.randn(2, 3, 4)
    for mine, theirs in (
        (ElementwiseLayerNorm(shape, eps=1e-3), torch.nn.LayerNorm(shape, eps=1e-3)),
        (RMSNorm(shape, eps=1e-3), torch.nn.RMSNorm(shape, eps=1e-3)),
    ):
        theirs = theirs.double()
        mine.initialize()
        mine.cast("float64")
        values = {"gamma": rng.randn(*shape), "beta": rng.randn(*shape)}
        for name, parameter in mine.collect_params().items():
            value = values[name.rpartition("_")[2]].reshape(parameter.shape)
            parameter.set_data(np.array(value, dtype="float64"))
        for name, parameter in zip(("gamma", "beta"), theirs.parameters()):
            parameter.data = torch.tensor(values[name])
        X, X_theirs = np.array(x, dtype="float64"), torch.tensor(x, requires_grad=True)
        X.attach_grad()
        with autograd.record():
            Y = mine(X)
        Y.backward(np.array(upstream, dtype="float64"))
        Y_theirs = theirs(X_theirs)
        Y_theirs.backward(torch.tensor(upstream))
        numpy.testing.assert_allclose(Y.asnumpy(), Y_theirs.detach().numpy(), rtol=1e-9)
        numpy.testing.assert_allclose(X.grad.asnumpy(), X_theirs.grad.numpy(), rtol=1e-6, atol=1e-9)
        for name, parameter in mine.collect_params().items():
            of = dict(zip(("gamma", "beta"), theirs.parameters()))[name.rpartition("_")[2]]
            numpy.testing.assert_allclose(
                parameter.grad().asnumpy().reshape(shape), of.grad.numpy(), rtol=1e-6, atol=1e-9
            )


def test_half_precision_computes_in_single():
    X = np.array([[300.0, 400.0]], dtype="float16")  # the squares are too large for float16
    for Y in (rms_norm(X, np.ones(2)), elementwise_layer_norm(X, np.ones(2), np.zeros(2))):
        assert str(Y.dtype) == "float16" and numpy.isfinite(Y.asnumpy()).all()


def test_rms_does_not_change_with_the_scale_of_x_and_does_with_its_mean():
    X, gamma = np.random.normal(size=(3, 8)), np.random.normal(size=8)
    Y = rms_norm(X, gamma, eps=1e-12)
    numpy.testing.assert_allclose(rms_norm(100 * X, gamma, eps=1e-12).asnumpy(), Y.asnumpy(), 1e-4)
    assert np.abs(rms_norm(X + 5, gamma) - Y).max() > 0.5


@pytest.mark.parametrize("function", [elementwise_layer_norm, rms_norm])
def test_what_is_refused(function):
    X, gamma = np.ones((2, 3, 4)), np.ones(4)
    with pytest.raises(TypeError, match="expected an mx.np array"):
        function(X.asnumpy(), gamma)
    with pytest.raises(ValueError, match=r"axis is 3 .* from -3 to 2"):
        function(X, gamma, axis=3)
    with pytest.raises(ValueError, match=r"gamma has shape \(1, 4\); expected \(4,\)"):
        function(X, gamma.reshape(1, 4))
    with pytest.raises(ValueError, match="one value over"):
        function(np.ones((2, 3, 1)), np.ones(1))
    with pytest.raises(TypeError, match="gamma has dtype float64"):
        function(X, gamma.astype("float64"))
    with pytest.raises(ValueError, match="eps"):
        function(X, gamma, eps=0.0)


@pytest.mark.parametrize("kind", [ElementwiseLayerNorm, RMSNorm])
def test_a_layer_refuses_another_shape_and_is_saved_and_loaded(kind, tmp_path):
    layer, other = kind((3, 4)), kind((3, 4))
    layer.initialize()
    with pytest.raises(ValueError, match=r"ends with \(3, 4\)"):
        layer(np.ones((2, 4, 3)))
    with pytest.raises(ValueError):
        kind(0)
    for parameter in layer.collect_params().values():
        parameter.set_data(np.random.normal(size=parameter.shape))
    layer.save_parameters(str(tmp_path / "layer"))
    other.load_parameters(str(tmp_path / "layer"))
    X = np.random.normal(size=(5, 3, 4))
    assert (layer(X) == other(X)).all()
