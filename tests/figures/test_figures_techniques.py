"""Activations with their slopes, clouds of points, settings that were tried."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt

from d2l_bn import figures


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_values_solid_and_slopes_dashed():
    x = np.array([-1.0, 0.0, 2.0])
    curves = {"relu": (np.maximum(x, 0), x > 0), "square": (x * x, 2 * x)}
    axes = figures.draw_activations(curves, x, titles={"relu": "ReLU"})
    assert [ax.get_title() for ax in axes] == ["ReLU", "square"]
    for ax, pair in zip(axes, curves.values()):
        values, slopes = ax.lines[-2:]
        np.testing.assert_allclose(values.get_ydata(), pair[0])
        np.testing.assert_allclose(slopes.get_ydata(), pair[1])
        assert (values.get_linestyle(), slopes.get_linestyle()) == ("-", "--")


def test_clouds_have_equal_scales_and_show_the_origin():
    points = np.array([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5]])
    axes = figures.draw_clouds({"raw": points, "moved": points - 1})
    for ax, shift in zip(axes, (0, 1)):
        np.testing.assert_allclose(np.array(ax.lines[0].get_data()).T, points - shift)
        assert ax.lines[1].get_xydata().tolist() == [[0, 0]]
        assert ax.get_aspect() == 1


def test_points_that_were_tried_on_one_scale_of_colours():
    panels = {
        "grid": ([0.01, 0.01, 0.1], [1e-3, 1e-2, 1e-3], [0.5, 0.9, 0.2]),
        "random": ([0.02, 0.5], [1e-4, 1e-5], [0.1, 0.4]),
    }
    axes = figures.draw_search(panels, colour="accuracy")
    for ax, (x, y, results) in zip(axes, panels.values()):
        dots = ax.collections[0]
        np.testing.assert_allclose(dots.get_offsets(), np.stack([x, y], axis=1))
        np.testing.assert_allclose(dots.get_array(), results)
        assert dots.get_clim() == (0.1, 0.9)
        (best,) = ax.texts
        assert tuple(best.xy) == (x[np.argmax(results)], y[np.argmax(results)])
        assert ax.get_xscale() == ax.get_yscale() == "log"
