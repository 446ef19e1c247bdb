"""Two rules on a surface: node's paths are those of the package's rules, step by step."""

from __future__ import annotations

from math import cos, radians, sin

import javascript
import numpy
import pytest

from d2l_bn.descent import CONTESTANTS, AdaDelta, Adam, Momentum, Nesterov, RMSProp, descend, race
from d2l_bn.descent.surfaces import Beale, Quadratic, Rosenbrock, SaddlePoint
from d2l_bn.figures.explorables.folder import folder, read_json

NAME = "two_rules"
MATH = f"{NAME}/math.js"
DATA = read_json(folder(NAME) / "data.json")
SURFACES = {
    "valley": Quadratic((1.0, DATA["condition"])),
    "saddle": SaddlePoint(),
    "beale": Beale(),
    "rosenbrock": Rosenbrock(),
}
LABELS = {
    "descent": "gradient descent",
    "momentum": "momentum",
    "nesterov": "Nesterov",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adadelta": "AdaDelta",
    "adam": "Adam",
}
RATES = {"adagrad": 0.1, "rmsprop": 0.003, "adadelta": 0.003, "adam": 0.1}  # of the others 0.0005


class Turned:
    """A surface of the package, turned around the centre of its window."""

    def __init__(self, name, degrees):
        self.surface, self.centre = SURFACES[name], numpy.array(DATA["surfaces"][name]["centre"])
        a = radians(degrees)
        self.axes = numpy.array([[cos(a), -sin(a)], [sin(a), cos(a)]])

    def there(self, point):
        return self.centre + self.axes @ (numpy.array(point) - self.centre)

    def value(self, points):
        return self.surface.value(self.centre + (points - self.centre) @ self.axes)

    def gradient(self, point):
        return self.axes @ self.surface.gradient(self.centre + (point - self.centre) @ self.axes)


def run(surface, rule, rate, decay, steps, degrees=0):
    start = DATA["surfaces"][surface]["start"]
    choice = {"rule": rule, "rate": rate, "decay": decay}
    return ("follow", surface, DATA, degrees, choice, start, steps)


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("degrees", [0, 35])
def test_every_rule_takes_the_package_s_path(name, degrees):
    surface = Turned(name, degrees)
    rules = {rule: (make, RATES.get(rule, 5e-4)) for rule, make in LABELS.items()}
    calls = [run(name, rule, rate, 0.9, 40, degrees) for rule, (_, rate) in rules.items()]
    for (rule, (label, rate)), found in zip(rules.items(), javascript.call(MATH, *calls)):
        start = surface.there(DATA["surfaces"][name]["start"])
        path = descend(surface, CONTESTANTS[label](rate), start, 40)
        assert found["stopped"] is None
        numpy.testing.assert_allclose(
            found["points"], path.points, rtol=1e-9, atol=1e-9, err_msg=rule
        )
        numpy.testing.assert_allclose(found["values"], path.values, rtol=1e-8, atol=1e-12)


def test_the_memory_is_that_of_each_rule():
    rules = {
        "momentum": Momentum(0.01, 0.5),
        "nesterov": Nesterov(0.01, 0.5),
        "rmsprop": RMSProp(0.01, rho=0.5),
        "adadelta": AdaDelta(rho=0.5, eps=1e-4),
        "adam": Adam(0.01, beta1=0.5),
    }
    calls = [run("beale", rule, 0.01, 0.5, 40) for rule in rules]
    for rule, found in zip(rules.values(), javascript.call(MATH, *calls)):
        path = descend(Beale(), rule, Beale().start, 40)
        numpy.testing.assert_allclose(found["points"], path.points, rtol=1e-9)


def test_the_turned_valley_is_the_package_s_turned_bowl():
    bowl = Quadratic((1.0, DATA["condition"]), angle=radians(35))
    start = Turned("valley", 35).there((-4, 1))
    (found,) = javascript.call(MATH, run("valley", "adam", 0.1, 0.9, 50, 35))
    path = descend(bowl, CONTESTANTS["Adam"](0.1), start, 50)
    numpy.testing.assert_allclose(found["points"], path.points, rtol=1e-9, atol=1e-12)


def test_where_a_path_leaves_the_plane():
    (found,) = javascript.call(MATH, run("valley", "descent", 0.2, 0.9, 60))
    path = descend(SURFACES["valley"], CONTESTANTS["gradient descent"](0.2), (-4, 1), 60)
    assert f"left the plane at step {found['stopped']}:" in path.stopped
    assert len(found["points"]) == len(path.points)


