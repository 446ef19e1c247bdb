"""Central differences: right gradients pass, wrong ones are named entry by entry."""

import numpy
import pytest
from mxnet import autograd, np, npx

from d2l_bn.diagnostics.gradient_check import check_gradients, numeric_gradient


def array(*values):
    return np.array(values, dtype="float64")


def square(x):
    return x * x


def test_numeric_gradient_by_hand():
    x, dY = array(1.0, -2.0, 3.0), array(1.0, 10.0, -1.0)
    gradient = numeric_gradient(lambda x: x**2, x, dY)
    assert gradient.dtype == numpy.float64 and gradient.shape == (3,)
    assert numpy.abs(gradient.asnumpy() - [2.0, -40.0, -6.0]).max() < 1e-9


def test_numeric_gradient_of_a_matrix_product():
    rng = numpy.random.RandomState(1)
    A, x, dY = (np.array(rng.randn(*s), dtype="float64") for s in ((4, 3), (3, 2), (4, 2)))
    gradient = numeric_gradient(lambda x: np.dot(A, x), x, dY)
    assert numpy.abs((gradient - np.dot(A.T, dY)).asnumpy()).max() < 1e-9


def test_differences_are_central():
    x = array(1.0)
    # (x+h)^3 - (x-h)^3 over 2h is 3 x^2 + h^2; one-sided differences would be off by 3 h.
    gradient = numeric_gradient(lambda x: x**3, x, step=1e-2)
    assert gradient.item() == pytest.approx(3 + 1e-4, abs=1e-10)


def test_nothing_is_written_to_and_the_callers_gradients_stay():
    x = array(1.0, 2.0)
    x.attach_grad()
    x.grad[:] = 7
    assert check_gradients(square, {"x": x}).ok
    assert (x.asnumpy() == [1, 2]).all() and (x.grad.asnumpy() == 7).all()


def test_several_inputs_and_all_of_the_operators_of_a_layer():
    rng = numpy.random.RandomState(2)
    X, W, b = (np.array(rng.randn(*s), dtype="float64") for s in ((4, 3), (2, 3), (2,)))
    report = check_gradients(
        lambda X, W, b: npx.sigmoid(npx.fully_connected(X, W, b, num_hidden=2)),
        {"X": X, "W": W, "b": b},
    )
    assert report.ok and list(report.errors) == ["X", "W", "b"], report
    assert all(error.relative_error < 1e-8 for error in report.errors.values())


def test_an_unused_input_has_gradient_zero_and_is_right():
    report = check_gradients(lambda x, unused: 2 * x, {"x": array(1.0), "unused": array(5.0)})
    assert report.ok and report.errors["unused"].analytic == 0


@pytest.mark.parametrize("train_mode", [True, False])
def test_the_mode_holds_for_both_sides(train_mode):
    seen = set()

    def f(x):
        seen.add(autograd.is_training())
        return x * (3.0 if autograd.is_training() else 5.0)

    report = check_gradients(f, {"x": array(1.0)}, array(1.0), train_mode=train_mode)
    assert report.ok and seen == {train_mode}
    assert report.errors["x"].numeric == pytest.approx(3.0 if train_mode else 5.0)


def test_numeric_gradient_runs_in_the_callers_mode():
    f = lambda x: x * (3.0 if autograd.is_training() else 5.0)  # noqa: E731
    with autograd.train_mode():
        assert numeric_gradient(f, array(1.0)).item() == pytest.approx(3)
    assert numeric_gradient(f, array(1.0)).item() == pytest.approx(5)


