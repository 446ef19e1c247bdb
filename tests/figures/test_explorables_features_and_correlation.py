"""Two features: node's Hessian, limit and path are those of the package's least squares."""

from __future__ import annotations

import javascript
import numpy
import pytest

from d2l_bn.descent import GradientDescent, descend
from d2l_bn.descent.surfaces import LeastSquares
from d2l_bn.figures.explorables.folder import folder, read_json

NAME = "features_and_correlation"
MATH = f"{NAME}/math.js"
DATA = read_json(folder(NAME) / "data.json")
CASES = [((1, 2), 0.0), ((0.75, 3), 0.6), ((2.2, 1.3), -0.95)]


def of_package(scales, rho):
    (X,) = javascript.call(MATH, ("features", DATA["base"], scales, rho))
    return LeastSquares(X, numpy.array(X) @ DATA["best"])


@pytest.mark.parametrize("scales, rho", CASES)
def test_the_features_are_as_asked(scales, rho):
    X = of_package(scales, rho).X
    numpy.testing.assert_allclose(X.std(axis=0), scales, rtol=1e-3)
    assert abs(numpy.corrcoef(X.T)[0, 1] - rho) < 1e-3


@pytest.mark.parametrize("scales, rho", CASES)
def test_the_hessian_and_the_limit_are_the_package_s(scales, rho):
    surface = of_package(scales, rho)
    (H,) = javascript.call(MATH, ("hessian", surface.X.tolist()))
    numpy.testing.assert_allclose(H, surface.hessian, rtol=1e-9)
    (found,) = javascript.call(MATH, ("spectrum", H))
    assert found["condition"] == pytest.approx(surface.condition_number, rel=1e-9)
    assert found["limit"] == pytest.approx(surface.largest_stable_learning_rate, rel=1e-9)
    steep = [numpy.cos(found["angle"]), numpy.sin(found["angle"])]
    numpy.testing.assert_allclose(H @ numpy.array(steep), found["high"] * numpy.array(steep))


@pytest.mark.parametrize("scales, rho", CASES)
@pytest.mark.parametrize("share", [0.3, 0.95, 1.05])
def test_the_path_and_its_steps_are_the_package_s(scales, rho, share):
    surface, start = of_package(scales, rho), [-0.7, 2.5]
    rate = share * surface.largest_stable_learning_rate
    H, best = surface.hessian.tolist(), DATA["best"]
    path = descend(surface, GradientDescent(rate), start, steps=40)
    (points,) = javascript.call(MATH, ("descend", H, best, start, rate, path.steps))
    numpy.testing.assert_allclose(points, path.points, rtol=1e-9)
    goal = 0.01 * surface.value(numpy.array(start))
    whole = descend(surface, GradientDescent(rate), start, steps=3000)
    steps, few = javascript.call(
        MATH,
        ("stepsTo", 0.01, H, best, start, rate, 3000),
        ("stepsTo", 0.01, H, best, start, rate, 1),
    )
    assert steps == whole.steps_to(goal)
    assert few is None


def test_what_the_figure_proves():
    """No choice of two scales makes κ smaller than (1 + ρ)/(1 − ρ), which equal ones reach."""
    rho, ratios = 0.8, (0.25, 0.5, 0.9, 1, 1.1, 2, 4)
    hessians = [[[1, rho * r], [rho * r, r * r]] for r in ratios]
    kappas = [
        found["condition"] for found in javascript.call(MATH, *[("spectrum", H) for H in hessians])
    ]
    assert min(kappas) == kappas[3] == pytest.approx((1 + rho) / (1 - rho))


def handle(page, name):
    return page.one(f"[role=slider][aria-label='{name}']")


@pytest.mark.parametrize("kind", ["mouse", "touch"])  # a finger would scroll the page
def test_dragging_an_edge_moves_contours_limit_and_path(figure_page, kind):
    page = figure_page(NAME)
    assert "1.00 and 4.00: κ = 4.00" in page.says and "2/λmax = 0.500" in page.says
    flat, steep = (float(page.all("ellipse")[0].get_attribute(key)) for key in ("ry", "rx"))
    path = page.all("svg svg path")[0].get_attribute("d")
    page.drag(handle(page, "deviation of x₂"), 0, -100, kind=kind)
    assert page.one("input[name=second]").get_attribute("value") == "3"  # no further
    assert "1.00 and 9.00: κ = 9.00" in page.says
    assert "η = 0.400 is beyond it: along the steep direction each step is 2.6" in page.says
    contour = page.all("ellipse")[0]
    assert float(contour.get_attribute("ry")) == pytest.approx(flat)  # the other is as it was
    assert float(contour.get_attribute("rx")) == pytest.approx(steep * 2 / 3, rel=1e-3)
    assert page.all("svg svg path")[0].get_attribute("d") != path


def test_dragging_the_correlation_and_the_start(figure_page):
    page = figure_page(NAME, second=1.0)
    page.drag(handle(page, "correlation ρ"), 0, 30)
    rho = float(page.one("input[name=rho]").get_attribute("value"))
    assert 0.4 < rho < 0.8
    kappa = float(page.says.split("κ = ")[1].split(",")[0])
    assert kappa == pytest.approx((1 + rho) / (1 - rho), rel=0.01)
    turned = page.all("ellipse")[0].get_attribute("transform")
    assert float(turned[7:].split()[0]) == pytest.approx(-45, abs=0.1)
    page.drag(handle(page, "start of the path"), 100, -50)
    assert page.all("ellipse")[0].get_attribute("transform") == turned
    assert handle(page, "start of the path").get_attribute("aria-valuetext") != "w₁ −0.70, w₂ −0.30"


def test_the_limit_is_sharp_and_standardizing_leaves_the_correlation(figure_page):
    page = figure_page(NAME, second=3.0, rho=0.8)
    page.button("1 % above").click()
    assert "each step is 1.02 times the one before. The path diverges." in page.says
    page.button("1 % below the limit").click()
    assert "the loss is down to 1 % after" in page.says
    page.button("standardized").click()
    assert "κ = 9.00" in page.says
    page.button("whitened: ρ = 0, too").click()
    page.button("2/(λmax + λmin)").click()
    assert "κ = 1.00" in page.says and "after 1 step." in page.says
    page.slide("rate", 2)
    assert "η = 2.00 is the limit" in page.says


def test_by_keyboard_and_shared(figure_page):
    page = figure_page(NAME)
    page.driver.execute_script("arguments[0].focus()", handle(page, "deviation of x₁"))
    page.keys("\ue014", "\ue014", "\ue012")  # right, right, left
    assert page.one("input[name=first]").get_attribute("value") == "1.05"
    page.keys("\ue004")
    assert page.focused() == "deviation of x₂"
    page.keys("\ue004")
    page.keys("\ue015", shift=True)  # down by five: the left end of the line goes down
    assert page.address == f"{NAME}:first=1.05&rho=0.1"
    says = page.says
    assert figure_page(NAME, address=f"#{page.address}").says == says
