r"""A claim: what is said, and what was laid down before a run was looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Union

from d2l_bn._support.arguments import check_choice, check_number
from d2l_bn.experiments.judgement.comparison import compare
from d2l_bn.experiments.judgement.contrast import Contrast
from d2l_bn.experiments.judgement.judgement import Judgement
from d2l_bn.experiments.judgement.preconditions import Precondition

__all__ = ["KINDS", "Claim", "exact_claim"]

#: the kinds of claims, and what each asks of the conditions
KINDS: dict[str, str] = {
    "exists": "there is a condition in which it is so",
    "always": "it is so under every condition that was tried",
    "only": "it is so there and not elsewhere: the interaction decides",
    "equal": "the two do not differ by what would matter",
    "no worse": "the first is not worse than the second by what would matter",
    "causal": "it is so because of the one thing that was changed",
}

#: by condition what is compared, or whether an exact statement is true
Measure = Callable[[], Union[Mapping[str, Contrast], bool]]


@dataclass(frozen=True)
class Claim:
    r"""One sentence on trial.

    Arguments:
        name: by which the court knows it.
        quote: the sentence in its own words.
        kind: one of :data:`KINDS`.
        effect: what is compared, in words, with its unit; positive in the direction of the claim.
        measure: gives the contrast under each condition; of an exact claim, True or False.
        delta: how large an effect would matter; not of an exact claim.
        because: why so large.
        requires: what must be so for the runs to be a test.
        studies: whose records it is judged by.
        meaning: the sentence in English.
        source: whose sentence it is.
        topic: what it is about, in a word or two.
        remark: what to know beside the verdict, if anything; never the verdict itself.

    Raises:
        ValueError: another kind; a δ that is not above 0 or has no reason; a causal claim that
            requires nothing (that the manipulation worked, at least).
    """

    name: str
    quote: str
    kind: str
    effect: str
    measure: Measure
    delta: float | None
    because: str
    requires: tuple[Precondition, ...] = ()
    studies: tuple[str, ...] = ()
    meaning: str = ""
    source: str = ""
    topic: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)
        if self.delta is None:
            return
        check_number("delta", self.delta, "(0, inf)", "how large an effect would matter")
        if not self.because:
            raise ValueError(
                f"{self.name}: delta has no reason; say in because why it would matter"
            )
        if self.kind == "causal" and not self.requires:
            raise ValueError(
                f"{self.name}: a causal claim requires nothing; expected at least the precondition "
                "that the manipulation worked"
            )

    @property
    def exact(self) -> bool:
        """Whether it is true or false by computing once."""
        return self.delta is None

    def judge(self) -> Judgement:
        r"""Measure, and judge.

        Raises:
            ValueError: no condition; of an "only", a contrast that is no interaction.
        """
        measured = self.measure()
        if isinstance(measured, bool) or self.delta is None:
            if not isinstance(measured, bool) or self.delta is not None:
                raise ValueError(
                    f"{self.name}: measured {type(measured).__name__}, delta {self.delta}; "
                    "expected True or False without a delta, or contrasts with one"
                )
            return Judgement(self, (), measured)
        if not measured:
            raise ValueError(f"{self.name}: nothing was measured; expected at least one condition")
        if self.kind == "only" and not all(c.of_interaction for c in measured.values()):
            raise ValueError(f'{self.name}: "only" is decided by interactions; see interaction()')
        return Judgement(
            self,
            tuple(
                compare(name, contrast, self.delta, self.kind, self._no_test(name, contrast))
                for name, contrast in measured.items()
            ),
        )

    def _no_test(self, name: str, contrast: Contrast) -> str:
        unmet = [each.sentence for each in self.requires if not each.met(name, contrast)]
        return f"no test, for this is not so: {' and '.join(unmet)}" if unmet else ""


def exact_claim(
    name: str, quote: str, statement: Callable[[], bool], kind: str = "always", **words: str
) -> Claim:
    r"""A claim that is true or false by computing once.

    >>> claim = exact_claim("mean", "the mean of 1 and 3 is 2", lambda: (1 + 3) / 2 == 2)
    >>> print(claim.judge())
    mean: true by algebra
    """
    return Claim(name, quote, kind, "computed once", statement, None, "", **words)  # type: ignore[arg-type]
