r"""A claim: what a source says, and the measurement that it is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from d2l_bn.experiments.claims.verdict import Effect, Verdict, judge

__all__ = ["Claim", "exact_claim"]


@dataclass(frozen=True)
class Claim:
    r"""One sentence of a source on trial.

    Arguments:
        topic: what it is about, in a word or two.
        quote: the sentence, in its own words.
        meaning: the same in English.
        measure: gives the effect under each condition, positive in the direction of the claim; or,
            of an exact statement, whether it is true.
        effect: what is measured, with its unit.
        studies: whose records it is measured on.
        at_least: the smallest effect that counts.
        remark: what to know beside the verdict, if anything; never the verdict itself.
    """

    topic: str
    quote: str
    meaning: str
    measure: Callable[[], Mapping[str, Effect]]
    effect: str
    studies: tuple[str, ...] = ()
    at_least: float = 0.0
    remark: str = ""

    @property
    def evidence(self) -> str:
        """Where the measurement is from."""
        return ", ".join(f"results/{name}.jsonl" for name in self.studies) or "computed here"

    def verdict(self) -> Verdict:
        """Measure, and judge."""
        return judge(self.measure(), self.at_least)


def exact_claim(
    topic: str,
    quote: str,
    meaning: str,
    statement: Callable[[], bool],
    *,
    condition: str = "in general",
    remark: str = "",
) -> Claim:
    r"""A claim that is true or false by computing once.

    >>> claim = exact_claim("means", "均值", "the mean of 1 and 3 is 2", lambda: (1 + 3) / 2 == 2)
    >>> claim.verdict().ruling
    'holds'
    """
    return Claim(
        topic, quote, meaning, lambda: {condition: statement()}, effect="exact", remark=remark
    )
