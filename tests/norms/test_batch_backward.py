"""The written gradient: against autograd and central differences, at every stage of the way."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layer_helpers import case
from mxnet import autograd, np

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.norms.batch import AXES, BatchNorm, batch_norm
from d2l_bn.norms.batch_backward import backward_stages, batch_norm_backward, forward_stages

EXACT = 1e-11  # float64 but for the order of operations
NUMERIC = 1e-7


def draw(shape, seed):
    return np.array(numpy.random.RandomState(seed).randn(*shape), dtype="float64")


def problem(shape, seed):
    """The arrays of the forward pass by name, and dY."""
    return case(shape, seed), draw(shape, seed + 5)


def both_forms(arrays, dY, eps, train_mode):
    """{name: gradient} in closed form, and by stages."""
    with autograd.pause(train_mode=train_mode):
        stages = forward_stages(**arrays, eps=eps)
        rest = {name: array for name, array in arrays.items() if name != "beta"}
        closed = dict(zip(("X", "gamma", "beta"), batch_norm_backward(dY, **rest, eps=eps)))
    return closed, backward_stages(dY, stages), stages


def from_autograd(arrays, dY, eps, train_mode):
    trained = {name: arrays[name].copy() for name in ("X", "gamma", "beta")}
    for array in trained.values():
        array.attach_grad()
    with autograd.record(train_mode=train_mode):
        Y = batch_norm(**{**arrays, **trained}, eps=eps)[0]
    Y.backward(dY, train_mode=train_mode)
    return Y, {name: array.grad for name, array in trained.items()}


def relative(a, b):
    scale = max(np.abs(a).max().item(), np.abs(b).max().item(), 1e-3)
    return np.abs(a - b).max().item() / scale


shapes = st.one_of(
    st.tuples(st.integers(3, 7), st.integers(1, 4)),
    st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(3, 4)),
)
problems = {
    "shape": shapes,
    "seed": st.integers(0, 2**31 - 10),
    "eps": st.sampled_from([1e-5, 1e-3, 0.5]),
    "train_mode": st.booleans(),
}


@settings(max_examples=60)
@given(**problems)
def test_both_forms_agree_with_autograd(shape, seed, eps, train_mode):
    arrays, dY = problem(shape, seed)
    closed, staged, stages = both_forms(arrays, dY, eps, train_mode)
    Y, expected = from_autograd(arrays, dY, eps, train_mode)
    assert relative(stages["Y"], Y) < EXACT
    for name, gradient in expected.items():
        assert relative(closed[name], gradient) < EXACT, name
        assert relative(staged[name], gradient) < EXACT, name
        assert closed[name].shape == staged[name].shape == arrays[name].shape


@settings(max_examples=15)
@given(**problems)
def test_both_forms_agree_with_central_differences(shape, seed, eps, train_mode):
    arrays, dY = problem(shape, seed)
    statistics = {name: arrays[name] for name in ("moving_mean", "moving_var")}
    trained = {name: arrays[name] for name in ("X", "gamma", "beta")}
    closed, staged, _ = both_forms(arrays, dY, eps, train_mode)
    for form in (closed, {name: staged[name] for name in trained}):
        report = check_gradients(
            lambda X, gamma, beta: batch_norm(X, gamma, beta, **statistics, eps=eps)[0],
            trained,
            upstream=dY,
            tolerance=NUMERIC,
            analytic=form,
            train_mode=train_mode,
        )
        assert report.ok, report


@pytest.mark.parametrize("train_mode", [True, False])
@pytest.mark.parametrize("shape", [(5, 2), (2, 2, 3, 2)])
def test_every_stage_on_the_way(shape, train_mode):
    """Move one array of the forward pass, and compute what follows from it once more."""
    eps = 1e-3
    arrays, dY = problem(shape, seed=3)
    _, gradients, v = both_forms(arrays, dY, eps, train_mode)
    axes = AXES[len(shape)]

    def rest(**moved):
        """Y, where what ``moved`` names has another value."""
        X = moved.get("X", v["X"])
        mean, var = arrays["moving_mean"], arrays["moving_var"]
        if train_mode:
            mean = X.mean(axis=axes, keepdims=True)
        mean = moved.get("mean", mean)
        centred = moved.get("centred", X - mean)
        if train_mode:
            squares = moved.get("squares", centred**2)
            var = squares.mean(axis=axes, keepdims=True)
        var = moved.get("var", var)
        inverse = moved.get("inverse", (var + eps) ** -0.5)
        X_hat = moved.get("X_hat", centred * inverse)
        Y = moved.get("gamma", v["gamma"]) * X_hat + moved.get("beta", v["beta"])
        return moved.get("Y", Y)

    assert set(gradients) == set(v) - (set() if train_mode else {"mean", "var", "inverse"})
    for name, gradient in gradients.items():
        report = check_gradients(
            rest, {name: v[name]}, dY, tolerance=NUMERIC, analytic={name: gradient}
        )
        assert report.ok, report


def test_order_of_the_stages():
    arrays, dY = problem((4, 2), seed=0)
    forward = ["mean", "centred", "squares", "var", "inverse", "X_hat", "Y"]
    _, gradients, stages = both_forms(arrays, dY, 1e-5, train_mode=True)
    assert list(stages) == ["X", "gamma", "beta", *forward]
    way_back = [name for name in gradients if name not in ("gamma", "beta")]
    assert way_back == ["Y", "X_hat", "inverse", "var", "squares", "centred", "mean", "X"]


def test_closed_form_by_hand():
    # x = -1, 1: mean 0, variance 1, and with eps = 3 the root is 2, x_hat = -1/2, 1/2
    X, dY = np.array([[-1.0], [1.0]]), np.array([[4.0], [8.0]])
    gamma, zero, one = np.array([[3.0]]), np.zeros((1, 1)), np.ones((1, 1))
    with autograd.train_mode():
        dX, dgamma, dbeta = batch_norm_backward(dY, X, gamma, zero, one, eps=3.0)
    assert dbeta.item() == 12 and dgamma.item() == 2  # -4/2 + 8/2
    # 3 / (2*2) * (2*4 - 12 + 1/2 * 2), the other one with the signs turned
    assert dX.tolist() == [[-2.25], [2.25]]
    dX, dgamma, dbeta = batch_norm_backward(dY, X, gamma, zero, one, eps=3.0)  # prediction
    assert dX.tolist() == [[6], [12]]


def test_what_the_gradient_of_the_input_lost():
    """It has no mean, and no share along x_hat (but for eps): no constant, no scale can pass."""
    arrays, dY = problem((4, 3, 5, 5), seed=1)
    closed, _, stages = both_forms(arrays, dY, 1e-12, train_mode=True)
    axes = AXES[4]
    assert np.abs(closed["X"].sum(axis=axes)).max().item() < 1e-11
    assert np.abs((closed["X"] * stages["X_hat"]).sum(axis=axes)).max().item() < 1e-9
    ones, _, _ = both_forms(arrays, np.ones_like(dY), 1e-12, train_mode=True)
    assert np.abs(ones["X"]).max().item() < 1e-12  # why sum(output) hides every mistake


def test_one_value_a_channel_gets_no_gradient():
    arrays, dY = problem((1, 3), seed=1)
    closed, staged, _ = both_forms(arrays, dY, 1e-5, train_mode=True)
    for form in (closed, staged):
        assert np.abs(form["X"]).max().item() == 0
        assert (form["beta"] == dY).all().item()


def test_float32_agrees_with_the_layer():
    layer = BatchNorm(3, num_dims=4)
    layer.initialize()
    X = draw((4, 3, 5, 5), seed=2).astype("float32")
    dY = draw((4, 3, 5, 5), seed=3).astype("float32")
    X.attach_grad()
    with autograd.record():
        Y = layer(X)
    Y.backward(dY)
    parameters = layer.gamma.data(), layer.moving_mean.data(), layer.moving_var.data()
    with autograd.train_mode():
        dX, dgamma, dbeta = batch_norm_backward(dY, X, *parameters)
    assert dX.dtype == "float32"
    for came, expected in ((dX, X.grad), (dgamma, layer.gamma.grad()), (dbeta, layer.beta.grad())):
        numpy.testing.assert_allclose(came.asnumpy(), expected.asnumpy(), rtol=1e-4, atol=1e-5)


def test_inputs_stay_and_nothing_is_recorded():
    arrays, dY = problem((4, 2), seed=0)
    before = {name: array.asnumpy() for name, array in {**arrays, "dY": dY}.items()}
    arrays["X"].attach_grad()
    dY.attach_grad()
    rest = {name: array for name, array in arrays.items() if name != "beta"}
    with autograd.record():
        stages = forward_stages(**arrays)
        gradients = backward_stages(dY, stages)
        del gradients["Y"]  # that is dY
        closed = batch_norm_backward(dY, **rest)
        assert autograd.is_recording()
    for array in (stages["Y"], *gradients.values(), *closed):
        with pytest.raises(Exception, match="not in a computational graph|not been recorded"):
            array.backward()
    for name, array in {**arrays, "dY": dY}.items():
        numpy.testing.assert_array_equal(array.asnumpy(), before[name])


@pytest.mark.parametrize(
    "change, error, words",
    [
        ({"dY": np.ones((3, 2), dtype="float64")}, ValueError, "dY has shape"),
        ({"dY": np.ones((4, 2), dtype="float32")}, TypeError, "dY has dtype float32"),
        ({"dY": None}, TypeError, "dY is None"),
        ({"gamma": np.ones((2,), dtype="float64")}, ValueError, "gamma has shape"),
        ({"X": np.ones((4, 2, 3), dtype="float64")}, ValueError, "3 axes"),
        ({"X": np.ones((4, 2), dtype="float16")}, TypeError, "float16"),
        ({"moving_var": numpy.ones((1, 2))}, TypeError, "moving_var is a numpy.ndarray"),
        ({"eps": 0}, ValueError, "eps is 0"),
    ],
)
def test_refusals(change, error, words):
    arrays, dY = problem((4, 2), seed=0)
    arguments = {**arrays, "dY": dY, "eps": 1e-5, **change}
    beta = arguments.pop("beta")
    with pytest.raises(error, match=words):
        batch_norm_backward(**arguments)
    dY = arguments.pop("dY")
    with pytest.raises(error, match=words):
        backward_stages(dY, forward_stages(**arguments, beta=beta))
