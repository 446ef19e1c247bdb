r"""Hidden questions of assignment 6: those of the visible ones, of other runs and networks."""

from __future__ import annotations

from d2l_bn.exercises import Questions
from d2l_bn.exercises.questions import experiments as questions

asked = Questions("experiments", questions.asked.rules)


@asked.add("bias_gradients", "the chapter's layer", points=2)
def _(bias_gradients, rng):
    questions.bias_gradients_are_right(bias_gradients, rng, "batch")


@asked.add("bias_gradients", "no normalizer", points=1)
def _(bias_gradients, rng):
    questions.bias_gradients_are_right(bias_gradients, rng, None)


@asked.add("largest_rate", "high losses and runs that diverge", points=1)
def _(largest_rate, rng):
    for kind in ("loss stays high", "not a number"):
        questions.largest_rate_is_right(largest_rate, rng, kind)


@asked.add("largest_rate", "one seed fails", points=1)
def _(largest_rate, rng):
    questions.largest_rate_is_right(largest_rate, rng, "one seed fails")


@asked.add("largest_rate", "a higher rate works again", points=1)
def _(largest_rate, rng):
    questions.largest_rate_is_right(largest_rate, rng, "it works again")


@asked.add("summary", "other numbers of seeds", points=2)
def _(summary, rng):
    for count in (2, 5, 8):
        questions.summary_is_right(summary, rng, count)


@asked.add("freeze", "both kinds of layer", points=2)
def _(freeze, rng):
    for norm in ("batch", "gluon"):
        questions.freeze_is_right(freeze, rng, norm)


@asked.add("dropout_net", "other rates", points=2)
def _(dropout_net, rng):
    for _ in range(2):
        questions.dropout_net_is_right(dropout_net, rng)
