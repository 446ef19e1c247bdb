"""Figures: the colours tell the truth, nothing is clipped or overlaps, nothing leaks."""

import subprocess
import sys

import matplotlib

matplotlib.use("Agg")

import mxnet as mx
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from d2l_bn import figures
from d2l_bn.descent import GradientDescent, Momentum, descend
from d2l_bn.descent.surfaces import Quadratic
from d2l_bn.figures.axes_of_arrays import group_numbers
from d2l_bn.figures.cells import group_colours


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def cells_of(ax):
    """Colour and number of every cell, in drawing order: panel after panel, index after index."""
    boxes = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_fill()]
    texts = [t for t in ax.texts if t.get_ha() == "center"]
    found = []
    for box in boxes:
        x, y = box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2
        number = next(
            t
            for t in texts
            if abs(t.get_position()[0] - x) < 1e-6
            and abs(t.get_position()[1] - y) < box.get_height() / 4
        )
        found.append((box.get_facecolor(), float(number.get_text())))
    return found


@pytest.mark.parametrize(
    "shape, axis",
    [((3, 4), 0), ((3, 4), 1), ((2, 3, 4), 0), ((2, 3, 4), 1), ((2, 3, 4), -1), ((2, 3, 4), (0, 2))]
    + [((2, 3, 2, 2), (0, 2, 3)), ((5,), 0), ((2, 2), (0, 1))],
)
def test_cells_of_one_colour_have_the_mean_shown_in_that_colour(shape, axis):
    X = np.arange(np.prod(shape), dtype=float).reshape(shape)
    cells = cells_of(figures.draw_mean(X, axis))
    source, results = cells[: X.size], cells[X.size :]
    means = X.mean(axis=axis)
    assert len(results) == 2 * means.size
    assert [number for _, number in source] == X.ravel().tolist()
    for part in (results[: means.size], results[means.size :]):
        assert [number for _, number in part] == pytest.approx(means.ravel().tolist(), rel=1e-3)
        assert len({colour for colour, _ in part}) == means.size
        for colour, mean in part:
            mine = [number for other, number in source if other == colour]
            assert np.mean(mine) == pytest.approx(mean, rel=1e-3)


def test_chain_ends_in_the_mean_over_all_axes():
    U = mx.np.arange(24).reshape(2, 3, 2, 2)
    cells = cells_of(figures.draw_chain(U, (3, 2, 0)))
    assert len(cells) == 24 + 12 + 6 + 3
    assert [number for _, number in cells[-3:]] == [7.5, 11.5, 15.5]
    assert len({colour for colour, _ in cells}) == 3


@pytest.mark.parametrize("keepdims, word", [(True, "own mean"), (False, "wrong")])
def test_broadcast_tells_right_from_wrong(keepdims, word):
    A = np.array([[1.0, 2, 3], [10, 20, 30], [100, 200, 300]])
    b = A.mean(axis=1, keepdims=keepdims)
    ax = figures.draw_broadcast(A, b, ("A", "b"))
    assert any(word in text.get_text() for text in ax.texts)
    numbers = [number for _, number in cells_of(ax)]
    assert numbers[-9:] == (A - b).ravel().tolist()
    assert numbers[-18:-9] == np.broadcast_to(b, A.shape).ravel().tolist()


def test_group_colours_are_all_different():
    for number, along in [(12, 3), (8, 2), (6, 2), (3, 3), (1, 1)]:
        assert len(set(group_colours(number, along))) == number


def test_group_numbers_by_hand():
    assert group_numbers((2, 2, 2), (0, 2)).tolist() == [[[0, 0], [1, 1]], [[0, 0], [1, 1]]]


BOWL = Quadratic((1.0, 100.0))


