"""Paths on contours: proportions, minima, and where Nesterov looks."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from d2l_bn import figures
from d2l_bn.descent import GradientDescent, Momentum, descend
from d2l_bn.descent.surfaces import Quadratic, SaddlePoint

BOWL = Quadratic((1.0, 20.0))
PATHS = {
    "plain": descend(BOWL, GradientDescent(0.09), (-4, 1), 30),
    "momentum": descend(BOWL, Momentum(0.03), (-4, 1), 20),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_true_proportion_draws_a_unit_alike_on_both_axes():
    wide = Quadratic((1.0, 20.0), y_range=(-9.0, 9.0))
    units = []
    for true_proportion in (False, True):
        ax = figures.draw_paths(wide, PATHS, true_proportion=true_proportion)
        ax.figure.canvas.draw()
        units.append(ax.transData.transform((1, 1)) - ax.transData.transform((0, 0)))
    assert units[0][0] > 1.5 * units[0][1]
    assert units[1][0] == pytest.approx(units[1][1])


def test_the_look_ahead_ends_where_the_rules_do():
    w, v = np.array([-3.0, 1.2]), np.array([-1.0, 0.5])
    axes = figures.draw_look_ahead(BOWL, w, v, learning_rate=0.02, decay=0.9)
    momentum, _ = Momentum(0.02, 0.9).step(w, BOWL.gradient(w), v, 1)
    ahead = w - 0.9 * v
    nesterov = ahead - 0.02 * BOWL.gradient(ahead)
    for ax, expected, ring in zip(axes, (momentum, nesterov), (w, ahead)):
        marks = {line.get_marker(): line.get_xydata()[0] for line in ax.lines}
        np.testing.assert_allclose(marks["s"], expected)
        np.testing.assert_allclose(marks["o"], ring)


def test_every_minimum_is_marked_and_named_once():
    ax = figures.draw_paths(SaddlePoint(), {"a": descend(SaddlePoint(), Momentum(0.1), (1, 1), 3)})
    stars = [line for line in ax.lines if line.get_marker() == "*"]
    assert len(stars) == 2
    assert [text.get_text() for text in ax.get_legend().get_texts()].count("minimum") == 1
