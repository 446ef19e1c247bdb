"""Pictures of gradients: the residuals are those of batch normalization, the numbers are right."""

import matplotlib

matplotlib.use("Agg")

import mxnet as mx
import numpy as np
import pytest
from matplotlib import pyplot as plt
from mxnet import autograd

from d2l_bn import figures
from d2l_bn.norms.batch import batch_norm


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_what_is_left_over_is_what_batch_normalization_sends_back():
    x, dy = np.random.randn(9, 1), np.random.randn(9, 1)
    one, zero = mx.np.ones((1, 1), dtype="float64"), mx.np.zeros((1, 1), dtype="float64")
    X = mx.np.array(x, dtype="float64")
    X.attach_grad()
    with autograd.record():
        Y = batch_norm(X, one, zero, zero, one, eps=1e-12)[0]
    Y.backward(mx.np.array(dy, dtype="float64"))
    left, right = figures.draw_removed(Y, dy)
    drawn = right.lines[0].get_ydata()
    assert drawn / x.std() == pytest.approx(X.grad.asnumpy().ravel(), abs=1e-9)
    assert left.lines[0].get_ydata() == pytest.approx(dy.ravel())
    assert len(right.collections[0].get_segments()) == 9


def test_matrices_have_one_scale_and_their_numbers_in_the_cells():
    J, K = np.array([[0.5, -0.5], [0.001, 0.25]]), 2 * np.eye(2)
    axes = figures.draw_matrices({"J": J, "K": mx.np.array(K)}, rows="out", columns="in")
    assert [text.get_text() for text in axes[0].texts] == ["0.50", "-0.50", "0", "0.25"]
    assert [text.get_text() for text in axes[1].texts] == ["2.00", "0", "0", "2.00"]
    assert [ax.images[0].get_clim() for ax in axes] == [(-2, 2), (-2, 2)]
    assert axes[0].get_xlabel() == "in" and axes[0].get_ylabel() == "out"


def test_large_matrices_have_no_numbers():
    (ax,) = figures.draw_matrices({"I": np.eye(30)})
    assert not ax.texts


@pytest.mark.parametrize(
    "draw",
    [
        lambda: figures.draw_removed(np.arange(5.0), np.arange(5.0) ** 2),
        lambda: figures.draw_matrices({"training": np.eye(8), "prediction": np.eye(8)}, rows="a"),
    ],
)
def test_titles_and_labels_are_not_clipped(draw):
    figure = draw()[0].figure
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    for ax in figure.axes:
        for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
            extent = text.get_window_extent()
            assert extent.width < 1 or (extent.x0 >= 0 and extent.x1 <= width)
            assert extent.width < 1 or (extent.y0 >= 0 and extent.y1 <= height)
