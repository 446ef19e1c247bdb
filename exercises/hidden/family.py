r"""Hidden questions of assignment 5: those of the visible ones, of other shapes."""

from __future__ import annotations

from d2l_bn.exercises import Questions
from d2l_bn.exercises.questions import family as questions

asked = Questions("family")
LENT = ("normalize",)  # a mistake in the first task costs nothing in the others


@asked.add("normalize", "other axes", points=3)
def _(normalize, rng):
    for shape, axes in (((5, 5), (1,)), ((3, 4, 2), (0, 2)), ((2, 4, 3, 5), (2, 3))):
        questions.normalize_is_right(normalize, rng, shape, axes)


@asked.add("normalize", "leaves X as it was", points=1)
def _(normalize, rng):
    questions.argument_stays(normalize, rng, (3, 4), (1,))


@asked.add("group_norm", "other sizes", points=4, lent=LENT)
def _(group_norm, rng):
    for shape, groups in (((3, 8, 2, 3), 2), ((2, 8, 3, 3), 4), ((1, 6, 2, 4), 3)):
        questions.group_norm_is_right(group_norm, rng, shape, groups)


@asked.add("group_norm", "one group: layer normalization", points=1, lent=LENT)
def _(group_norm, rng):
    questions.group_norm_is_right(group_norm, rng, (3, 5, 2, 2), 1)


@asked.add("group_norm", "as many as channels: instance normalization", points=1, lent=LENT)
def _(group_norm, rng):
    questions.group_norm_is_right(group_norm, rng, (2, 3, 3, 4), 3)


@asked.add("standardize_weight", "other filters", points=5, lent=LENT)
def _(standardize_weight, rng):
    for shape in ((3, 5, 2, 2), (2, 2, 2, 2), (6, 1, 5, 5), (1, 4, 3, 1)):
        questions.standardize_is_right(standardize_weight, rng, shape)


@asked.add("adain", "other sizes", points=3, lent=LENT)
def _(adain, rng):
    for shape, style in (((1, 4, 3, 3), (1, 4, 3, 3)), ((3, 2, 4, 2), (3, 2, 2, 5))):
        questions.adain_is_right(adain, rng, shape, style)


@asked.add("adain", "its own style", points=2, lent=LENT)
def _(adain, rng):
    questions.identity_is_right(adain, rng, (3, 2, 2, 4))
