r"""Hidden questions of assignment 3: those of the visible ones, of other shapes."""

from __future__ import annotations

from d2l_bn.exercises import Questions
from d2l_bn.exercises.questions import backward as questions

asked = Questions("backward", questions.asked.rules)


@asked.add("backward_stages", "(N, C)", points=3)
def _(backward_stages, rng):
    questions.stages_are_right(backward_stages, rng, (7, 4))


@asked.add("backward_stages", "(N, C, H, W)", points=3)
def _(backward_stages, rng):
    questions.stages_are_right(backward_stages, rng, (3, 2, 4, 2))


@asked.add("backward", "(N, C)", points=3)
def _(backward, rng):
    questions.closed_form_is_right(backward, rng, (6, 2))


@asked.add("backward", "(N, C, H, W)", points=3)
def _(backward, rng):
    questions.closed_form_is_right(backward, rng, (3, 2, 2, 3))


@asked.add("backward_in_prediction", "(N, C)", points=1.5)
def _(backward_in_prediction, rng):
    for shape in ((5, 4), (1, 3)):
        questions.prediction_is_right(backward_in_prediction, rng, shape)


@asked.add("backward_in_prediction", "(N, C, H, W)", points=1.5)
def _(backward_in_prediction, rng):
    questions.prediction_is_right(backward_in_prediction, rng, (3, 2, 3, 2))


@asked.add("group_norm_backward", "other sizes and groups", points=3)
def _(group_norm_backward, rng):
    for shape, groups in (((3, 8, 2, 3), 4), ((2, 4, 3, 3), 2), ((1, 6, 2, 2), 3)):
        questions.group_backward_is_right(group_norm_backward, rng, shape, groups)


@asked.add("group_norm_backward", "one group, and as many as channels", points=2)
def _(group_norm_backward, rng):
    for shape, groups in (((3, 4, 2, 2), 1), ((3, 4, 2, 2), 4)):
        questions.group_backward_is_right(group_norm_backward, rng, shape, groups)
