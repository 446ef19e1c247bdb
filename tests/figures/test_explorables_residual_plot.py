"""The residual is the gradient: node's numbers are those of the package's backward pass."""

from __future__ import annotations

import javascript
import numpy
import pytest
from mxnet import autograd, np

from d2l_bn.figures.explorables.folder import folder, read_json
from d2l_bn.norms.batch_backward import batch_norm_backward

MATH = "residual_plot/math.js"
EPS = read_json(folder("residual_plot") / "data.json")["eps"]


@pytest.mark.parametrize("m", [2, 3, 12])
def test_dx_is_the_package_s(m):
    x, dy = numpy.random.RandomState(m).randn(2, m)
    for gamma, eps in ((1.0, EPS), (-1.7, 0.1)):
        (run,) = javascript.call(MATH, ("backward", x.tolist(), dy.tolist(), gamma, eps))
        column, upstream = (np.array(v[:, None], dtype="float64") for v in (x, dy))
        one = np.ones((1, 1), dtype="float64")
        with autograd.train_mode():
            expected = batch_norm_backward(upstream, column, gamma * one, 0 * one, one, eps=eps)[0]
        numpy.testing.assert_allclose(run["dx"], expected.asnumpy()[:, 0], rtol=1e-9, atol=1e-12)


def test_the_line_is_that_of_least_squares():
    x, dy = numpy.random.RandomState(0).randn(2, 9)
    (run,) = javascript.call(MATH, ("backward", x.tolist(), dy.tolist(), 1, 0))
    slope, height = numpy.polyfit(run["xHat"], dy, 1)
    numpy.testing.assert_allclose([run["slope"], run["height"]], [slope, height], rtol=1e-9)


def test_a_point_goes_where_it_is_dragged():
    x = [-1.0, 0.5, 2.0, 0.1, 0.7]
    for target in (-1.9, 0.0, 1.5):
        (value,) = javascript.call(MATH, ("moveTo", x, 2, target))
        moved = numpy.array([*x[:2], value, *x[3:]])
        assert abs((value - moved.mean()) / moved.std() - target) < 1e-9
    far, two = javascript.call(MATH, ("moveTo", x, 2, 3), ("moveTo", [1.0, 4.0], 0, 0.5))
    moved = numpy.array([*x[:2], far, *x[3:]])
    assert 1.9 < (far - moved.mean()) / moved.std() < 2  # no further than √(m − 1)
    assert two == 1.0  # of two values each is at ±1: nothing can move


def point(page, number):
    return page.one(f"[aria-label='example {number}']")


@pytest.mark.parametrize("kind", ["mouse", "touch"])  # a finger would scroll the page
def test_dragging_a_point_up_moves_the_line_and_the_arrows(figure_page, kind):
    page = figure_page("residual_plot")
    arrows = [arrow.get_attribute("d") for arrow in page.all("path[stroke='var(--red)']")]
    assert len(arrows) == 16  # residuals, and what goes back: eight each
    assert page.says.startswith("The line takes out 0.65 (shifting all) and 0.75 x̂")
    page.drag(point(page, 1), 0, -84, kind=kind)  # 42 pixels are 1
    assert point(page, 1).get_attribute("aria-valuetext").endswith("dy 1.40")
    assert page.says.startswith("The line takes out 0.90 ")  # by 2/8 higher
    after = [arrow.get_attribute("d") for arrow in page.all("path[stroke='var(--red)']")]
    assert sum(a != b for a, b in zip(arrows, after)) == 16  # one wish, and all feel it
    assert f"V{point(page, 1).get_attribute('cy')}" in after[0]  # from the line to the point
    assert "Sum of dx: 0.00" in page.says


def test_dragging_sideways_changes_the_input(figure_page):
    page = figure_page("residual_plot")
    before = point(page, 4).get_attribute("aria-valuetext")
    page.drag(point(page, 1), 60, 0, kind="touch")
    x_hat = float(point(page, 1).get_attribute("aria-valuetext")[3:8].replace("−", "-"))
    assert x_hat > -1.1
    assert point(page, 4).get_attribute("aria-valuetext") != before  # all are normalized anew


def test_wishes_that_are_in_vain(figure_page):
    page = figure_page("residual_plot")
    for label in ("the same for all", "a straight line"):
        page.button(label).click()
        assert page.says.startswith("The line explains all of dy: nothing goes back.")
        page.button("one example's only").click()
        assert "70 % of the squares" in page.says
    page.slide("m", 2)
    assert "of a batch of two nothing goes back" in page.says
    assert len(page.all("[role=slider]:not([display=none])")) == 2


def test_by_keyboard_and_shared(figure_page):
    page = figure_page("residual_plot")
    page.driver.execute_script("arguments[0].focus()", point(page, 2))
    page.keys("\ue013", "\ue013", "\ue015")  # up, up, down
    assert point(page, 2).get_attribute("aria-valuetext").endswith("dy 1.30")
    page.keys("\ue013", shift=True)  # five at once
    assert point(page, 2).get_attribute("aria-valuetext").endswith("dy 1.80")
    page.keys("\ue004")
    assert page.focused() == "example 3"
    shared = figure_page("residual_plot", address=f"#{page.address}")
    assert point(shared, 2).get_attribute("aria-valuetext").endswith("dy 1.80")
