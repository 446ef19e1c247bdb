r"""From the records of a sweep to numbers with an error: select, take a value per seed, compare."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy
from scipy import stats

from d2l_bn.experiments.trial import Trial

__all__ = ["CHANCE", "Estimate", "difference", "estimate", "last_value", "per_seed", "select"]

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

    def __str__(self) -> str:
        return f"{self.mean:.3f} ± {self.margin:.3f} (n={self.n})"


def select(records: Iterable[Mapping[str, Any]], **fields: Any) -> list[Mapping[str, Any]]:
    r"""The records whose trial has these values.

    >>> records = [{"trial": {"lr": 0.1}}, {"trial": {"lr": 1.0}}]
    >>> select(records, lr=1.0)
    [{'trial': {'lr': 1.0}}]
    """
    unknown = set(fields) - set(Trial.__dataclass_fields__)
    if unknown:
        raise KeyError(f"a trial has no {', '.join(sorted(unknown))}; see Trial's fields")
    return [
        record
        for record in records
        if all(_plain(record["trial"][name]) == _plain(value) for name, value in fields.items())
    ]


def last_value(record: Mapping[str, Any], column: str = "test_accuracy") -> float:
    r"""The value after the last epoch.

    Beside the columns of a record, ``'accuracy'`` is the test accuracy with population statistics
    where the trial measured it (``recalibrate``), and the plain one elsewhere. Of a run that
    diverged: the accuracy of a guess, or an infinite loss.

    >>> last_value({"outcome": "finished", "test_accuracy": [0.7, 0.8]})
    0.8
    >>> last_value({"outcome": "diverged", "test_accuracy": []})
    0.1
    """
    if record["outcome"] == "diverged":
        return math.inf if column == "loss" else CHANCE
    if column == "accuracy":
        recalibrated = record["trial"]["recalibrate"]
        column = "population_test_accuracy" if recalibrated else "test_accuracy"
    value = record[column][-1]
    if value is None:
        raise ValueError(f"the trial measured no {column}: {record['trial']}")
    return value


def per_seed(
    records: Iterable[Mapping[str, Any]], column: str = "test_accuracy"
) -> dict[int, float]:
    r"""From the seed to the last value, of records that differ in nothing else."""
    values: dict[int, float] = {}
    settings = None
    for record in records:
        trial = dict(record["trial"])
        seed = trial.pop("seed")
        if settings is None:
            settings = trial
        if trial != settings or seed in values:
            differing = [name for name in trial if trial[name] != settings[name]] or ["nothing"]
            raise ValueError(f"records of one configuration expected; {differing} differ")
        values[seed] = last_value(record, column)
    return values


def estimate(values: Mapping[int, float] | Iterable[float]) -> Estimate:
    r"""Mean and standard deviation (divided by n − 1) over seeds.

    >>> print(estimate({0: 0.84, 1: 0.85, 2: 0.86}))
    0.850 ± 0.025 (n=3)
    """
    numbers = list(values.values() if isinstance(values, Mapping) else values)
    if not numbers:
        raise ValueError("no values to estimate from; has the sweep been run?")
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


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value
