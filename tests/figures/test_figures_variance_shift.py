"""The variance shift: lines with the intervals of their means, hollow diamonds for the formula."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt

from d2l_bn import figures

LAYERS = ("norm1", "norm2")
RATES = {
    "p = 0.1": {"measured": [[0.9, 0.8], [0.7, 0.9]], "expected": [[0.88, 0.85], [0.86, 0.87]]},
    "p = 0.5": {"measured": [[0.5, 0.2], [0.3, 0.1]], "expected": [[0.45, 0.4], [0.43, 0.3]]},
}


def test_a_panel_for_each_place_of_the_dropout():
    axes = figures.draw_shifts({"before": RATES, "behind": RATES}, LAYERS)
    assert [ax.get_title() for ax in axes] == ["before", "behind"]
    assert axes[0].get_ylim() == axes[1].get_ylim()
    for ax in axes:
        assert [label.get_text() for label in ax.get_xticklabels()] == list(LAYERS)
    labels = [text.get_text() for text in axes[-1].get_legend().get_texts()]
    assert labels == [*RATES, "by the formula"]
    plt.close("all")


def test_means_and_intervals_of_what_was_measured():
    (ax,) = figures.draw_shifts({"before": RATES}, LAYERS)
    assert [bars.get_label() for bars in ax.containers] == list(RATES)
    for bars, ratios in zip(ax.containers, RATES.values()):
        measured = np.array(ratios["measured"])
        line, _, (segments,) = bars.lines
        np.testing.assert_allclose(line.get_ydata(), measured.mean(axis=0))
        ends = np.array([segment[:, 1] for segment in segments.get_segments()])
        width = 12.7062 * np.ptp(measured, axis=0)  # Student's t for two seeds
        np.testing.assert_allclose(ends[:, 1] - ends[:, 0], width, rtol=1e-5)
        assert (np.abs(line.get_xdata() - np.arange(len(LAYERS))) < 0.3).all()
    plt.close("all")


def test_the_formula_is_hollow_beside_its_line_and_in_its_colour():
    (ax,) = figures.draw_shifts({"before": RATES}, LAYERS)
    hollow = [line for line in ax.lines if line.get_markerfacecolor() == "none"]
    for diamonds, bars, ratios in zip(hollow, ax.containers, RATES.values()):
        line = bars.lines[0]
        np.testing.assert_allclose(diamonds.get_ydata(), np.mean(ratios["expected"], axis=0))
        np.testing.assert_allclose(diamonds.get_xdata(), line.get_xdata())
        assert diamonds.get_color() == line.get_color()
        assert diamonds.get_linestyle() == "None"
    assert len(hollow) == len(RATES)
    plt.close("all")