def all_figures():
    X = np.arange(24.0).reshape(2, 3, 4)
    A = X[0, :, :3] * 100
    wide = X.reshape(2, 3, 2, 2)
    paths = {
        "plain": descend(BOWL, GradientDescent(0.018), (-4, 1), 60),
        "momentum 0.9": descend(BOWL, Momentum(0.018), (-4, 1), 60),
        "too fast": descend(BOWL, GradientDescent(0.03), (-4, 1), 60),
    }
    weights = [0.1 * 0.9**k for k in range(20)]
    return {
        "mean of a matrix": lambda: figures.draw_mean(A, 1, "A"),
        "mean of X": lambda: figures.draw_mean(X, 1),
        "mean of 4 axes": lambda: figures.draw_mean(wide, (0, 2, 3), "U"),
        "chain": lambda: figures.draw_chain(wide, (3, 2, 0), "U"),
        "broadcast": lambda: figures.draw_broadcast(A, A.mean(1), ("A", "A.mean(axis=1)")),
        "long title": lambda: figures.draw_broadcast(
            A,
            A.mean(1, keepdims=True),
            ("features", "some_features_of_A.mean(axis=1, keepdims=True)"),
        ),
        "product": lambda: figures.draw_product(X[0]),
        "paths": lambda: figures.draw_paths(BOWL, paths, title="Sixty steps"),
        "values": lambda: figures.draw_values(paths, target=1e-3),
        "steps": lambda: figures.draw_steps_needed(
            [0.01, 0.02, 0.03], {"a": [30, 20, None]}, limits={"a": 0.02}
        ),
        "weights": lambda: figures.draw_past_weights({"m = 0.9": weights, "m = 0.5": [0.5, 0.25]}),
        "averages": lambda: figures.draw_averages(
            [1, 2, 3], {"m = 0.9": [0, 1, 2]}, truth=[1, 1, 1]
        ),
        "lines": lambda: figures.draw_lines({"a": [1, None, 3]}, ylabel="accuracy"),
    }


@pytest.mark.parametrize("name", all_figures())
def test_no_text_is_clipped_or_overlaps(name):
    figure = np.atleast_1d(all_figures()[name]())[0].figure
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    texts = [t for t in figure.findobj(plt.Text) if t.get_text().strip() and t.get_visible()]
    boxes = {}
    for text in texts:
        box = text.get_window_extent()
        if box.width < 1 or text.get_figure() is None:
            continue
        inside = box.x0 > -2 and box.y0 > -2 and box.x1 < width + 2 and box.y1 < height + 2
        on_axis = text in [
            label for ax in figure.axes for label in ax.get_xticklabels() + ax.get_yticklabels()
        ]
        assert inside or on_axis, f"{text.get_text()!r} is clipped: {box} of {width} x {height}"
        if not on_axis:
            boxes[text] = box
    for text, box in boxes.items():
        for other, other_box in boxes.items():
            if text is not other and box.padded(-1.5).overlaps(other_box.padded(-1.5)):
                pytest.fail(f"{text.get_text()!r} overlaps {other.get_text()!r}")


def test_a_path_that_left_the_plane_is_named_and_has_no_nan():
    path = descend(BOWL, GradientDescent(0.03), (-4, 1), 60)
    ax = figures.draw_paths(BOWL, {"too fast": path})
    (line,) = [line for line in ax.lines if line.get_label().startswith("too fast")]
    assert np.isfinite(line.get_xydata()).all() and len(line.get_xydata()) == len(path.points)
    assert f"left the plane at step {path.steps + 1}" in line.get_label()
    assert f"at step {path.steps + 1}:" in path.stopped
    assert ax.get_xlim() == BOWL.x_range and ax.get_ylim() == BOWL.y_range


def test_bars_show_the_weights_and_what_is_left():
    (ax,) = figures.draw_past_weights({"m = 0.5": mx.np.array([0.5, 0.25, 0.125])})
    assert [bar.get_height() for bar in ax.patches] == [0.5, 0.25, 0.125, 0.125]
    assert ax.get_xticklabels()[-1].get_text() == "start"


def test_given_axes_are_drawn_on():
    left, right = figures.new_axes(2)
    assert figures.draw_values({"a": descend(BOWL, Momentum(0.01), (1, 1), 5)}, ax=right) is right
    assert right.lines and not left.lines


def test_rows_of_axes():
    assert figures.new_axes(columns=2, rows=3).shape == (3, 2)


def test_what_is_switched_on_while_drawing_stays_on():
    # Jupyter turns the interactive mode on at the first figure; undone, it would show no other one
    assert not plt.isinteractive()
    with figures.style():
        plt.ion()
    assert plt.isinteractive()
    plt.ioff()


def test_the_readers_own_settings_stay():
    with matplotlib.rc_context({"font.size": 7.0, "axes.grid": False}):
        before = dict(plt.rcParams)
        figures.draw_lines({"a": [1, 2]})
        figures.draw_mean(np.ones((2, 2)), 0)
        assert dict(plt.rcParams) == before


def test_the_package_itself_does_not_import_matplotlib():
    code = """
import sys, d2l_bn.descent.surfaces, d2l_bn.exercises.answers, d2l_bn.norms.running_average
sys.exit('matplotlib' in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
