r"""Hidden questions of assignment 7: those of the visible ones, of other shapes."""

from __future__ import annotations

from d2l_bn.exercises import Questions
from d2l_bn.exercises.questions import whitening as questions

asked = Questions("whitening")


@asked.add("whiten", "other sizes, and fewer examples than features", points=3)
def _(whiten, rng):
    for N, C in ((12, 2), (20, 5), (3, 4)):
        questions.whiten_is_right(whiten, rng, N, C)


@asked.add("whiten", "the gradient by autograd", points=2)
def _(whiten, rng):
    for N, C in ((9, 2), (7, 4)):
        questions.gradient_is_right(whiten, rng, N, C)


@asked.add("layer", "training: the output, and the averages move", points=2, lent=questions.LENT)
def _(Whitening, rng):
    questions.trains(Whitening, rng, 10, 4)


@asked.add("layer", "prediction: uses the averages, leaves them", points=2, lent=questions.LENT)
def _(Whitening, rng):
    questions.predicts(Whitening, rng, 10, 4)


@asked.add("layer", "the averages survive saving", points=1, lent=questions.LENT)
def _(Whitening, rng):
    questions.survives_saving(Whitening, rng, 10, 2)
