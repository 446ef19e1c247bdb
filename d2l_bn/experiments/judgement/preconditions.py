r"""What must be so for runs to be a test of a claim: no evidence, but the right to be heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import NamedTuple

from d2l_bn.experiments.judgement.contrast import Contrast
from d2l_bn.experiments.statistics import CHANCE

__all__ = ["BOTH_LEARNED", "EITHER_LEARNED", "FIRST_LEARNED", "Precondition", "learned"]


class Precondition(NamedTuple):
    r"""A condition that is not met makes its contrast "no test", whatever the numbers are.

    Arguments:
        sentence: what must be so.
        met: whether it is, from the name of the contrast and the contrast.
    """

    sentence: str
    met: Callable[[str, Contrast], bool]


def learned(accuracies: Mapping[int, float]) -> bool:
    r"""Whether most of the networks are more than twice as often right as a guess.

    >>> learned({0: 0.1, 1: 0.8, 2: 0.7}), learned({0: 0.1, 1: 0.1, 2: 0.8})
    (True, False)
    """
    return median(accuracies.values()) > 2 * CHANCE


BOTH_LEARNED = Precondition(
    "both networks learned", lambda name, contrast: all(map(learned, contrast.arms))
)
EITHER_LEARNED = Precondition(
    "one of the two networks learned", lambda name, contrast: any(map(learned, contrast.arms))
)
FIRST_LEARNED = Precondition(
    "the first network learned", lambda name, contrast: learned(contrast.first)
)