def test_report_names_the_worst_entry():
    x = array(1.0, 2.0, 3.0).reshape(3, 1)
    wrong = array(2.0, 4.0, 3.0).reshape(3, 1)  # the last should be 6
    report = check_gradients(square, {"x": x}, np.ones_like(x), analytic={"x": wrong})
    error = report.errors["x"]
    assert not report.ok
    assert (error.index, error.wrong, error.entries) == ((2, 0), 1, 3)
    assert error.analytic == 3 and error.numeric == pytest.approx(6)
    assert error.relative_error == pytest.approx(0.5)
    text = str(report)
    assert "gradient of x: WRONG in 1 of 3 entries" in text
    assert "at [2, 0]: analytic 3, numeric 6" in text and "0.5 times" in text


@pytest.mark.parametrize("bad", [numpy.nan, numpy.inf, -numpy.inf])
def test_a_gradient_that_is_not_finite_is_wrong(bad):
    x, ones = array(1.0, 2.0, 3.0), np.ones(3, dtype="float64")
    report = check_gradients(lambda x: 2 * x, {"x": x}, ones, analytic={"x": array(2.0, bad, 2.0)})
    assert not report.ok
    assert (report.errors["x"].index, report.errors["x"].wrong) == ((1,), 1)


@pytest.mark.parametrize("error, ok", [(0.5e-6, True), (2e-6, False), (-2e-6, False)])
def test_tolerance_is_relative(error, ok):
    x, ones = array(100.0), array(1.0)
    analytic = {"x": array(200.0 * (1 + error))}
    assert check_gradients(square, {"x": x}, ones, analytic=analytic).ok is ok


def test_a_small_gradient_is_judged_in_absolute_terms():
    f, x, ones = lambda x: 1e-8 * x, array(1.0), array(1.0)
    assert check_gradients(f, {"x": x}, ones, analytic={"x": array(1.05e-8)}).ok
    assert not check_gradients(f, {"x": x}, ones, analytic={"x": array(2e-8)}).ok


def test_default_upstream_shows_what_ones_hide():
    def softmax(x):
        return npx.softmax(x, axis=-1)

    x, zero = array(0.1, 0.7, -0.4), {"x": np.zeros(3, dtype="float64")}
    assert check_gradients(softmax, {"x": x}, np.ones(3, dtype="float64"), analytic=zero).ok
    assert not check_gradients(softmax, {"x": x}, analytic=zero).ok


@pytest.mark.parametrize(
    "call, exception, words",
    [
        (lambda: numeric_gradient(abs, np.ones(2)), TypeError, "x has dtype float32; expected"),
        (lambda: numeric_gradient(abs, [1.0]), TypeError, "x is a list; expected"),
        (lambda: numeric_gradient(abs, array(1, 2)), ValueError, "dY is missing"),
        (lambda: numeric_gradient(abs, array(1, 2), array(1)), ValueError, r"\(1,\).*\(2,\)"),
        (lambda: numeric_gradient(abs, array(1), step=0), ValueError, "step is 0"),
        (lambda: numeric_gradient(abs, array(1), step=numpy.nan), ValueError, "step is nan"),
        (lambda: check_gradients(abs, {"x": np.ones(2)}), TypeError, "x has dtype float32"),
        (lambda: check_gradients(lambda x: (x, x), {"x": array(1)}), TypeError, "tuple of 2"),
        (lambda: check_gradients(square, {"x": array(1)}, array(1, 2)), ValueError, "upstream"),
        (
            lambda: check_gradients(lambda x: x, {"x": array(1)}, analytic={"y": array(1)}),
            ValueError,
            "no input 'y'; the inputs are x",
        ),
        (
            lambda: check_gradients(lambda x: x, {"x": array(1)}, analytic={"x": array(1, 2)}),
            ValueError,
            r"the gradient of x has shape \(2,\) and x \(1,\)",
        ),
        (
            lambda: check_gradients(
                lambda x: x, {"x": array(1, 2)}, analytic={"x": array(1, 1).reshape(2, 1)}
            ),
            ValueError,
            r"the gradient of x has shape \(2, 1\) and x \(2,\).*reshape it",
        ),
    ],
)
def test_errors_name_what_came(call, exception, words):
    with pytest.raises(exception, match=words):
        call()
