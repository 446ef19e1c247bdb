r"""A verdict on a claim, from what was measured: nobody writes one down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

from d2l_bn.experiments.statistics import Estimate

__all__ = ["CONDITION", "FAILS", "HOLDS", "Effect", "Verdict", "judge"]

HOLDS, CONDITION, FAILS = "holds", "holds with a condition", "does not hold"
LEAST_SEEDS = 3

#: measured over seeds, or whether an exact statement is true
Effect = Union[Estimate, bool]


@dataclass(frozen=True)
class Verdict:
    r"""What came out for a claim.

    Arguments:
        ruling: ``'holds'``, ``'holds with a condition'`` or ``'does not hold'``.
        effects: from the name of a condition to the effect there, positive in the direction that
            the claim says; True or False where the statement is exact.
        at_least: the smallest effect that counts.
    """

    ruling: str
    effects: dict[str, Effect]
    at_least: float

    def holds_under(self, condition: str) -> bool:
        """Whether the claim is confirmed under this condition."""
        return _confirmed(self.effects[condition], self.at_least)

    def __str__(self) -> str:
        return f"{self.ruling} ({self.details()})"

    def details(self) -> str:
        """The effects, each with a mark for whether it confirms the claim."""
        return "; ".join(
            f"{name}: {_shown(effect)} {'✓' if self.holds_under(name) else '✗'}"
            for name, effect in self.effects.items()
        )


def judge(effects: Mapping[str, Effect], at_least: float = 0.0) -> Verdict:
    r"""The verdict on a claim that was measured under one or more conditions.

    A condition confirms the claim if it is exactly true there, or if the 95 % confidence interval
    of the effect over the seeds lies above 0 and its mean is not below ``at_least``. All confirm
    it: it holds. Some: it holds with the condition that is theirs. None: it does not hold, which
    may also mean that three seeds are too few to see it.

    Raises:
        ValueError: no condition, or an effect of fewer than three seeds.

    >>> good, none = Estimate(0.05, 0.001, 3), Estimate(0.002, 0.01, 3)
    >>> judge({"sigmoid": good, "ReLU": none}, at_least=0.01).ruling
    'holds with a condition'
    >>> judge({"ReLU": none}).ruling
    'does not hold'
    """
    if not effects:
        raise ValueError("no effect was measured; expected at least one condition")
    for name, effect in effects.items():
        if not isinstance(effect, bool) and effect.n < LEAST_SEEDS:
            raise ValueError(
                f"{name}: {effect.n} seeds; expected at least {LEAST_SEEDS} for a verdict"
            )
    confirmed = [_confirmed(effect, at_least) for effect in effects.values()]
    ruling = HOLDS if all(confirmed) else CONDITION if any(confirmed) else FAILS
    return Verdict(ruling, dict(effects), at_least)


def _confirmed(effect: Effect, at_least: float) -> bool:
    if isinstance(effect, bool):
        return effect
    return effect.mean - effect.margin > 0 and effect.mean >= at_least


def _shown(effect: Effect) -> str:
    if isinstance(effect, bool):
        return "exact"
    return f"{effect.mean:+.3g} ± {effect.margin:.2g} (n={effect.n})"
