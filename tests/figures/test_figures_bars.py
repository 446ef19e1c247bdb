"""Bars: as tall as the numbers, each under its group, with the number written above."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot as plt

from d2l_bn import figures

VALUES = {"before": {"norm1": 2.0, "norm2": 3.0}, "after": {"norm1": 878.2, "norm2": 0.5}}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_heights_places_and_numbers():
    ax = figures.draw_bars(VALUES)
    ax.figure.canvas.draw()
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert ticks == ["norm1", "norm2"]
    drawn = {}
    for container in ax.containers:
        for bar in container:
            centre = bar.get_x() + bar.get_width() / 2
            group = ticks[round(centre)]
            drawn.setdefault(container.get_label(), {})[group] = bar.get_height()
    assert drawn == VALUES
    assert [text.get_text() for text in ax.texts] == ["2", "3", "878", "0.5"]
    assert ax.get_yscale() == "linear"


def test_no_bars_on_a_logarithmic_axis_but_marks():
    with pytest.raises(TypeError):
        figures.draw_bars(VALUES, log=True)
    ax = figures.draw_marks(VALUES)
    assert ax.get_yscale() == "log" and not ax.patches
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
    assert drawn == {way: list(by_group.values()) for way, by_group in VALUES.items()}
    assert [text.get_text() for text in ax.texts] == ["2", "3", "878", "0.5"]


def test_bars_do_not_overlap():
    ax = figures.draw_bars({**VALUES, "third": VALUES["before"]})
    edges = sorted((b.get_x(), b.get_x() + b.get_width()) for c in ax.containers for b in c)
    assert all(end <= start for (_, end), (start, _) in zip(edges, edges[1:]))


def test_the_legend_names_the_ways_and_is_left_out_for_one():
    legend = figures.draw_bars(VALUES).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["before", "after"]
    assert figures.draw_bars({"only": {"a": 1.0}}).get_legend() is None
