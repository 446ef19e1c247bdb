"""A step along the gradient: the numbers are the records', and mean what the package says."""

from __future__ import annotations

import javascript
import mxnet as mx
import numpy

from d2l_bn.diagnostics.loss_landscape import AlongGradient, along_gradient
from d2l_bn.experiments import load
from d2l_bn.figures.explorables.folder import folder, read_json
from d2l_bn.figures.explorables.step_along_gradient.data import SEEDS
from d2l_bn.networks.deep_network import deep_network

MATH = "step_along_gradient/math.js"
DATA = read_json(folder("step_along_gradient") / "data.json")
FACTORS = DATA["factors"]


def walks(activation, network):
    """All walks, seed after seed."""
    return sum(DATA["walks"][activation][network], [])


def as_walk(walk: AlongGradient) -> dict:
    """A walk of the package as the data have it."""
    return {
        "loss": walk.loss,
        "gradient": walk.gradient_norm,
        "losses": walk.losses,
        "distances": walk.gradient_distances,
    }


def test_the_promise_is_the_slope_of_the_package_s_walk():
    """For a short step what is reached is what was promised; for a long one it is not."""
    mx.random.seed(0)
    net = deep_network(2, 20, in_units=16)
    X, y = mx.np.random.normal(size=(64, 16)), mx.np.arange(64) % 10
    walk = along_gradient(net, X, y, [1e-3, 1.0])
    promised, short, long, unmoved, change = javascript.call(
        MATH,
        ("promised", as_walk(walk), 1e-3),
        ("kept", as_walk(walk), 1, 1e-3),
        ("kept", as_walk(walk), 2, 1.0),
        ("change", as_walk(walk), 0),
        ("change", as_walk(walk), 2),
    )
    numpy.testing.assert_allclose(promised, walk.loss - 1e-3 * walk.gradient_norm**2, rtol=1e-6)
    assert abs(short - 1) < 0.05 and long < 0.5
    numpy.testing.assert_allclose([unmoved, change], [0, walk.predictiveness[1]], rtol=1e-6)


def test_the_walks_are_those_of_the_records():
    for activation in ("relu", "sigmoid"):
        for name, network in (("plain", "none"), ("batch", "batch")):
            losses = load.stacked(
                "landscape",
                "losses_along_gradient",
                activation=activation,
                network=network,
                lr_factor=1,
            )[:SEEDS]
            starts = load.stacked(
                "landscape", "batch_loss", activation=activation, network=network, lr_factor=1
            )[:SEEDS]
            calls = [("rises", walks(activation, name), stop) for stop in range(1, 6)]
            expected = (losses > starts[..., None]).sum(axis=(0, 1))
            assert javascript.call(MATH, *calls) == expected.tolist()


def test_median_and_nearest_stop():
    found = javascript.call(
        MATH,
        ("median", [3, 1, 2]),
        ("median", [4, 1, 3, 2]),
        *[("nearest", FACTORS, x) for x in (-1, 0.1, 0.2, 1.4, 9)],
    )
    assert found == [2, 2.5, 0, 0, 1, 3, 5]


def test_what_the_figure_proves():
    """At twice the rate BN leads down always with ReLU, and up mostly with sigmoids."""
    relu, sigmoid = (
        javascript.call(MATH, ("rises", walks(a, "plain"), 4), ("rises", walks(a, "batch"), 4))
        for a in ("relu", "sigmoid")
    )
    assert relu == [14, 0]
    assert sigmoid[0] < 5 and sigmoid[1] > 12


def test_moving_eta(figure_page):
    page = figure_page("step_along_gradient", stop=0)
    assert page.says.startswith("This is where both walks begin")
    page.slide("stop", 4)
    assert page.says.startswith("η = 0.2, 2 times the learning rate.")
    assert "this η leads up in 14 without BN and in 0 with it" in page.says
    assert "and there is 0.85 more. With BN" in page.says
    page.button("sigmoid").click()
    assert page.says.startswith("η = 2, 2 times") and "leads up in 3 without" in page.says
    assert page.address == "step_along_gradient:stop=4&activation=sigmoid"


def test_dragging_along_either_curve_and_keys(figure_page):
    for width in (1000, 380):
        page = figure_page("step_along_gradient", width=width)
        for hold in page.all("svg [role=slider]"):
            to_the_end = hold.rect["width"] / 2 - 2
            page.drag(hold, to_the_end, 0, kind="touch" if width == 380 else "mouse")
            assert hold.get_attribute("aria-valuetext") == "η = 0.4"
            page.keys("\ue012")  # left
            assert hold.get_attribute("aria-valuetext") == "η = 0.2"
        page.keys("\ue004")
        assert page.focused() == "ReLU"
