"""Pictures of activations: the histograms, arrows, shares and marks are those of the data."""

import matplotlib

matplotlib.use("Agg")

import mxnet as mx
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import QuadMesh

from d2l_bn import figures


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def histogram(ax):
    """Middle and height of each bar."""
    bars = [
        (bar.get_x() + bar.get_width() / 2, bar.get_height())
        for bars in ax.containers  # not in ax.patches: a shaded range is a rectangle, too
        for bar in bars
    ]
    return np.array([bar for bar in bars if bar[1] > 0]).T


def test_the_shape_of_a_distribution_before_and_after():
    skewed = np.random.exponential(size=4000)
    normalized = (skewed - skewed.mean()) / skewed.std()
    (upper,), (lower,) = figures.draw_shapes(
        {"skewed": skewed}, {"skewed": mx.np.array(normalized)}
    )
    for ax, values in ((upper, skewed), (lower, normalized)):
        middles, heights = histogram(ax)
        mean = (middles * heights).sum() / heights.sum()
        assert mean == pytest.approx(values.mean(), abs=0.1)
    assert upper.get_title() == "skewed"
    bell_x, bell_y = lower.lines[0].get_data()
    assert np.trapz(bell_y, bell_x) == pytest.approx(1, abs=1e-3)
    assert not upper.lines


def test_a_constant_has_a_histogram_too():
    axes = figures.draw_shapes({"c": np.full(9, 3.0)}, {"c": np.zeros(9)})
    assert histogram(axes[0, 0])[0] == pytest.approx(3, abs=0.02)


def test_an_arrow_for_each_value_that_moved():
    before, after = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.5, 1.0])
    left, right = figures.draw_moved({"in": (before, after), "out": (before, mx.np.array(before))})
    assert len(left.texts) == 2 and not right.texts
    ends = [(arrow.xyann, arrow.xy) for arrow in left.texts]
    assert ends == [((1, 2.0), (1, 2.5)), ((2, 3.0), (2, 1.0))]
    assert left.lines[0].get_ydata().tolist() == before.tolist()
    assert left.lines[1].get_ydata().tolist() == after.tolist()


def test_histograms_through_training():
    edges, steps = np.linspace(-4, 4, 17), [0, 5, 20]
    means = [-2.0, 0.0, 1.0]
    counts = np.stack([np.histogram(np.random.normal(m, 0.5, 5000), edges)[0] for m in means])
    panels = {"before": (edges, counts), "after": (edges, mx.np.array(counts[:, ::-1]))}
    axes = figures.draw_through_training(panels, steps)
    (mesh,) = [c for c in axes[0].collections if isinstance(c, QuadMesh)]
    drawn = np.asarray(mesh.get_array()).reshape(16, 3)
    assert drawn.max() == 1
    assert (edges[drawn.argmax(axis=0)] <= means).all()
    assert (edges[drawn.argmax(axis=0) + 1] >= np.array(means) - 0.5).all()
    mean, low, high = (line.get_ydata() for line in axes[0].lines)
    assert mean == pytest.approx(means, abs=0.05)
    assert (high - low) / 2 == pytest.approx([0.5] * 3, abs=0.06)
    assert axes[1].lines[0].get_ydata() == pytest.approx(-np.array(means), abs=0.05)
    assert [ax.get_title() for ax in axes] == ["before", "after"]


def test_one_recorded_step_is_enough():
    figures.draw_through_training({"a": (np.arange(3.0), np.ones((1, 2)))}, [7])


def test_the_share_within_the_middle_of_the_sigmoid():
    z = np.concatenate([np.full(3, 0.5), np.full(1, -20.0)])
    axes = figures.draw_sigmoid_inputs({"a": z, "b": mx.np.array(z) * 4, "c": z, "d": z, "e": z})
    assert [ax.get_title() for ax in axes[:2]] == ["a\n75 % within ±1", "b\n0 % within ±1"]
    assert len(axes) == 5
    middles, heights = histogram(axes[0])
    assert heights.tolist() == [1, 3]
    assert middles == pytest.approx([-7.9, 0.5], abs=0.11)  # -20 is drawn at the edge


def test_the_sigmoid_its_tangent_and_its_slope():
    left, right = figures.draw_sigmoid()
    z, values = left.lines[0].get_data()
    assert values == pytest.approx(1 / (1 + np.exp(-z)))
    assert right.lines[0].get_ydata() == pytest.approx(np.gradient(values, z), abs=2e-3)
    x, tangent = left.lines[1].get_data()
    assert np.diff(tangent) / np.diff(x) == pytest.approx(0.25)


def test_pairs_and_the_line_on_which_they_agree():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    left, right = figures.draw_agreement(
        {"scale": {"a": (x, y)}, "shift": {"a": (y, mx.np.array(x))}}
    )
    assert left.lines[0].get_xydata().tolist() == [[1, 3], [2, 4]]
    assert right.lines[0].get_xydata().tolist() == [[3, 1], [4, 2]]
    assert left.lines[1]._slope == 1 and left.lines[1]._xy1 == (0, 0)
    assert left.lines[0].get_color() == right.lines[0].get_color()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: figures.draw_sigmoid(),
        lambda: figures.draw_sigmoid_inputs({f"layer {i}, trained": np.zeros(3) for i in range(8)}),
        lambda: figures.draw_through_training(
            {f"norm{i}, after": (np.arange(3.0), np.ones((2, 2))) for i in range(8)}, [0, 1]
        ),
        lambda: figures.draw_moved({"output, training": ([1, 2], [2, 1]), "b": ([1, 2], [1, 2])}),
        lambda: figures.draw_agreement({"scale": {"norm1": ([1, 2], [3, 4])}}),
    ],
)
def test_titles_are_not_clipped_and_do_not_overlap(draw):
    axes = np.atleast_1d(draw())
    axes[0].figure.canvas.draw()
    width, height = axes[0].figure.canvas.get_width_height()
    extents = [ax.title.get_window_extent() for ax in axes]
    for number, extent in enumerate(extents):
        assert extent.x0 >= 0 and extent.x1 <= width and extent.y0 >= 0 and extent.y1 <= height
        assert not any(extent.overlaps(other) for other in extents[:number] if other.width > 1)
