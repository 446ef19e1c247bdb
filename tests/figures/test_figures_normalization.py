"""Figures of normalization: what is drawn is what was measured."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import mxnet as mx
import numpy as np
import pytest
from matplotlib import pyplot as plt

from d2l_bn import figures


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_stages_show_every_value_its_feature_and_the_mean():
    x = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 80.0]])
    first, second = figures.draw_stages({"x": x, "x - 1": mx.np.array(x - 1)})
    for ax, values in ((first, x), (second, x - 1)):
        marks = [line for line in ax.lines if line.get_marker() not in ("None", None)]
        means = [line for line in ax.lines if line.get_marker() in ("None", None)]
        assert [mark.get_ydata().tolist() for mark in marks] == values.tolist()
        for mark in marks:  # an example lies at its features, a little to the side
            assert np.abs(mark.get_xdata() - [0, 1]).max() < 0.38
        assert [line.get_ydata()[0] for line in means] == pytest.approx(values.mean(0).tolist())
    assert (first.get_title(), second.get_title()) == ("x", "x - 1")


def test_a_band_is_one_deviation_to_both_sides():
    (ax,) = figures.draw_stages({"x": np.array([[3.0], [9.0], [11.0], [17.0]])})  # 10 ± 5
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (5.0, 15.0)


@pytest.mark.parametrize("shape", [(500, 3), (50, 3, 4, 4)])
def test_spreads_show_mean_and_deviation_of_each_channel(shape):
    sizes = np.array([1.0, 2.0, 5.0]).reshape(1, 3, *(1 for _ in shape[2:]))
    X = np.random.default_rng(0).normal(loc=7.0, size=shape) * sizes
    axes = tuple(i for i in range(X.ndim) if i != 1)
    ax, normalized = figures.draw_spreads({"X": mx.np.array(X), "2 X": 2 * X})
    means = ax.lines[0].get_ydata()
    bars = np.array(ax.collections[1].get_segments())[:, :, 1]  # (channels, both ends)
    ranges = np.array(ax.collections[0].get_segments())[:, :, 1]
    assert means == pytest.approx(X.mean(axes), rel=1e-4)
    assert bars[:, 1] - bars[:, 0] == pytest.approx(2 * X.std(axes), rel=1e-4)
    for channel in range(3):
        low, high = ranges[channel]
        inside = (X[:, channel] >= low) & (X[:, channel] <= high)
        assert inside.mean() == pytest.approx(0.98, abs=0.005)
    assert ax.get_ylim() == normalized.get_ylim()


def test_learned_parameters_go_from_before_to_after():
    before = {"gamma": mx.np.ones((1, 3, 1, 1)), "beta": mx.np.zeros((1, 3, 1, 1))}
    after = {"gamma": np.array([2.0, 0.5, 1.0]), "beta": np.array([-1.0, 0.0, 3.0])}
    for ax, name in zip(figures.draw_learned(before, after), before):
        old, new = (line.get_ydata().tolist() for line in ax.lines)
        assert old == before[name].reshape(-1).tolist()
        assert new == after[name].tolist()
        ends = [segment[:, 1].tolist() for segment in ax.collections[0].get_segments()]
        assert ends == [list(pair) for pair in zip(old, new)]
        assert ax.get_xticks().tolist() == [1, 2, 3]
