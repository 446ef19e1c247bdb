r"""Hidden questions of assignment 2: those of the visible ones, of other shapes."""

from __future__ import annotations

from d2l_bn.exercises import Questions
from d2l_bn.exercises.questions import _layer
from d2l_bn.exercises.questions import batchnorm as questions

asked = Questions("batchnorm")


@asked.add("normalize_2d", "tall, wide and square", points=3)
def _(normalize_2d, rng):
    for shape in ((9, 2), (3, 8), (5, 5)):
        questions.normalize_is_right(normalize_2d, rng, shape)


@asked.add("normalize_2d", "one example", points=1)
def _(normalize_2d, rng):
    questions.normalize_is_right(normalize_2d, rng, (1, 4))


@asked.add("normalize_4d", "other sizes", points=3)
def _(normalize_4d, rng):
    for shape in ((2, 5, 3, 4), (6, 2, 1, 3), (3, 4, 2, 4)):
        questions.normalize_is_right(normalize_4d, rng, shape)


@asked.add("normalize_4d", "one image", points=1)
def _(normalize_4d, rng):
    questions.normalize_is_right(normalize_4d, rng, (1, 3, 4, 2))


@asked.add("batch_norm", "output in training, (N, C)", points=1)
def _(batch_norm, rng):
    for shape in ((7, 4), (3, 3)):
        questions.output_is_right(batch_norm, rng, shape)


@asked.add("batch_norm", "output in training, (N, C, H, W)", points=1)
def _(batch_norm, rng):
    for shape in ((3, 2, 5, 3), (2, 4, 3, 4)):
        questions.output_is_right(batch_norm, rng, shape)


@asked.add("batch_norm", "the gradient by autograd", points=2)
def _(batch_norm, rng):
    for shape in ((7, 4), (3, 2, 5, 3)):
        questions.gradient_is_right(batch_norm, rng, shape)


@asked.add("batch_norm", "the averages", points=1)
def _(batch_norm, rng):
    for shape in ((7, 4), (3, 2, 5, 3)):
        questions.averages_are_right(batch_norm, rng, shape)


@asked.add("batch_norm", "prediction", points=1)
def _(batch_norm, rng):
    for shape in ((7, 4), (1, 3), (3, 2, 5, 3)):
        questions.prediction_is_right(batch_norm, rng, shape)


@asked.add("batch_norm", "leaves its arguments as they were", points=1)
def _(batch_norm, rng):
    questions.arguments_stay(batch_norm, rng, (3, 2, 2, 2))


LAYERS = ((6, 2), (3, 4, 2, 3))


@asked.add("layer", "training: the output, and the averages move", points=1, lent=questions.LENT)
def _(BatchNorm, rng):
    for shape in LAYERS:
        _layer.trains(BatchNorm, rng, shape)


@asked.add("layer", "prediction: uses the averages, leaves them", points=1, lent=questions.LENT)
def _(BatchNorm, rng):
    for shape in LAYERS:
        _layer.predicts(BatchNorm, rng, shape)


@asked.add("layer", "the gradient; γ and β are trained", points=1, lent=questions.LENT)
def _(BatchNorm, rng):
    for shape in LAYERS:
        _layer.learns(BatchNorm, rng, shape)


@asked.add("layer", "the averages survive saving", points=1, lent=questions.LENT)
def _(BatchNorm, rng):
    for shape in LAYERS:
        _layer.survives_saving(BatchNorm, rng, shape)


@asked.add("layer", "in a network; the averages carry no graph", points=1, lent=questions.LENT)
def _(BatchNorm, rng):
    _layer.serves_in_a_network(BatchNorm, rng, (6, 3))
    for shape in LAYERS:
        _layer.keeps_no_graph(BatchNorm, rng, shape)
