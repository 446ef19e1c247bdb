r"""Hidden questions of assignment 1: those of the visible ones, of other shapes."""

from __future__ import annotations

from d2l_bn.exercises import Questions
from d2l_bn.exercises.questions import shapes as questions

asked = Questions("shapes")


@asked.add("mean_shape", "one axis of two to five", points=2)
def _(mean_shape, rng):
    for rank in (2, 4, 5):
        questions.mean_shapes_are_right(mean_shape, rng, rank, count=1)


@asked.add("mean_shape", "several axes of four and five", points=2)
def _(mean_shape, rng):
    for rank, count in ((4, 2), (4, 3), (5, 3)):
        questions.mean_shapes_are_right(mean_shape, rng, rank, count)


@asked.add("broadcast_shape", "three and four axes each", points=1)
def _(broadcast_shape, rng):
    for rank in (3, 4):
        questions.same_rank_is_right(broadcast_shape, rng, rank)


@asked.add("broadcast_shape", "four axes and fewer", points=2)
def _(broadcast_shape, rng):
    questions.other_rank_is_right(broadcast_shape, rng, rank=4)


@asked.add("broadcast_shape", "shapes that do not go together", points=1)
def _(broadcast_shape, rng):
    for rank in (2, 3, 4):
        questions.refusal_is_right(broadcast_shape, rng, rank)


@asked.add("centre", "the columns of matrices", points=1)
def _(centre, rng):
    for shape in ((7, 2), (5, 5)):
        questions.centre_is_right(centre, rng, shape, 0)


@asked.add("centre", "the rows of matrices", points=1)
def _(centre, rng):
    for shape in ((5, 5), (2, 7)):  # the square one first: there a lost axis goes unnoticed
        questions.centre_is_right(centre, rng, shape, 1)


@asked.add("centre", "several axes", points=1)
def _(centre, rng):
    for shape, axis in (((2, 3, 4), (0, 2)), ((3, 4, 3, 2), (0, 2, 3)), ((3, 3, 3), 1)):
        questions.centre_is_right(centre, rng, shape, axis)


@asked.add("centre", "X stays as it was", points=1)
def _(centre, rng):
    questions.argument_stays(centre, rng, (3, 5), 1)


@asked.add("channel_mean", "other sizes", points=4)
def _(channel_mean, rng):
    for shape in ((2, 5, 3, 3), (1, 4, 6, 2), (6, 1, 2, 2), (3, 3, 3, 3)):
        questions.channel_mean_is_right(channel_mean, rng, shape)


@asked.add("check_images", "fits and misfits", points=4)
def _(check_images, rng):
    for channels in (1, 2, 6):
        questions.check_images_is_right(check_images, rng, channels)
