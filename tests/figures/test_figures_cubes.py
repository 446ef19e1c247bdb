"""Cubes: the faces that one sees have the colour of their set; the sets are those of the axes."""

import matplotlib

matplotlib.use("Agg")

from collections import Counter

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from d2l_bn import figures
from d2l_bn.figures.cubes import SHADES, _shade, index_sets
from d2l_bn.figures.style import BLUE

SHAPE = N, C, H, W = 3, 4, 2, 2


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    "axes, groups, number",
    [((0, 2, 3), None, C), ((1, 2, 3), None, N), ((2, 3), None, N * C), ((1, 2, 3), 2, N * 2)],
)
def test_index_sets_are_those_of_a_mean(axes, groups, number):
    sets = index_sets(SHAPE, axes, groups)
    assert sets.shape == SHAPE and sorted(set(sets.ravel())) == list(range(number))
    x = np.random.RandomState(0).randn(*SHAPE)
    grouped = x if groups is None else x.reshape(N, groups, C // groups, H, W)
    over = axes if groups is None else (2, 3, 4)
    means = np.broadcast_to(grouped.mean(over, keepdims=True), grouped.shape).reshape(SHAPE)
    for each in range(number):
        assert np.ptp(means[sets == each]) == 0 and (means != means[sets == each][0]).any()
        assert means[sets == each][0] == pytest.approx(x[sets == each].mean())


def blue_faces(ax):
    """How many faces of each kind are blue."""
    kinds = {to_hex(_shade(matplotlib.colors.to_rgb(BLUE), s)): kind for kind, s in SHADES.items()}
    return Counter(kinds.get(to_hex(patch.get_facecolor())) for patch in ax.patches)


@pytest.mark.parametrize(
    "axes, front, top, side",
    [
        ((0, 2, 3), H * W, N, N * H * W),
        ((1, 2, 3), C * H * W, C, H * W),
        ((2, 3), H * W, 1, H * W),
    ],
)
def test_one_set_is_blue_on_all_three_faces(axes, front, top, side):
    (ax,) = figures.draw_cubes({"title": index_sets(SHAPE, axes)}, only=(0, -1, 0, 0))
    faces = blue_faces(ax)
    assert (faces["front"], faces["top"], faces["side"]) == (front, top, side)
    assert len(ax.patches) == C * H * W + C * N + N * H * W
    assert ax.get_title() == "title"


def test_a_mask_colours_its_true_cells():
    mask = np.zeros(SHAPE, dtype=bool)
    mask[0, 1, 1, 0] = mask[2, 3, 0, 0] = True
    (ax,) = figures.draw_cubes({"m": mask})
    assert blue_faces(ax) == {"front": 1, "top": 1, "side": 1, None: len(ax.patches) - 3}


def test_different_sets_have_different_colours():
    for axes in ((0, 2, 3), (1, 2, 3), (2, 3)):
        sets = index_sets((4, 6, 1, 1), axes)
        (ax,) = figures.draw_cubes({"all": sets})
        top = [to_hex(p.get_facecolor()) for p in ax.patches if p.get_xy()[0][1] >= 1][: 6 * 4]
        assert len(set(top)) == len(np.unique(sets))


def test_another_number_of_axes_is_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 3\); expected \(N, C, H, W\)"):
        figures.draw_cubes({"flat": np.zeros((2, 3))})
