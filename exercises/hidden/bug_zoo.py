r"""Hidden questions of assignment 4: the zoo on show, and three specimens more."""

from __future__ import annotations

from dataclasses import replace

from d2l_bn.exercises import Questions
from d2l_bn.exercises.bug_zoo import ON_SHOW
from d2l_bn.exercises.mistakes import MISTAKES
from d2l_bn.exercises.questions import bug_zoo as questions

MORE = ("constant_statistics", "moves_in_prediction", "per_image")

# Tests that are fast enough at home are fast enough here: three times the time, also for a slower
# machine and for one that is busy.
asked = Questions("bug_zoo", replace(questions.RULES, seconds=3 * questions.RULES.seconds))


@asked.add("tests", "killed, of the zoo on show and three more", points=15)
def _(tests, rng):
    recipes = questions.recipes_of((*ON_SHOW, *MORE))
    questions.enough_are_killed(tests, rng, recipes, lambda name: f"“{MISTAKES[name].reason}”")
