r"""What is compared: two arms of runs, seed by seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Contrast", "interaction"]

Values = Mapping[int, float]


@dataclass(frozen=True)
class Contrast:
    r"""Two arms, each from the seed to a number; the effect is ``first - second``, seed by seed.

    What two runs share by their seed (images, their order) falls out of the difference. Seeds that
    only one arm has are left out.

    Arguments:
        first: the arm that the claim expects to be larger.
        second: the other one; None where ``first`` is an effect already.
        bound: the value at which an outcome is cut off, such as the length of a run where steps are
            counted, or 0 where a share cannot be less. A normal distribution does not describe
            such outcomes, and the exact sign interval is taken for them.
        of_interaction: the effect is a difference of effects (:func:`interaction`).

    >>> Contrast({0: 0.75, 1: 0.875, 2: 0.5}, {1: 0.75, 0: 0.5}).effects
    {0: 0.25, 1: 0.125}
    """

    first: Values
    second: Values | None = None
    bound: float | None = None
    of_interaction: bool = False

    def __post_init__(self) -> None:
        if not self.effects:
            raise ValueError(
                f"seeds {sorted(self.first)} and {sorted(self.second or {})}; expected some seed "
                "that both arms were run with"
            )

    @property
    def effects(self) -> dict[int, float]:
        """By seed, in ascending order."""
        second = dict.fromkeys(self.first, 0.0) if self.second is None else self.second
        seeds = sorted(set(self.first) & set(second))
        return {seed: self.first[seed] - second[seed] for seed in seeds}

    @property
    def arms(self) -> tuple[Values, ...]:
        return (self.first,) if self.second is None else (self.first, self.second)

    @property
    def cut_off(self) -> bool:
        """Whether an outcome lies at the bound, or all effects are one number."""
        at_bound = any(value == self.bound for arm in self.arms for value in arm.values())
        effects = list(self.effects.values())
        return at_bound or (len(effects) > 1 and max(effects) - min(effects) < 1e-12)


def interaction(there: Contrast, elsewhere: Contrast) -> Contrast:
    r"""By how much the effect is larger there than elsewhere: what "only if" says.

    >>> there, elsewhere = Contrast({0: 3.0, 1: 3.5}), Contrast({0: 1.0, 1: 1.0})
    >>> interaction(there, elsewhere).effects
    {0: 2.0, 1: 2.5}
    """
    return Contrast(there.effects, elsewhere.effects, of_interaction=True)
