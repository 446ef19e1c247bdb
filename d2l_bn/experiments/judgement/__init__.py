r"""Judgement: what a claim says, what would refute it, and what the runs say to it.

A claim is declared before it sees a run: its sentence, its kind, what is compared, how large an
effect would matter (δ) and why, and what must be so for the runs to be a test of it at all. The
claims of the course are in :mod:`d2l_bn.experiments.claims`; who shows a verdict asks there::

    from d2l_bn.experiments.claims import court

    judgement = court["larger_learning_rate"].judge()
    judgement.verdict              # one of five, see Verdict
    print(judgement)               # in a line
    judgement.comparisons[0].effect, .low, .high, .n, .seeds_needed
    judgement                      # at the end of a notebook's cell: a table
    figures.draw_judgement(judgement)

A claim of one's own takes ten lines; ``measure`` gives a :class:`Contrast` of two arms, from the
seed to a number, under each condition::

    Claim(
        name="mine",
        quote="with BN, ReLU is better than the sigmoid",
        kind="always",
        effect="test accuracy, ReLU minus sigmoid",
        measure=lambda: {"with BN": Contrast(relu_by_seed, sigmoid_by_seed)},
        delta=0.01,
        because="a point of accuracy is what one would change a network for",
        requires=(BOTH_LEARNED,),
    ).judge()

The method is that of Lakens 2017, *Equivalence Tests*, for the verdict "no effect that matters";
Bouthillier et al. 2021, *Accounting for Variance in Machine Learning Benchmarks*, for pairing and
seeds; Benjamini & Hochberg 1995 for many claims at once.
"""

from .claim import KINDS, Claim, exact_claim
from .comparison import Comparison, compare
from .contrast import Contrast, interaction
from .court import Court, discoveries
from .judgement import Judgement
from .power import seeds_needed
from .preconditions import BOTH_LEARNED, EITHER_LEARNED, FIRST_LEARNED, Precondition, learned
from .verdict import Verdict

__all__ = [
    "BOTH_LEARNED",
    "EITHER_LEARNED",
    "FIRST_LEARNED",
    "KINDS",
    "Claim",
    "Comparison",
    "Contrast",
    "Court",
    "Judgement",
    "Precondition",
    "Verdict",
    "compare",
    "discoveries",
    "exact_claim",
    "interaction",
    "learned",
    "seeds_needed",
]
