r"""Numbers with an error: means over seeds, differences seed by seed, and what "±" means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy
from scipy import stats

__all__ = [
    "CHANCE",
    "Estimate",
    "difference",
    "diverged_value",
    "estimate",
    "paired",
    "times",
    "times_by_seed",
]

CHANCE = 0.1  # accuracy of a guess among ten classes


class Estimate(NamedTuple):
    r"""Mean, standard deviation and number of the values of several seeds.

    ``margin`` is half the width of the 95 % confidence interval of the mean,
    :math:`t_{0.975,\,n-1}\, s / \sqrt n`: with three seeds, 2.5 standard deviations.

    >>> print(Estimate(0.85, 0.01, 3))
    0.850 ± 0.025 (n=3)
    """

    mean: float
    deviation: float
    n: int

    @property
    def margin(self) -> float:
        if self.n < 2:
            return math.inf
        return float(stats.t.ppf(0.975, self.n - 1)) * self.deviation / math.sqrt(self.n)

    @property
    def bar(self) -> tuple[float, float]:
        """Mean and margin: what figures draw as a mark and its error bar."""
        return self.mean, self.margin

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.margin:.3f} (n={self.n})"


def diverged_value(measure: str) -> float | None:
    r"""What a run that diverged counts as, in the one place where it is said.

    It has the accuracy of a guess, and the loss of one, in which all classes are equally probable.
    Other measures have no such value.

    >>> diverged_value("test_accuracy_moving"), diverged_value("smoothness")
    (0.1, None)
    """
    if "accuracy" in measure:
        return CHANCE
    return -math.log(CHANCE) if "loss" in measure.split("/")[0].split("_") else None


def estimate(values: Mapping[int, float] | Iterable[float]) -> Estimate:
    r"""Mean and standard deviation (divided by n − 1) over seeds.

    >>> print(estimate({0: 0.84, 1: 0.85, 2: 0.86}))
    0.850 ± 0.025 (n=3)
    """
    numbers = list(values.values() if isinstance(values, Mapping) else values)
    if not numbers:
        raise ValueError("no values to estimate from; has the study been run?")
    deviation = float(numpy.std(numbers, ddof=1)) if len(numbers) > 1 else math.nan
    return Estimate(float(numpy.mean(numbers)), deviation, len(numbers))


def difference(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate:
    r"""``first - second``, seed by seed: what the two share by their seed falls out.

    >>> print(difference({0: 0.84, 1: 0.86}, {0: 0.80, 1: 0.81}))
    0.045 ± 0.064 (n=2)
    """
    if set(first) != set(second):
        raise ValueError(
            f"seeds {sorted(first)} and {sorted(second)}; expected the same ones on both sides"
        )
    return estimate({seed: first[seed] - second[seed] for seed in first})


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate:
    r"""``first - second`` over the seeds that both have: one of them was run with more."""
    seeds = sorted(set(first) & set(second))
    return difference({s: first[s] for s in seeds}, {s: second[s] for s in seeds})


def times(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate:
    r"""By what factor ``first`` is larger than ``second``, as an estimate of its logarithm to 10.

    >>> print(times({0: 100.0, 1: 10.0}, {0: 1.0, 1: 1.0}))
    1.500 ± 6.353 (n=2)
    """
    logarithms = ({seed: math.log10(v) for seed, v in side.items()} for side in (first, second))
    return difference(*logarithms)


def times_by_seed(first: Mapping[int, float], second: Mapping[int, float]) -> dict[int, float]:
    r"""The same seed by seed, over those that both have.

    >>> times_by_seed({0: 100.0, 1: 10.0}, {0: 1.0, 1: 10.0, 2: 5.0})
    {0: 2.0, 1: 0.0}
    """
    return {s: math.log10(first[s] / second[s]) for s in sorted(set(first) & set(second))}