def test_the_best_rates_are_those_of_the_package_s_race():
    assert DATA["rates"] == sorted(DATA["rates"]) and len(DATA["rates"]) == 16
    for name in ("valley", "rosenbrock"):
        start = DATA["surfaces"][name]["start"]
        calls = [
            ("bestRate", name, DATA, 0, {"rule": rule, "decay": 0.9}, start, 300, 1e-4)
            for rule in LABELS
        ]
        expected = race(SURFACES[name], rates=DATA["rates"], steps=300)
        rates = dict(zip(LABELS.values(), javascript.call(MATH, *calls)))
        assert rates == {label: expected[label].rate for label in LABELS.values()}


def test_what_the_figure_proves():
    """Turned by 45°, momentum needs its 86 steps again, AdaGrad thirty times as many."""
    steps = {}
    for degrees in (0, 45):
        surface = Turned("valley", degrees)
        surface.minima = [(0.0, 0.0)]
        start = surface.there((-4, 1))
        runs = race(
            surface, {key: CONTESTANTS[key] for key in ("momentum", "AdaGrad")}, start=start
        )
        steps[degrees] = {label: found.steps for label, found in runs.items()}
    assert steps[0]["momentum"] == steps[45]["momentum"] == 86
    assert steps[0]["AdaGrad"] < 10 and steps[45]["AdaGrad"] > 100


def choose(page, setting, label):
    from selenium.webdriver.support.ui import Select

    Select(page.one(f"select[name={setting}]")).select_by_visible_text(label)


def paths(page):
    return [path.get_attribute("d") for path in page.all("svg svg path.line[stroke^='var(--']")]


def test_turning_the_valley_and_the_best_rates(figure_page):
    page = figure_page(NAME)
    page.button("Best rate for both").click()
    assert "momentum: " in page.says and "of the start after 86 steps" in page.says
    assert "of the start after 5 steps" in page.says
    before = page.one("[aria-label=start]").get_attribute("cy")
    page.slide("turn", 45)
    assert page.one("[aria-label=start]").get_attribute("cy") != before  # it turns with the valley
    page.button("Best rate for both").click()
    assert "of the start after 86 steps" in page.says
    assert "of the start after 155 steps" in page.says


@pytest.mark.parametrize("kind", ["mouse", "touch"])  # a finger would scroll the page
def test_dragging_the_start(figure_page, kind):
    page = figure_page(NAME, turn=45)
    start, old = page.one("[aria-label=start]"), page.says
    before = [start.get_attribute("cx"), start.get_attribute("cy")]
    page.drag(start, 60, 90, kind=kind)
    after = [start.get_attribute("cx"), start.get_attribute("cy")]
    moved = [float(a) - float(b) for a, b in zip(after, before)]
    assert moved == pytest.approx([60, 90], abs=1)
    assert page.says != old
    page.button("The surface's own start").click()
    assert page.says == old


def test_the_start_stays_in_the_window(figure_page):
    page = figure_page(NAME, start=[-4.9, 0])
    page.driver.execute_script("arguments[0].focus()", page.one("[aria-label=start]"))
    page.keys("\ue012", shift=True)  # left by five
    assert page.one("[aria-label=start]").get_attribute("aria-valuetext") == "w₁ −5.00, w₂ 0.00"


def test_another_surface_and_another_rule(figure_page):
    page = figure_page(NAME)
    contours = page.all("svg svg path.line")[9].get_attribute("d")
    choose(page, "surface", "Beale")
    assert page.all("svg svg path.line")[9].get_attribute("d") != contours
    assert page.one("[aria-label=start]").get_attribute("aria-valuetext") == "w₁ 1.00, w₂ 1.50"
    choose(page, "rule_b", "AdaDelta")
    assert page.one("input[name=rate_b]").get_attribute("aria-valuetext") == "0.32 = √ε"
    assert "■ AdaDelta" in page.drawn
    page.slide("rate_a", 0)
    page.slide("rate_b", -3)
    assert "momentum: leaves the plane at step" in page.says
    page.slide("steps", 1)
    assert "AdaDelta: 40.9 after 1 step, not below" in page.says  # of 41.25


def test_by_keyboard_and_shared(figure_page):
    page = figure_page(NAME, surface="saddle", start=[-1.6, 0.04], steps=90)
    page.driver.execute_script("arguments[0].focus()", page.one("[aria-label=start]"))
    page.keys("\ue015")  # down, a fiftieth of the window: onto the ridge
    assert page.one("[aria-label=start]").get_attribute("aria-valuetext") == "w₁ −1.60, w₂ 0.00"
    page.slide("rate_a", -0.5)
    assert "momentum: 0.250 after 90 steps, not below" in page.says  # the saddle holds both
    assert "AdaGrad: 0.250 after 90 steps, not below" in page.says
    page.keys("\ue004")
    assert page.focused() == "surface"
    assert page.address == f"{NAME}:surface=saddle&start=-1.6,0&rate_a=-0.5&steps=90"
    says = page.says
    shared = figure_page(NAME, address=f"#{page.address}")
    assert shared.says == says
