"""The drawn garments: the same everywhere, balanced, and different enough to be learned."""

from __future__ import annotations

import hashlib

import numpy
import pytest

from d2l_bn.data.fashion_mnist import CLASS_NAMES
from d2l_bn.data.garments import _GARMENTS, garments


@pytest.fixture(scope="module")
def drawn():
    return garments(2500)


def test_they_are_the_same_on_every_machine(drawn):
    images, labels = drawn
    assert hashlib.sha256(images.tobytes()).hexdigest()[:16] == "683baaab4d3876fe"
    assert hashlib.sha256(labels.tobytes()).hexdigest()[:16] == "38230312867a2d75"


def test_a_shorter_draw_is_the_beginning_of_a_longer_one(drawn):
    for count in (1, 999, 1000, 1001):
        images, labels = garments(count)
        assert numpy.array_equal(images, drawn[0][:count])
        assert numpy.array_equal(labels, drawn[1][:count])


def test_another_seed_draws_others(drawn):
    images, labels = garments(100, seed=1)
    known = {image.tobytes() for image in drawn[0]}
    assert not known & {image.tobytes() for image in images}


def test_shape_type_and_balance(drawn):
    images, labels = drawn
    assert images.shape == (2500, 28, 28) and labels.shape == (2500,)
    assert images.dtype == labels.dtype == numpy.uint8
    assert numpy.bincount(labels[:2000]).tolist() == [200] * 10
    assert len(_GARMENTS) == len(CLASS_NAMES) == 10


def test_no_two_are_equal_and_each_has_cloth_on_a_black_ground(drawn):
    images, _ = drawn
    assert len({image.tobytes() for image in images}) == len(images)
    filled = (images > 0).mean(axis=(1, 2))
    assert filled.min() > 0.05 and filled.max() < 0.8
    assert images.max(axis=(1, 2)).min() > 60
    # The images are neither darker than the real ones by far nor washed out.
    assert 0.08 < images.mean() / 255 < 0.35


def test_garments_are_clockwise_convex_polygons_inside_the_grid():
    """What the painter relies on: inside is on the right of all edges."""
    for parts in _GARMENTS:
        for _, corners in parts:
            edges = numpy.roll(corners, -1, axis=0) - corners
            following = numpy.roll(edges, -1, axis=0)
            turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
            assert (turns > 0).all(), corners
            assert corners.min() >= 0 and corners.max() <= 28


def test_the_classes_can_be_told_apart_but_not_by_a_single_picture(drawn):
    """Nearest class mean: far better than chance, far from perfect."""
    images, labels = drawn
    pixels = images.reshape(len(images), -1) / 255
    means = numpy.stack([pixels[:1500][labels[:1500] == c].mean(axis=0) for c in range(10)])
    distances = ((pixels[1500:, None] - means) ** 2).sum(axis=2)
    accuracy = (distances.argmin(axis=1) == labels[1500:]).mean()
    assert 0.4 < accuracy < 0.9
