"""The axis collapser: shapes, sets, means and code are NumPy's and the package's, always."""

from __future__ import annotations

from itertools import product

import javascript
import numpy
from mxnet import np

from d2l_bn.figures import index_sets
from d2l_bn.figures.explorables.folder import folder, read_json
from d2l_bn.norms.group import group_norm
from d2l_bn.norms.instance import instance_norm
from d2l_bn.norms.layer import layer_norm

MATH = "axis_collapser/math.js"
DATA = read_json(folder("axis_collapser") / "data.json")
SHAPE = tuple(DATA["shape"])
X = numpy.array(DATA["values"], dtype="float64").reshape(SHAPE)
SETTINGS = [
    {"N": n, "C": c, "H": h, "W": w, "keepdims": keep}
    for n, h, w, keep in product((False, True), repeat=4)
    for c in ("keep", "mean", "groups")
]
BATCH = {"N": True, "C": "keep", "H": True, "W": True, "keepdims": True}


def test_the_code_that_is_shown_runs_and_says_the_truth():
    for state, lines in zip(
        SETTINGS, javascript.call(MATH, *[("code", SHAPE, s) for s in SETTINGS])
    ):
        names = {"X": np.array(X)}
        for line in lines:
            if "==" in line:
                assert eval(line, names), (state, line)
            else:
                exec(line, names)


def test_sets_and_means_are_those_of_the_package():
    views = javascript.call(MATH, *[("view", SHAPE, state) for state in SETTINGS])
    sets = javascript.call(MATH, *[("sets", v["shape"], v["axes"]) for v in views])
    means = javascript.call(MATH, *[("means", DATA["values"], numbers) for numbers in sets])
    for view, numbers, found in zip(views, sets, means):
        expected = index_sets(tuple(view["shape"]), axes=tuple(view["axes"]))
        numpy.testing.assert_array_equal(numpy.reshape(numbers, view["shape"]), expected)
        mean = X.reshape(view["shape"]).mean(axis=tuple(view["axes"]))
        numpy.testing.assert_allclose(found, mean.reshape(-1), rtol=1e-12)


def test_each_preset_is_what_the_normalizer_subtracts():
    """Adding a constant to one set changes nothing behind the normalizer of that name."""
    one, zero = np.ones((1, 4, 1, 1)), np.zeros((1, 4, 1, 1))
    normalizers = {
        "layer": lambda x: layer_norm(x, one, zero),
        "instance": lambda x: instance_norm(x, one, zero),
        "group": lambda x: group_norm(x, one, zero, num_groups=2),
    }
    families = javascript.call(MATH, *[("family", state) for state in SETTINGS])
    assert set(families) == {None, "batch", *normalizers}
    views = javascript.call(MATH, *[("view", SHAPE, state) for state in SETTINGS])
    sets = javascript.call(MATH, *[("sets", v["shape"], v["axes"]) for v in views])
    for family, numbers in zip(families, sets):
        if family in normalizers:
            x = numpy.random.RandomState(0).randn(*SHAPE).astype("float32")
            moved = x + 5 * (numpy.reshape(numbers, SHAPE) == 1).astype("float32")
            layer = normalizers[family]
            difference = layer(np.array(x)) - layer(np.array(moved))
            assert numpy.abs(difference.asnumpy()).max() < 1e-4, family
    assert javascript.call(MATH, ("family", BATCH)) == ["batch"]


def test_what_the_subtraction_does_is_what_numpy_does():
    views = javascript.call(MATH, *[("view", SHAPE, state) for state in SETTINGS])
    cases = [(v["shape"], v["axes"], s["keepdims"]) for v, s in zip(views, SETTINGS)]
    found = javascript.call(MATH, *[("subtraction", *case) for case in cases])
    for (shape, axes, keepdims), outcome in zip(cases, found):
        x = numpy.random.RandomState(1).randn(*shape)
        right = x - x.mean(axis=tuple(axes), keepdims=True)
        try:
            result = x - x.mean(axis=tuple(axes), keepdims=keepdims)
            expected = "right" if numpy.allclose(result, right) else "wrong"
        except ValueError:
            expected = "error"
        assert outcome == expected, (shape, axes, keepdims)
    assert set(found) == {"right", "wrong", "error"}


def written(page) -> list[str]:
    """The means that are drawn."""
    return [text for text in page.drawn if "." in text]


def test_pressing_axes_leaves_the_means_of_the_channels(figure_page):
    page = figure_page("axis_collapser")
    assert page.drawn.count("7") == DATA["values"].count(7)
    for axis in "NHW":
        page.button(axis).click()
    assert written(page) == [f"{mean:.2f}" for mean in X.mean(axis=(0, 2, 3))]
    assert "mean = X.mean(axis=(0, 2, 3), keepdims=True)" in page.one("pre").text
    assert "mean.shape == (1, 4, 1, 1)" in page.one("pre").text
    assert page.says.startswith("4 means, each of 16 values. That is the mean of batch")
    assert page.button("batch").get_attribute("aria-pressed") == "true"
    assert page.address == "axis_collapser:N=1&H=1&W=1"


def test_without_keepdims_the_means_lie_down_in_a_row(figure_page):
    def places(page):
        texts = [text for text in page.all("svg text") if "." in text.text]
        return [(text.rect["x"], text.rect["y"]) for text in texts]

    kept = places(figure_page("axis_collapser", N=True, H=True, W=True))
    page = figure_page("axis_collapser", N=True, H=True, W=True, keepdims=False)
    packed = places(page)
    assert packed[1][0] - packed[0][0] < kept[1][0] - kept[0][0] - 50
    assert "runs, and is wrong" in page.says and "of C along W" in page.says
    layer = figure_page("axis_collapser", C="mean", H=True, W=True)
    (first, second) = places(layer)
    assert first[0] == second[0] and second[1] > first[1] + 50  # one below the other
    layer.button("keepdims").click()
    (first, second) = places(layer)
    assert first[1] == second[1]  # side by side
    assert "fails: shapes (2, 4, 2, 4) and (2,) do not fit" in layer.says


def test_by_keyboard(figure_page):
    page = figure_page("axis_collapser")
    page.driver.execute_script("arguments[0].focus()", page.button("N"))
    page.keys(" ", "\ue004", "\ue004", " ")  # press, tab, tab, press
    assert page.focused() == "half of C"
    assert page.address == "axis_collapser:N=1&C=groups"
    page.keys(" ")
    assert page.address == "axis_collapser:N=1"
