r"""Dropout and batch normalization: the shift of the variance, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from statistics import mean
from typing import Any

from d2l_bn.experiments.claims.runs import accuracy_claim, between
from d2l_bn.experiments.claims.sources import COURSE, INTERVIEW
from d2l_bn.experiments.judgement import FIRST_LEARNED, Contrast
from d2l_bn.experiments.load import by_seed, case_values

__all__ = ["CLAIMS"]

STUDY = "regularization"


def _shift_of_variance(where: str, rate: float) -> dict[int, float]:
    """|variance in prediction / in training - 1|, the mean over the layers."""

    def shift(measures: Mapping[str, Any]) -> float:
        ratios = (v for name, v in measures.items() if name.startswith("variance_ratio/"))
        return mean(abs(ratio - 1) for ratio in ratios)

    return by_seed("variance_shift", shift, dropout_where=where, rate=rate)


def _rates() -> list[float]:
    return [rate for rate in case_values("variance_shift", "rate") if rate]


def _variance_shifts() -> dict[str, Contrast]:
    still = _shift_of_variance("none", 0.0)
    return {
        f"dropout {rate:g}": Contrast(_shift_of_variance("before each BN", rate), still)
        for rate in _rates()
    }


def _shift_costs() -> dict[str, Contrast]:
    """The same weights by statistics that were taken without dropout and with it."""

    def by(where: str, rate: float, statistics: str) -> dict[int, float]:
        name = f"test_accuracy_{statistics}"
        return by_seed("variance_shift", name, dropout_where=where, rate=rate)

    return {
        f"{where}, rate {rate:g}": between(
            partial(by, where, rate), "population", "population_with_dropout"
        )
        for where in ("before each BN", "behind each BN")
        for rate in _rates()
    }


def _only_behind_all() -> dict[str, Contrast]:
    """What dropout costs that is not behind the last BN, by the best statistics there are."""

    def at(rate: float, where: str) -> dict[int, float]:
        name = "test_accuracy_moving"
        return by_seed("variance_shift", name, dropout_where=where, rate=rate)

    return {
        f"{where}, rate {rate:g}": between(partial(at, rate), "behind the last BN", where)
        for where in ("before each BN", "behind each BN")
        for rate in _rates()
    }


_claim = partial(accuracy_claim, studies=(STUDY,), topic="regularization with BN")


CLAIMS = [
    _claim(
        "dropout_shifts_variance",
        "多层累积下来产生方差偏移",
        _variance_shifts,
        effect="|variance in prediction / in training − 1|, mean of layers, minus without dropout",
        delta=0.02,
        because="two hundredths of a variance are what batches differ by anyway",
        requires=(),
        studies=("variance_shift",),
        meaning="dropout in front of BN gives a variance shift, which adds up over the layers",
        source=INTERVIEW,
        topic="dropout",
    ),
    _claim(
        "variance_shift_costs",
        "the variance shift itself costs test accuracy",
        _shift_costs,
        effect="test accuracy of the same weights, statistics taken without dropout minus with it",
        requires=(FIRST_LEARNED,),
        studies=("variance_shift",),
        source=COURSE,
        topic="dropout",
    ),
    _claim(
        "dropout_only_behind_all",
        "所以只有在Dropout在所有BN后面时能同时使用",
        _only_behind_all,
        effect="test accuracy lost against dropout behind the last BN",
        requires=(FIRST_LEARNED,),
        studies=("variance_shift",),
        meaning="so the two go together only with dropout behind all of BN",
        source=INTERVIEW,
        topic="dropout",
        remark="four dropouts against one: not all that is lost is due to the shift",
    ),
]
