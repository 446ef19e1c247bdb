r"""What came out for a claim, to be read, printed and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d2l_bn.experiments.judgement.comparison import Comparison
from d2l_bn.experiments.judgement.verdict import DENIED, Verdict, combined

if TYPE_CHECKING:
    from d2l_bn.experiments.judgement.claim import Claim

__all__ = ["Judgement"]


@dataclass(frozen=True)
class Judgement:
    r"""A claim and its verdict.

    Arguments:
        claim: what was judged.
        comparisons: one for each condition; none of an exact claim.
        holds: of an exact claim, whether it is true.
    """

    claim: Claim
    comparisons: tuple[Comparison, ...]
    holds: bool | None = None

    @property
    def verdict(self) -> Verdict:
        if self.holds is not None:
            return Verdict.TRUE_BY_ALGEBRA if self.holds else Verdict.REFUTED
        return combined(self.claim.kind, [each.verdict for each in self.tests])

    @property
    def tests(self) -> tuple[Comparison, ...]:
        """The comparisons that are a test of the claim; its preconditions are met there."""
        return tuple(each for each in self.comparisons if not each.no_test)

    @property
    def seeds_needed(self) -> int | None:
        """Of what is undecided for want of seeds, the most; None if more than a thousand."""
        needed = [each.seeds_needed for each in self.tests if each.verdict is Verdict.UNDECIDED]
        known = [n for n in needed if n is not None]
        return max(known) if known and len(known) == len(needed) else None

    @property
    def p(self) -> float:
        r"""Of the verdict, for the count of false discoveries; 1 where it is undecided.

        Where all conditions are needed for it, the largest one; where one is enough, the smallest
        times the number of conditions (Bonferroni).
        """
        each = [comparison.p for comparison in self.tests]
        if self.verdict is Verdict.UNDECIDED or not each:
            return float(self.verdict is Verdict.UNDECIDED)
        all_needed = (self.verdict in DENIED) == (self.claim.kind == "exists")
        if all_needed or self.verdict is Verdict.NO_EFFECT:
            return max(each)
        wanted = DENIED if self.verdict in DENIED else (Verdict.SUPPORTED,)
        deciding = [c.p for c in self.tests if c.verdict in wanted]
        return min(1.0, len(each) * min(deciding))

    @property
    def supported_only_in(self) -> tuple[str, ...]:
        r"""Where it holds, if it is denied elsewhere.

        "Significant here, not there" is no difference. Supported here, *denied* there is one: the
        two intervals lie on two sides of what matters, and over the same seeds the margin of a
        difference is at most the sum of theirs, so that its interval leaves out 0.
        """
        if not any(each.verdict in DENIED for each in self.tests):
            return ()
        return tuple(each.name for each in self.tests if each.verdict is Verdict.SUPPORTED)

    def __str__(self) -> str:
        """In a line: name, verdict, effects."""
        text = f"{self.claim.name}: {self.verdict}"
        if not self.comparisons:
            return text
        text += " · " + "; ".join(map(str, self.comparisons))
        return f"{text} · δ = {self.claim.delta:g}{self._in_words()}"

    def row(self) -> list[str]:
        """Cells of a table: the sentence, what was compared, the effects, the verdict."""
        claim = self.claim
        said = claim.quote + (f"<br>*{claim.meaning}*" if claim.meaning else "")
        measured = claim.effect + (f"; δ = {claim.delta:g}" if claim.delta else "")
        lines = [
            f"{c.name}: {c.shown()} {_MARKS[c.verdict]}" + (f" ({c.no_test})" if c.no_test else "")
            for c in self.comparisons
        ]
        verdict = f"**{self.verdict}** {self.verdict.chinese}"
        verdict += self._in_words() + (f"<br>{claim.remark}" if claim.remark else "")
        return [cell.replace("|", r"\|") for cell in (said, measured, "<br>".join(lines), verdict)]

    def _in_words(self) -> str:
        words = ""
        if self.supported_only_in and self.claim.kind != "exists":
            words += f" · supported for {', '.join(self.supported_only_in)} alone"
        if self.seeds_needed and self.verdict is Verdict.UNDECIDED:
            enough = self.seeds_needed <= max(c.n for c in self.tests)
            some = "the effect is near δ" if enough else f"{self.seeds_needed:d} seeds needed"
            words += f" · {some}"
        return words

    def _repr_markdown_(self) -> str:
        head = ("claim", "measured", "effect, 95 % interval", "verdict")
        lines = [head, ["---"] * len(head), self.row()]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


_MARKS = {
    Verdict.SUPPORTED: "✓",
    Verdict.REFUTED: "✗",
    Verdict.NO_EFFECT: "≈ 0",
    Verdict.UNDECIDED: "?",
}
