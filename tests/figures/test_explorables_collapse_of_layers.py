"""The collapse of the layers: the distances are those of the package's own networks."""

from __future__ import annotations

import javascript
import mxnet as mx
import numpy
from mxnet import autograd

from d2l_bn.data.garments import garments
from d2l_bn.figures.explorables.folder import folder, read_json
from d2l_bn.networks.deep_network import deep_network

MATH = "collapse_of_layers/math.js"
NETWORKS = read_json(folder("collapse_of_layers") / "data.json")["networks"]
PAIRS = [(0, 0), (3, 7), (11, 11)]


def activations(normalize, depth):
    """Shirts and boots after so many layers of a network that is run here, in single precision."""
    images, labels = garments(1000)
    mx.random.seed(0)
    net = deep_network(8, 64, activation="sigmoid", rule="xavier", normalize=normalize)
    H = mx.np.array(images.reshape(1000, -1) / 255, dtype="float32")
    with autograd.train_mode():
        for layer in list(net._children.values())[: depth * (3 if normalize else 2)]:
            H = layer(H)
    H = H.asnumpy()
    return H[labels == 6], H[labels == 9]


def test_distances_are_those_of_the_package_s_networks():
    for name, normalize in (("plain", False), ("batch", True)):
        for depth in (0, 1, 4):
            shirts, boots = activations(normalize, depth)
            layer = NETWORKS[name][depth]
            found = javascript.call(MATH, *[("apart", layer, *pair) for pair in PAIRS])
            expected = [numpy.sqrt(numpy.square(shirts[i] - boots[j]).mean()) for i, j in PAIRS]
            numpy.testing.assert_allclose(found, expected, rtol=5e-3)


def test_the_typical_distance_and_the_factor():
    layer = NETWORKS["plain"][3]
    pairs = javascript.call(MATH, *[("apart", layer, i, j) for i in range(12) for j in range(12)])
    typical, first, factor = javascript.call(
        MATH,
        ("typical", layer),
        ("typical", NETWORKS["plain"][0]),
        ("factor", NETWORKS["plain"], 3),
    )
    numpy.testing.assert_allclose(typical, numpy.exp(numpy.log(pairs).mean()), rtol=1e-9)
    numpy.testing.assert_allclose(first * factor**3, typical, rtol=1e-9)


def test_digits_and_small_numbers():
    found = javascript.call(
        MATH, ("digit", 0.3), ("digit", 0.04), ("digit", 2e-6), ("short", 2.345e-5)
    )
    assert found == [1, 2, 6, "0.000023"]


def test_what_the_figure_proves():
    """Plain layers shrink and do not mix; with BN the distances stay."""
    plain, batch = ([layers[0], layers[8]] for layers in NETWORKS.values())
    right_before, right_after = javascript.call(MATH, *[("sorted", x["points"]) for x in plain])
    assert right_after > 0.8 and right_before - right_after < 0.1
    shrunk, kept = javascript.call(
        MATH, ("factor", NETWORKS["plain"], 8), ("factor", NETWORKS["batch"], 8)
    )
    assert shrunk < 0.3 and 0.9 < kept < 1.1


def spread(page, panel):
    """The width of the dots of a panel, in pixels."""
    return page.driver.execute_script(
        "const dots = [...arguments[0].querySelectorAll('svg g.moves')].map((g) =>"
        " g.getBoundingClientRect().x); const n = dots.length / 2;"
        "const some = dots.slice(arguments[1] * n, (arguments[1] + 1) * n);"
        "return Math.max(...some) - Math.min(...some)",
        page.root,
        panel,
    )


def test_the_plain_dots_fall_into_one_and_the_glass_brings_them_back(figure_page):
    page = figure_page("collapse_of_layers")
    assert spread(page, 0) > 60 and spread(page, 1) > 60
    page.slide("layer", 8)
    assert spread(page, 0) < 8 and spread(page, 1) > 60  # the two chosen dots are larger
    assert "in digit 6 after the point" in page.says
    page.button("magnify the plain dots").click()
    assert spread(page, 0) > 60
    assert "not mixed up, only small" in page.says
    assert page.address == "collapse_of_layers:layer=8&magnify=1"


def test_dragging_along_the_curves_and_keys(figure_page):
    page = figure_page("collapse_of_layers")
    plot = page.one("svg [role=slider]")
    page.drag(plot, 60, 0)
    layer = int(plot.get_attribute("aria-valuenow"))
    assert layer in (5, 6, 7)  # 4 is the middle
    assert page.says.startswith(f"After layer {layer} ")
    page.keys("\ue012", "\ue014", "\ue012")  # left, right, left
    assert plot.get_attribute("aria-valuenow") == str(layer - 1)
    page.keys("\ue004")  # tab
    assert page.focused() == "layer"


def test_a_click_on_a_dot_chooses_its_garment(figure_page):
    page = figure_page("collapse_of_layers", magnify=True, layer=1)
    before, says = page.all("svg image")[1].get_attribute("href"), page.says
    page.drag(page.all("svg g.moves circle")[12 + 4], 0, 0)  # the fifth boot of the plain network
    assert page.address == "collapse_of_layers:layer=1&boot=5&magnify=1"
    assert page.all("svg image")[1].get_attribute("href") != before
    assert page.says != says
