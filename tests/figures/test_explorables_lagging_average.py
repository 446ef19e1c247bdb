"""The lagging average: its mathematics is the package's, and the page shows it."""

from __future__ import annotations

from statistics import NormalDist

import javascript
import numpy
from mxnet import autograd, np

import d2l_bn
from d2l_bn.figures.explorables.folder import folder, read_json
from d2l_bn.norms.running_average import running_average

MATH = "lagging_average/math.js"
DATA = read_json(folder("lagging_average") / "data.json")


def test_the_average_is_the_package_s():
    values = numpy.random.RandomState(0).randn(50).tolist()
    (found,) = javascript.call(MATH, ("follow", values, 0.9))
    average, expected = 0.0, []
    for value in values:
        average = running_average(average, value, 0.9)
        expected.append(average)
    numpy.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_accuracy_is_that_of_the_package_s_layer_on_many_images():
    """Two classes by their quantiles, normalized in prediction mode, told apart at 0."""
    count, errors = 2001, [0.0, 0.3, -0.8, 2.0]
    normal = [NormalDist().inv_cdf(i / count) for i in range(1, count)]
    classes = numpy.repeat([-1.0, 1.0], count - 1)
    X = np.array((classes + 0.5 * numpy.tile(normal, 2))[:, None])  # (images, 1), centre 0
    X = X.astype("float32")
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    found = javascript.call(MATH, *[("accuracy", error, 0.5) for error in errors])
    for error, accuracy in zip(errors, found):
        with autograd.predict_mode():
            Y = d2l_bn.batch_norm(X, one, zero, zero + error, one)[0].asnumpy()[:, 0]
        assert abs(((Y > 0) == (classes > 0)).mean() - accuracy) < 2e-3


def test_the_drift_follows_the_lesson_s_rule():
    (found,) = javascript.call(MATH, ("centres", DATA["push"], 0.08))
    centre, speed, expected = 0.0, 0.0, []
    for t, push in enumerate(DATA["push"]):
        speed = 0.8 * speed + (0.08 if t < 150 else 0.004) * push
        centre += speed
        expected.append(centre)
    numpy.testing.assert_allclose(found, expected, rtol=1e-9)


def test_what_the_figure_proves():
    """A short memory is better while the centre runs, a long one where it stays."""

    def accuracy(m):
        (run,) = javascript.call(MATH, ("simulate", DATA, m, 0.08, 2))
        return numpy.mean(run["accuracy"][:150]), numpy.mean(run["accuracy"][200:])

    quick, slow = accuracy(0.5), accuracy(0.9)
    assert quick[0] > slow[0] + 0.02
    assert slow[1] > quick[1] + 0.005


def test_dragging_along_the_curves_and_arrow_keys(figure_page):
    page = figure_page("lagging_average", batch=1)
    plot = page.one("svg [role=slider]")
    page.drag(plot, 100, 0, start=(0, 0))
    batch = int(plot.get_attribute("aria-valuenow"))
    assert 190 < batch < 230  # the middle is 150
    assert f"After batch {batch} " in page.says
    assert f"The two classes after batch {batch}" in page.drawn
    page.keys("\ue014", "\ue014", "\ue012")  # right, right, left
    assert plot.get_attribute("aria-valuenow") == str(batch + 1)
    assert page.address == f"lagging_average:batch={batch + 1}"


def test_a_finger_drags_as_a_mouse_does(figure_page):
    page = figure_page("lagging_average", width=380)
    plot = page.one("svg [role=slider]")
    page.drag(plot, -60, 0, kind="touch")
    assert int(plot.get_attribute("aria-valuenow")) < 130


def test_average_and_accuracy_move_with_the_sliders(figure_page):
    page = figure_page("lagging_average", rate=0.0)
    assert "98 % of the test images" in page.says
    page.slide("rate", 0.2)
    page.slide("m", 0.99)
    assert "98 %" not in page.says.split("Large")[0]
    page.slide("size", 3)  # a position of the logarithmic slider: 2 ** 3
    assert page.one("input[name=size]").get_attribute("aria-valuetext") == "8"
