r"""A claim: what a source document says, and the measurement that it is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from d2l_bn.experiments.claims.verdict import Effect, Verdict, judge

__all__ = ["Claim"]


@dataclass(frozen=True)
class Claim:
    r"""One sentence of a source document on trial.

    Arguments:
        row: the course's number for the topic.
        document: ``'000'`` to ``'004'``.
        quote: the sentence, in its own words.
        meaning: the same in English.
        measure: gives the effect under each condition, positive in the direction of the claim; or,
            of an exact statement, whether it is true.
        effect: what is measured, with its unit.
        evidence: where the measurement is from: a results file, or ``'computed here'``.
        at_least: the smallest effect that counts.
        remark: what to know beside the verdict, if anything; never the verdict itself.

    >>> claim = Claim(9, "000", "均值", "the mean of 1 and 3 is 2", lambda: {"": (1 + 3) / 2 == 2},
    ...               "exact", "computed here")
    >>> claim.verdict().ruling
    'holds'
    """

    row: int
    document: str
    quote: str
    meaning: str
    measure: Callable[[], Mapping[str, Effect]]
    effect: str
    evidence: str
    at_least: float = 0.0
    remark: str = ""

    def verdict(self) -> Verdict:
        """Measure, and judge."""
        return judge(self.measure(), self.at_least)
