"""Paths in space and as animations: what moves, what is left out, and that nothing leaks."""

from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from d2l_bn import figures
from d2l_bn.descent import GradientDescent, Momentum, Path, descend
from d2l_bn.descent.surfaces import Beale, Quadratic, SaddlePoint

BOWL = Quadratic((1.0, 20.0))
PATHS = {
    "plain": descend(BOWL, GradientDescent(0.09), (-4, 1), 30),
    "momentum": descend(BOWL, Momentum(0.03), (-4, 1), 20),
}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def pictures(gif):
    image, found = Image.open(BytesIO(gif)), []
    for number in range(image.n_frames):
        image.seek(number)
        found.append((np.asarray(image.convert("RGB")), image.info["duration"]))
    return found


def test_an_animation_grows_its_paths_and_rests_at_the_end():
    gif = figures.animate_paths(BOWL, PATHS, title="race", frames=6, width=400)
    shown = pictures(gif)
    assert gif[:3] == b"GIF" and len(shown) == 6 and shown[0][0].shape[1] == 400
    assert [duration for _, duration in shown] == [100] * 5 + [1500]
    blue = [
        (np.abs(picture.astype(int) - (0, 114, 178)).sum(-1) < 40).sum() for picture, _ in shown
    ]
    assert blue == sorted(blue) and blue[-1] > blue[0] + 20


def test_an_animation_is_the_same_each_time_and_leaves_no_figure_open():
    before = plt.get_fignums()
    gifs = [figures.animate_paths(BOWL, PATHS, frames=3, width=300) for _ in range(2)]
    assert gifs[0] == gifs[1] and plt.get_fignums() == before


def test_an_animation_names_a_path_that_left():
    lost = {"lost": descend(BOWL, GradientDescent(0.2), (-4, 1), 50)}
    assert lost["lost"].stopped is not None
    assert len(pictures(figures.animate_paths(BOWL, lost, frames=4, width=300))) == 4


@pytest.mark.parametrize("frames", [1, 0])
def test_too_few_frames_are_refused(frames):
    with pytest.raises(ValueError, match="frames is"):
        figures.animate_paths(BOWL, PATHS, frames=frames)


def test_paths_in_space_run_on_the_surface():
    ax = figures.draw_paths_in_space(BOWL, PATHS, title="bowl")
    x, y, z = ax.lines[0].get_data_3d()
    assert np.allclose(z, BOWL.value(np.stack([x, y], axis=-1)))
    assert [line.get_label() for line in ax.lines[:2]] == list(PATHS)


def test_heights_in_space_may_be_logarithms():
    path = descend(Beale(), GradientDescent(0.01), (1, 1.5), 30)
    ax = figures.draw_paths_in_space(Beale(), {"plain": path}, log=True)
    assert np.allclose(ax.lines[0].get_data_3d()[2], np.log10(1 + path.values))
    assert "log" in ax.get_zlabel()


def test_stretches_outside_the_window_are_left_out_in_space():
    points = np.array([[-4, 1], [-2, 1], [-2, 9], [0, 9], [0, 1], [1, 1]], dtype=float)
    ax = figures.draw_paths_in_space(BOWL, {"out": Path(points, BOWL.value(points))})
    stretches = [np.transpose(line.get_data_3d())[:, :2].tolist() for line in ax.lines[:2]]
    assert stretches == [points[:2].tolist(), points[4:].tolist()]
    assert [line.get_label() for line in ax.lines[:2]][0] == "out"
    assert len(ax.get_legend().get_texts()) == 1


def test_every_minimum_is_marked_and_named_once():
    ax = figures.draw_paths(SaddlePoint(), {"a": descend(SaddlePoint(), Momentum(0.1), (1, 1), 3)})
    stars = [line for line in ax.lines if line.get_marker() == "*"]
    assert len(stars) == 2
    assert [text.get_text() for text in ax.get_legend().get_texts()].count("minimum") == 1
