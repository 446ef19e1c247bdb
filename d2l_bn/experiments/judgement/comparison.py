r"""One contrast judged: effect, interval, and where the interval lies to what would matter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import stdev

import numpy
from scipy import stats

from d2l_bn.experiments.judgement.contrast import Contrast
from d2l_bn.experiments.judgement.power import seeds_needed
from d2l_bn.experiments.judgement.verdict import Verdict

__all__ = ["Comparison", "compare", "interval", "position", "sign_interval"]

LEVEL = 0.95
LEAST_SEEDS = 3
LEAST_SIGNS = 6  # seeds with which the exact interval first has ends


@dataclass(frozen=True)
class Comparison:
    r"""What came out under one condition.

    Arguments:
        name: of the condition.
        effects: by seed, positive in the direction of the claim.
        effect: their mean; their median where ``method`` is ``'sign'``.
        low, high: the 95 % interval.
        method: ``'t'``, by Student's t; ``'sign'``, by the order of the values alone, where
            outcomes are cut off at a bound.
        delta: what would matter.
        verdict: under this condition.
        p: of the hypothesis that the effect lies just at the border that decides, two-sided.
        no_test: why these runs are no test of the claim; empty if they are one.
    """

    name: str
    effects: Mapping[int, float]
    effect: float
    low: float
    high: float
    method: str
    delta: float
    verdict: Verdict
    p: float
    no_test: str = ""

    @property
    def n(self) -> int:
        return len(self.effects)

    @property
    def seeds_needed(self) -> int | None:
        """To tell twice δ, or nothing, from δ with a power of 0.8; None if more than a thousand."""
        if self.method == "sign":
            return LEAST_SIGNS
        return seeds_needed(stdev(self.effects.values()), self.delta) if self.n > 1 else None

    @property
    def margin(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2

    def __str__(self) -> str:
        return f"{self.name}: {self.shown()}, {self.verdict}" + (
            f" ({self.no_test})" if self.no_test else ""
        )

    def shown(self) -> str:
        """The effect and its interval in words."""
        if self.method == "t":
            if not math.isfinite(self.margin):
                return f"{self.effect:+.3g} (n = {self.n})"
            digits = max(0, 1 - math.floor(math.log10(self.margin)))  # two of the margin
            return f"{self.effect:+.{digits}f} ± {self.margin:.{digits}f} (n = {self.n})"
        if min(self.effects.values()) == max(self.effects.values()):
            return f"{self.effect:+.3g} for each of {self.n} seeds"
        low, high = min(self.effects.values()), max(self.effects.values())
        return f"{self.effect:+.3g} in the median, {low:+.3g} to {high:+.3g} (n = {self.n})"


def compare(
    name: str, contrast: Contrast, delta: float, kind: str = "always", no_test: str = ""
) -> Comparison:
    r"""Judge one contrast.

    >>> by_seed = {0: 0.52, 1: 0.55, 2: 0.50}
    >>> print(compare("rate 3", Contrast(by_seed, dict.fromkeys(by_seed, 0.1)), delta=0.05))
    rate 3: +0.423 ± 0.063 (n = 3), supported
    """
    effects = contrast.effects
    values = numpy.array(list(effects.values()), dtype=float)
    method = "sign" if contrast.cut_off else "t"
    low, high = interval(values) if method == "t" else sign_interval(values)
    verdict = position(low, high, delta, kind)
    if no_test or len(values) < LEAST_SEEDS:
        verdict, no_test = Verdict.UNDECIDED, no_test or f"fewer than {LEAST_SEEDS} seeds"
    return Comparison(
        name=name,
        effects=effects,
        effect=float(values.mean() if method == "t" else numpy.median(values)),
        low=low,
        high=high,
        method=method,
        delta=delta,
        verdict=verdict,
        p=_p(values, _border(values, delta, kind), method),
        no_test=no_test,
    )


def position(low: float, high: float, delta: float, kind: str = "always") -> Verdict:
    r"""The verdict of an interval: it must lie wholly on one side of what would matter.

    =============  ====================  =======================================================
    kind           supported             denied
    =============  ====================  =======================================================
    equal          inside ±δ             wholly outside: refuted
    no worse       above −δ              below −δ: refuted
    all others     above δ               inside ±δ: no effect that matters; else below δ: refuted
    =============  ====================  =======================================================

    >>> [str(position(*ends, delta=1)) for ends in ((1.5, 3), (-0.5, 0.5), (-3, 0.5), (0.5, 3))]
    ['supported', 'no effect that matters', 'refuted', 'undecided']
    """
    inside = -delta < low and high < delta
    if kind == "equal":
        outside = low > delta or high < -delta
        supported, refuted = inside, outside
    elif kind == "no worse":
        supported, refuted = low > -delta, high < -delta
    else:
        supported, refuted = low > delta, high < delta
        if inside:
            return Verdict.NO_EFFECT
    if supported:
        return Verdict.SUPPORTED
    return Verdict.REFUTED if refuted else Verdict.UNDECIDED


def interval(values: numpy.ndarray) -> tuple[float, float]:
    r"""Of the mean, by Student's t; without end for a single value."""
    if len(values) < 2:
        return -math.inf, math.inf
    low, high = stats.ttest_1samp(values, 0).confidence_interval(LEVEL)
    return float(low), float(high)


def sign_interval(values: numpy.ndarray) -> tuple[float, float]:
    r"""Of the median, from the order of the values: exact, whatever their distribution.

    From the k-th smallest value to the k-th largest, with the k that the binomial distribution
    allows. Five seeds or fewer allow none, and the interval has no end.

    >>> sign_interval(numpy.array([1.0, 2, 3, 4, 5, 6])), sign_interval(numpy.array([1.0, 1, 1]))
    ((1.0, 6.0), (-inf, inf))
    """
    k = int(stats.binom.ppf((1 - LEVEL) / 2, len(values), 0.5))
    if k == 0:
        return -math.inf, math.inf
    ordered = numpy.sort(values)
    return float(ordered[k - 1]), float(ordered[-k])


def _border(values: numpy.ndarray, delta: float, kind: str) -> float:
    """The effect that the verdict turns at: for "equal", the nearer one of two."""
    if kind == "equal":
        return math.copysign(delta, values.mean())
    return -delta if kind == "no worse" else delta


def _p(values: numpy.ndarray, border: float, method: str) -> float:
    if len(values) < 2:
        return 1.0
    if method == "t":
        return float(stats.ttest_1samp(values, border).pvalue)
    other = values[values != border]
    return (
        float(stats.binomtest(int((other > border).sum()), len(other)).pvalue)
        if len(other)
        else 1.0
    )
