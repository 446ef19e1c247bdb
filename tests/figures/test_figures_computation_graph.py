"""The graph of batch normalization: its arrows are the uses in the code, and no text is cut off."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from d2l_bn import figures
from d2l_bn.figures.chinese import in_chinese, words_of
from d2l_bn.figures.computation_graph import EDGES, NODES, NOW, REACHED
from d2l_bn.figures.style import CODE, VERMILION

BEFORE_CENTRED = ["Y", "gamma", "beta", "X_hat", "inverse", "var", "squares"]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def boxes(ax):
    return {p.get_label(): p for p in ax.patches if isinstance(p, FancyBboxPatch)}


def arrows(ax):
    return [p for p in ax.patches if isinstance(p, FancyArrowPatch)]


def colours(ax):
    return {name: to_hex(box.get_facecolor()).upper() for name, box in boxes(ax).items()}


def test_following_the_arrows_computes_batch_normalization():
    steps = {
        "mean": lambda x: x.mean(),
        "centred": lambda x, mean: x - mean,
        "squares": lambda centred: centred**2,
        "var": lambda squares: squares.mean(),
        "inverse": lambda var: 1 / np.sqrt(var + 1e-5),
        "X_hat": lambda centred, inverse: centred * inverse,
        "Y": lambda x_hat, gamma, beta: gamma * x_hat + beta,
    }
    x = np.array([1.0, 2.0, 4.0])
    values = {"X": x, "gamma": 3.0, "beta": -1.0}
    for name, step in steps.items():
        values[name] = step(*(values[source] for source, target in EDGES if target == name))
    expected = 3 * (x - x.mean()) / np.sqrt(x.var() + 1e-5) - 1
    assert values.keys() == NODES.keys()
    assert values["Y"] == pytest.approx(expected)


def test_each_box_once_and_an_arrow_for_each_use():
    ax = figures.draw_batch_norm_graph()
    assert boxes(ax).keys() == NODES.keys()
    assert len(arrows(ax)) == len(EDGES)


def test_backward_turns_the_arrows_and_lights_those_that_bring_the_gradient():
    ax = figures.draw_batch_norm_graph(BEFORE_CENTRED, now="centred")
    bright = [a for a in arrows(ax) if to_hex(a.get_edgecolor()).upper() == VERMILION]
    assert len(bright) == 2  # from x̂ and from the squares
    for arrow in bright:
        _, (head_x, _) = arrow._posA_posB
        assert abs(head_x - NODES["centred"][0]) <= NODES["centred"][3]
    found = colours(ax)
    assert found["centred"] == NOW and {found[name] for name in BEFORE_CENTRED} == {REACHED}
    assert found["X"] not in (NOW, REACHED)


def test_a_gradient_that_is_not_known_yet_cannot_be_used():
    with pytest.raises(ValueError, match="'squares' first"):
        figures.draw_batch_norm_graph(["Y", "X_hat"], now="centred")
    with pytest.raises(ValueError, match="'x_hat'"):
        figures.draw_batch_norm_graph(["x_hat"])


@pytest.mark.parametrize("arguments", [(), (BEFORE_CENTRED, "centred")])
def test_formulas_fit_their_boxes_and_nothing_is_clipped(arguments):
    ax = figures.draw_batch_norm_graph(*arguments)
    ax.figure.canvas.draw()
    width, height = ax.figure.canvas.get_width_height()
    for text in ax.texts:
        extent = text.get_window_extent()
        assert extent.x0 > 0 and extent.y0 > 0 and extent.x1 < width and extent.y1 < height
    formulas = {text.get_text(): text.get_window_extent() for text in ax.texts}
    for name, (_, _, formula, _) in NODES.items():
        box, extent = boxes(ax)[name].get_window_extent(), formulas[formula]
        assert box.x0 < extent.x0 and extent.x1 < box.x1, name
        assert box.y0 < extent.y0 and extent.y1 < box.y1, name


def test_names_of_arrays_are_not_translated():
    ax = figures.draw_batch_norm_graph()
    names = {text.get_text() for text in ax.texts if text.get_gid() == CODE}
    assert {"X", "squares", "mean", "Y"} <= names
    assert not names & set(words_of(ax.figure))
    with in_chinese(ax.figure, lambda text: "平方"):
        assert names <= {text.get_text() for text in ax.texts}
