r"""Five verdicts, and what those under each condition come to for a whole claim."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

__all__ = ["DENIED", "Verdict", "combined"]


class Verdict(str, Enum):
    r"""What can come out for a claim.

    >>> print(Verdict.NO_EFFECT, Verdict.NO_EFFECT.chinese)
    no effect that matters 无实际影响
    """

    TRUE_BY_ALGEBRA = "true by algebra"
    SUPPORTED = "supported"
    REFUTED = "refuted"
    NO_EFFECT = "no effect that matters"
    UNDECIDED = "undecided"

    @property
    def chinese(self) -> str:
        return _CHINESE[self]

    def __str__(self) -> str:
        return self.value


_CHINESE = {
    Verdict.TRUE_BY_ALGEBRA: "可由代数证明",
    Verdict.SUPPORTED: "得到支持",
    Verdict.REFUTED: "被否定",
    Verdict.NO_EFFECT: "无实际影响",
    Verdict.UNDECIDED: "未决",
}
DENIED = (Verdict.REFUTED, Verdict.NO_EFFECT)


def combined(kind: str, verdicts: Sequence[Verdict]) -> Verdict:
    r"""The verdict on a claim from those under its conditions.

    "There is" needs one condition that supports it, and is refuted only if all deny it. Every other
    kind needs all of them, and is refuted by one. Where all deny it because the effect is too small
    to matter, that is the verdict. Nothing that was a test leaves it undecided.

    >>> some = [Verdict.SUPPORTED, Verdict.REFUTED]
    >>> print(combined("exists", some), "·", combined("always", some))
    supported · refuted
    >>> print(combined("always", [Verdict.SUPPORTED, Verdict.UNDECIDED]))
    undecided
    """
    if not verdicts:
        return Verdict.UNDECIDED
    enough, too_much = (any, all) if kind == "exists" else (all, any)
    if enough(verdict is Verdict.SUPPORTED for verdict in verdicts):
        return Verdict.SUPPORTED
    if all(verdict is Verdict.NO_EFFECT for verdict in verdicts):
        return Verdict.NO_EFFECT
    return Verdict.REFUTED if too_much(v in DENIED for v in verdicts) else Verdict.UNDECIDED
