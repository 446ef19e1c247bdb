"""Rows of images: every picture in its place, on the scale asked for, with its title and frame."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt
from mxnet import np as mnp

from d2l_bn import figures

IMAGES = [np.full((4, 4), value) for value in (0.0, 0.25, 1.0)]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_images_titles_and_frames():
    panels = figures.draw_image_rows(
        {"first": IMAGES, "second": [mnp.array(IMAGES[1]).reshape(1, 4, 4)]},
        titles={"first": ["a", "b", "c"]},
        marked={"first": [False, True, False]},
    )
    assert panels.shape == (2, 3)
    for ax, image, title in zip(panels[0], IMAGES, "abc"):
        np.testing.assert_array_equal(ax.images[0].get_array(), image)
        assert ax.images[0].get_clim() == (0.0, 1.0)
        assert ax.get_title() == title
    np.testing.assert_array_equal(panels[1, 0].images[0].get_array(), IMAGES[1])
    assert not panels[1, 1].images and not panels[1, 2].images
    assert [ax.axison for ax in panels[0]] == [False, True, False]
    assert [text.get_text() for text in panels[0, 0].figure.texts] == ["first", "second"]


def test_each_images_own_limits():
    ramp = np.arange(16.0).reshape(4, 4)
    panels = figures.draw_image_rows({"own": [ramp, 2 * ramp]}, limits=None)
    assert [ax.images[0].get_clim() for ax in panels[0]] == [(0, 15), (0, 30)]


@pytest.mark.parametrize("count", [1, 6, 16])
def test_panels_and_texts_fit_and_do_not_overlap(count):
    rows = {"the chapter's\nlayer": [IMAGES[0]] * count, "b": [IMAGES[1]] * count}
    titles = {name: ["ankle\nboot"] * count for name in rows}
    panels = figures.draw_image_rows(rows, titles=titles)
    figure = panels[0, 0].figure
    figure.canvas.draw()
    boxes = [ax.get_window_extent() for ax in panels.flat]
    texts = [text.get_window_extent() for text in figure.texts]
    lines = [ax.title.get_window_extent() for ax in panels[:, 0]]
    for box in boxes + texts + lines:
        assert box.x0 >= 0 and box.y0 >= 0
        assert box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height
    everything = [box.padded(-1) for box in boxes + texts + lines]  # touching is not overlapping
    for i, box in enumerate(everything):
        assert not any(box.overlaps(other) for other in everything[i + 1 :])


def test_three_channels_are_red_green_and_blue():
    image = np.zeros((3, 2, 4))
    image[0, 0, 0], image[2, 1, 3] = 1.0, 2.5  # beyond the limit
    (ax,) = figures.draw_image_rows({"colour": [image]})[0]
    drawn = ax.images[0].get_array()
    assert drawn.shape == (2, 4, 3)
    assert drawn[0, 0].tolist() == [1, 0, 0] and drawn[1, 3].tolist() == [0, 0, 1]
