"""Lines, bands and dots over seeds: each at the numbers that were given."""

import matplotlib

matplotlib.use("Agg")

import numpy
import pytest
from matplotlib import pyplot as plt

from d2l_bn import figures
from d2l_bn.figures.intervals import over_seeds

STEPS = [0, 20, 40]
ONE = numpy.array([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]])  # two seeds


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def reach(shade):
    """The lowest and the highest y of a shade at each x."""
    path = shade.get_paths()[0].vertices
    return {x: (path[path[:, 0] == x, 1].min(), path[path[:, 0] == x, 1].max()) for x in STEPS}


MARGIN = 12.7062  # Student's t for two seeds that are 2 apart: t(0.975, 1) * sqrt(2) / sqrt(2)


def test_lines_are_means_and_shades_are_their_intervals():
    ax = figures.draw_over_seeds({"a": ONE, "b": 10 * ONE}, STEPS, ylabel="loss")
    assert [line.get_ydata().tolist() for line in ax.lines] == [[2, 3, 4], [20, 30, 40]]
    assert ax.lines[0].get_xdata().tolist() == STEPS
    for step, mean in zip(STEPS, (2, 3, 4)):
        assert reach(ax.collections[0])[step] == pytest.approx((mean - MARGIN, mean + MARGIN))
    assert ax.get_xlabel() == "training step\nbands: 95 % interval over 2 seeds"
    assert names(ax) == ["a", "b"] and ax.get_ylabel() == "loss"


def test_on_a_logarithmic_axis_they_are_of_the_logarithms():
    values = numpy.array([[1.0], [10.0], [100.0]])
    ax = figures.draw_over_seeds({"a": values}, [0], log=True)
    assert ax.get_yscale() == "log" and ax.lines[0].get_ydata() == pytest.approx([10])
    _, low, high = over_seeds(values, log=True)
    half = 4.30265 / 3**0.5  # Student's t for three, whose logarithms are 1 apart
    assert [low[0], high[0]] == pytest.approx([10 ** (1 - half), 10 ** (1 + half)], rel=1e-4)
    zeros = numpy.zeros((2, 1))  # no logarithm
    assert over_seeds(zeros, log=True)[0] == 0


def test_dashes_tell_lines_apart():
    ax = figures.draw_over_seeds({"a": ONE, "b": 10 * ONE}, STEPS)
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_bands_lie_between_the_means_of_their_borders():
    ax = figures.draw_bands({"a": (ONE, ONE + 10), "b": (ONE - 1, ONE)}, STEPS)
    shades = [c for c in ax.collections if c.get_label() in ("a", "b")]
    assert reach(shades[0]) == {0: (2, 12), 20: (3, 13), 40: (4, 14)}
    bars = ax.containers[0].lines[2][0].get_segments()  # the lower border of a
    for bar, mean in zip(bars, (2, 3, 4)):
        assert (bar[0, 1], bar[1, 1]) == pytest.approx((mean - MARGIN, mean + MARGIN))
    assert ax.get_xlabel().endswith("bars: 95 % interval over 2 seeds")
    assert names(ax) == ["a", "b"]


def test_a_dot_for_each_seed_and_a_line_for_their_mean():
    values = {"BN": {"relu": [0.8, 0.9], "tanh": [0.5, 0.7]}, "none": {"relu": [0.1], "tanh": [0]}}
    ax = figures.draw_dots(values, number_format="{:.2f}")
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.8, 0.9], [0.5, 0.7], [0.1], [0]]
    means = [lines.get_segments()[0][0, 1] for lines in ax.collections]
    assert means == pytest.approx([0.85, 0.6, 0.1, 0])
    assert [text.get_text() for text in ax.texts] == ["0.85", "0.60", "0.10", "0.00"]
    assert names(ax) == ["BN", "none"]
    places = [round(float(numpy.mean(line.get_xdata()))) for line in ax.lines]
    assert places == [0, 1, 0, 1]
