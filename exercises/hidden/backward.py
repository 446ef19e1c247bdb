r"""Hidden checks of assignment 3: the questions of the visible ones, of other shapes."""

from __future__ import annotations

from d2l_bn.exercises import Questions
from d2l_bn.exercises.questions import backward as questions

asked = Questions("backward", questions.asked.rules)


@asked.add("backward_stages", "(N, C)", points=4)
def _(backward_stages, rng):
    questions.stages_are_right(backward_stages, rng, (7, 4))


@asked.add("backward_stages", "(N, C, H, W)", points=4)
def _(backward_stages, rng):
    questions.stages_are_right(backward_stages, rng, (3, 2, 4, 2))


@asked.add("backward", "(N, C)", points=4)
def _(backward, rng):
    questions.closed_form_is_right(backward, rng, (6, 2))


@asked.add("backward", "(N, C, H, W)", points=4)
def _(backward, rng):
    questions.closed_form_is_right(backward, rng, (3, 2, 2, 3))


@asked.add("backward_in_prediction", "(N, C)", points=2)
def _(backward_in_prediction, rng):
    for shape in ((5, 4), (1, 3)):
        questions.prediction_is_right(backward_in_prediction, rng, shape)


@asked.add("backward_in_prediction", "(N, C, H, W)", points=2)
def _(backward_in_prediction, rng):
    questions.prediction_is_right(backward_in_prediction, rng, (3, 2, 3, 2))
