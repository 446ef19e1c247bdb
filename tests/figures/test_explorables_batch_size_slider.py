"""The slider of the batch size: what comes out of a value is what the package's layer gives."""

from __future__ import annotations

import javascript
import numpy
import pytest
from mxnet import autograd, np

import d2l_bn
from d2l_bn.figures.explorables.folder import folder, read_json

MATH = "batch_size_slider/math.js"
DATA = read_json(folder("batch_size_slider") / "data.json")
XS = numpy.linspace(-3, 3, 13)


def of_the_layer(m, batch):
    """For each x: what the layer makes of it in training, in a batch with m - 1 others."""
    others = numpy.array(DATA["others"][batch][: m - 1])
    columns = numpy.vstack([XS, numpy.repeat(others[:, None], len(XS), axis=1)])  # (m, 13)
    one, zero = (np.full((1, len(XS)), value, dtype="float64") for value in (1, 0))
    with autograd.train_mode():
        Y = d2l_bn.batch_norm(np.array(columns, dtype="float64"), one, zero, zero, one)[0]
    return Y[0].asnumpy()


@pytest.mark.parametrize("m", [1, 2, 4, 256])
def test_the_curve_and_the_example_are_the_layer_s(m):
    others = DATA["others"][3][: m - 1]
    curve, *outputs = javascript.call(
        MATH,
        ("curve", XS.tolist(), others, DATA["eps"]),
        *[("output", x, others, DATA["eps"]) for x in XS],
    )
    numpy.testing.assert_allclose(curve, of_the_layer(m, 3), rtol=1e-6, atol=1e-9)
    numpy.testing.assert_allclose(outputs, of_the_layer(m, 3), rtol=1e-6, atol=1e-9)


def test_no_value_is_further_out_than_the_limit():
    for m in (2, 5, 9):
        out, limit = javascript.call(MATH, ("output", 1e6, [0] * (m - 1), 0), ("limit", m))
        assert abs(out - limit) < 1e-9


def test_what_the_figure_proves():
    """The more values share a mean, the nearer is what comes out to what prediction gives."""

    def distance(m):
        """From the straight line, root mean square over the eight batches and all x."""
        curves = javascript.call(
            MATH,
            *[("curve", XS.tolist(), others[: m - 1], DATA["eps"]) for others in DATA["others"]],
        )
        return numpy.sqrt(numpy.mean((numpy.array(curves) - XS) ** 2))

    distances = [distance(m) for m in (1, 2, 4, 16, 256)]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 0.1 and distances[0] > 1.8


def test_the_batch_that_is_drawn_is_the_one_that_is_computed(figure_page):
    page = figure_page("batch_size_slider", m=4, x=1.5, batch=2)
    assert len(page.all("circle")) == 3  # and the diamond
    expected = of_the_layer(4, 1)[XS == 1.5].item()
    assert f"x = 1.50 comes out as {expected:.2f};" in page.says


def test_a_batch_of_one_two_and_many(figure_page):
    page = figure_page("batch_size_slider", m=1)
    assert page.says.startswith("A batch of one: the value is its own mean, and x̂ is 0")
    assert "√(m − 1)" not in page.drawn
    page.slide("m", 1)  # a position of the logarithmic slider: 2 ** 1
    assert page.says.startswith("A batch of two: x̂ is +1 or −1.")
    page.slide("m", 8)
    assert page.one("input[name=m]").get_attribute("aria-valuetext") == "256"
    assert "comes out as 1.47; in the eight batches as anything from 1.44 to 1.62" in page.says


def test_dragging_the_example(figure_page):
    page = figure_page("batch_size_slider", width=380, x=0.0)
    handle = page.one("svg [role=slider]")
    page.drag(handle, -80, 0, kind="touch")
    x = float(handle.get_attribute("aria-valuenow"))
    assert -2.2 < x < -1.2
    page.keys("\ue012")  # left
    assert float(handle.get_attribute("aria-valuenow")) == pytest.approx(x - 0.1)
    assert page.address == f"batch_size_slider:x={x - 0.1:.1f}"
    assert f"so x = −{0.1 - x:.2f} comes out" in page.says


def test_arrow_keys_step_through_whole_sizes(figure_page):
    page = figure_page("batch_size_slider", m=1)
    slider = page.one("input[name=m]")
    page.driver.execute_script("arguments[0].focus()", slider)
    seen = []
    for _ in range(10):
        page.keys("\ue014")  # right
        seen.append(int(slider.get_attribute("aria-valuetext")))
    assert seen == list(range(2, 12))
    assert page.address == "batch_size_slider:m=11"
    page.keys(*["\ue014"] * 40)
    assert slider.get_attribute("aria-valuetext") == "256"


def test_another_batch_is_another_curve(figure_page):
    page = figure_page("batch_size_slider")
    before = page.says
    page.slide("batch", 5)
    assert page.says != before
    assert before.split(";")[1] == page.says.split(";")[1]  # the eight are the same eight
