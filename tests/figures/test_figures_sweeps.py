"""Figures of sweeps: the numbers that were given are the numbers that are drawn."""

from __future__ import annotations

import math

import pytest

from d2l_bn import figures
from d2l_bn.experiments.statistics import estimate


def test_each_cell_of_a_heatmap_says_its_number_and_error():
    ax = figures.draw_heatmap(
        [[0.1, 0.25], [0.5, 0.9]],
        rows=["none", "batch"],
        columns=[0.1, 1.0],
        errors=[[0.01, 0.02], [0.03, 0.04]],
    )
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts[(1, 0)] == "0.25\n±0.02" and texts[(0, 1)] == "0.50\n±0.03"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "batch"]
    assert ax.images[0].get_array().tolist() == [[0.1, 0.25], [0.5, 0.9]]


@pytest.mark.parametrize("log_x", [False, True])
def test_curves_carry_their_error_bars_and_do_not_hide_each_other(log_x):
    curves = {"BN": [(0.5, 0.1), (0.7, 0.2)], "GN": [(0.6, 0.1), (math.nan, math.nan)]}
    ax = figures.draw_error_curves(curves, x=[1, 100], log_x=log_x)
    bn, gn = (container.lines for container in ax.containers)
    assert bn[0].get_ydata().tolist() == [0.5, 0.7]
    (low, high), *_ = (segment[:, 1] for segment in bn[2][0].get_segments())
    assert (low, high) == pytest.approx((0.4, 0.6))
    assert bn[0].get_xdata()[0] < gn[0].get_xdata()[0]
    assert abs(bn[0].get_xdata()[0] - 1) < 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["BN", "GN"]


def test_a_band_with_its_legend_beside_the_figure():
    ax = figures.draw_seed_bands({"BN": [[0.1, 0.5], [0.3, 0.7]]}, x=[10, 20])
    assert ax.lines[0].get_ydata() == pytest.approx([0.2, 0.6])
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.max() - heights.min() == pytest.approx(0.4 + 0.2 * 12.7062, rel=1e-4)


def test_an_estimate_brings_its_seeds_and_a_pair_does_not():
    estimates = {"a": estimate([0.1, 0.2, 0.3]), "b": estimate([0.5, 0.6])}
    ax = figures.draw_estimates(estimates, xlabel="accuracy")
    assert ax.get_xlabel() == "accuracy\nbars: 95 % interval over 2 to 3 seeds"
    bars = {name: value.bar for name, value in estimates.items()}
    other = figures.draw_estimates(bars, xlabel="accuracy")
    assert other.get_xlabel() == "accuracy\nbars: 95 % interval"
    both = (one.containers[0].lines[2][0].get_segments() for one in (ax, other))
    assert all((a == b).all() for a, b in zip(*both))
    curves = {"BN": list(estimates.values())}
    assert "over 2 to 3 seeds" in figures.draw_error_curves(curves, x=[1, 2]).get_xlabel()


def test_what_is_known_has_its_colour_everywhere():
    def colours(*names):
        return [line.get_color() for line in figures.draw_lines(dict.fromkeys(names, [0, 1])).lines]

    assert colours("plain", "BN")[1] == colours("BN", "other")[0] == colours("with BN")[0]
    assert colours("plain", "BN")[0] == colours("none")[0] == colours("x", "y", "without BN")[2]
    assert len(set(colours("a", "BN", "b", "GN", "c", "LN"))) == 6
    assert len(set(colours("BN", "batch"))) == 2  # two names of one thing, yet two lines


def test_estimates_stand_from_top_to_bottom_beside_a_reference():
    ax = figures.draw_estimates({"a": (0.2, 0.1), "b": (0.8, 0.3)}, reference=(0.1, "a guess"))
    (low, high) = ax.containers[0].lines[2][0].get_segments()[1][:, 0]
    assert (low, high) == pytest.approx((0.5, 1.1))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert ax.yaxis_inverted()
    assert ax.lines[-1].get_xdata() == [0.1, 0.1]
