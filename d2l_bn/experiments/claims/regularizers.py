r"""Noise, dropout, decay and the order of examples beside batch normalization."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from statistics import mean
from typing import Any

from d2l_bn.experiments.claims.runs import against, between, tested
from d2l_bn.experiments.claims.sources import COURSE, INTERVIEW, TECHNIQUES
from d2l_bn.experiments.judgement import BOTH_LEARNED, FIRST_LEARNED, Claim, Contrast
from d2l_bn.experiments.load import by_seed, case_values

__all__ = ["CLAIMS"]

STUDY = "regularization"
A_POINT = "a point of accuracy is what one would add or leave out a regularizer for"
SCALE_INVARIANT = ("conv1", "conv2", "dense1", "dense2")


def _variant(name: str) -> dict[int, float]:
    return tested(STUDY, variant=name)


def _variants(first: str, *others: str) -> Callable[[], dict[str, Contrast]]:
    return lambda: {other: between(_variant, first, other) for other in others}


def _gap(variant: str) -> dict[int, float]:
    """Training minus test accuracy."""
    trained = by_seed(STUDY, "train_accuracy_moving", variant=variant)
    return {seed: trained[seed] - value for seed, value in _variant(variant).items()}


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
        f"rate {rate:g}": Contrast(_shift_of_variance("before each BN", rate), still)
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


def _decay(norm: str | None, decay: float, way: str = "decay") -> dict[str, Any]:
    return {"norm": norm, "weight_decay": decay, "way": way}


def _decay_as_a_rate() -> dict[str, Contrast]:
    """Decay against none with the growing rate that stands for it."""
    decay = max(case_values("weight_decay", "weight_decay"))
    arms = _decay("gluon", decay), _decay("gluon", decay, "growing rate")
    return {f"BN, decay {decay:g}": against("weight_decay", *arms)}


def _effective_rate() -> dict[str, Contrast]:
    r"""The power of ten of :math:`\eta / \|w\|^2` at the end, with decay and without."""
    decay = max(case_values("weight_decay", "weight_decay"))

    def rate(layer: str, decay: float) -> dict[int, float]:
        def at_the_end(measures: Mapping[str, Any]) -> float:
            return -2 * math.log10(measures[f"weight_norm/{layer}"][-1])

        return by_seed("weight_decay", at_the_end, **_decay("gluon", decay))

    return {layer: between(partial(rate, layer), decay, 0.0) for layer in SCALE_INVARIANT}


def _one_class_at_a_time() -> dict[str, Contrast]:
    def trained(variant: str) -> dict[int, float]:
        return by_seed(STUDY, "train_accuracy_moving", variant=variant)

    names = {"no normalizer": "none", "BN": "BN"}
    return {n: between(trained, v, f"{v}, one class") for n, v in names.items()}


def _claim(
    name: str, quote: str, measure: Callable[[], dict[str, Contrast]], **words: Any
) -> Claim:
    options = {
        "kind": "always",
        "delta": 0.01,
        "because": A_POINT,
        "requires": (BOTH_LEARNED,),
        "studies": (STUDY,),
        "topic": "regularization with BN",
    }
    return Claim(name, quote, measure=measure, **{**options, **words})


CLAIMS = [
    _claim(
        "relieves_overfitting",
        "BN能一定程度上缓解过拟合",
        lambda: {"ReLU, few examples": between(_gap, "none", "BN")},
        effect="training minus test accuracy: none minus BN",
        requires=(),
        because="a gap smaller by a point is what one would call relief",
        meaning="BN relieves overfitting to some degree",
        source=INTERVIEW,
        topic="batch noise",
    ),
    _claim(
        "noise_narrows_the_gap",
        "noisier statistics narrow the gap between training and test",
        lambda: {other: between(_gap, "BN", other) for other in ("BN of 8", "BN of 4")},
        effect="training minus test accuracy: batches of 32 minus smaller ones",
        requires=(),
        source=COURSE,
        topic="batch noise",
    ),
    _claim(
        "noise_helps_test_accuracy",
        "noisier statistics give a better test accuracy",
        lambda: {other: between(_variant, other, "BN") for other in ("BN of 8", "BN of 4")},
        effect="test accuracy, smaller batches for the statistics minus 32",
        source=COURSE,
        topic="batch noise",
    ),
    _claim(
        "gains_test_accuracy",
        "BN gains test accuracy on few examples",
        _variants("BN", "none"),
        effect="test accuracy, BN minus none",
        source=COURSE,
        topic="batch noise",
    ),
    _claim(
        "dropout_can_go",
        "采用BN算法后,你可以移除这两项了参数 (drop out)",
        _variants("BN", "BN, dropout"),
        kind="no worse",
        effect="test accuracy, BN minus BN with dropout",
        meaning="with BN, dropout can be removed",
        source=TECHNIQUES,
    ),
    _claim(
        "l2_can_go",
        "采用BN算法后,你可以移除这两项了参数 (L2)",
        _variants("BN", "BN, L2"),
        kind="no worse",
        effect="test accuracy, BN minus BN with L2",
        meaning="with BN, L2 can be removed",
        source=TECHNIQUES,
    ),
    _claim(
        "dropout_still_adds",
        "with BN, dropout behind the last layer still adds test accuracy",
        lambda: {"few examples": between(_variant, "BN, dropout", "BN")},
        effect="test accuracy, BN with dropout minus BN",
        source=COURSE,
    ),
    _claim(
        "decay_is_a_rate",
        "with BN, weight decay does what a growing learning rate does",
        _decay_as_a_rate,
        kind="equal",
        effect="test accuracy, decay minus no decay with the growing rate that stands for it",
        studies=("weight_decay",),
        because="a point is what one would choose between the two for",
        source=COURSE,
        topic="weight decay",
        remark="in exact arithmetic the two are the same; rounding parts them",
    ),
    _claim(
        "decay_raises_the_rate",
        "with BN, weight decay raises the effective learning rate",
        _effective_rate,
        effect="powers of ten of the effective rate at the end, with decay minus without",
        delta=math.log10(2),
        because="twice the rate is the least that one would notice",
        requires=(),
        studies=("weight_decay",),
        source=COURSE,
        topic="weight decay",
    ),
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
    _claim(
        "shuffling_adds_a_point",
        "可以把训练数据彻底打乱 … 文献说这个可以提高1%的精度",
        lambda: {
            "BN": between(_variant, "BN", "BN, fixed"),
            "no normalizer": between(_variant, "none", "none, fixed"),
        },
        effect="test accuracy, batches made anew in each epoch minus the same ones",
        delta=0.005,
        because="of a gain of one per cent, half would still be worth the shuffling",
        meaning="shuffling the training data thoroughly adds 1 % of accuracy",
        source=TECHNIQUES,
        topic="shuffling",
    ),
    _claim(
        "changing_data_slow_training",
        "如果训练过程中,训练数据的分布一直在发生变化,那么将会影响网络的训练速度",
        _one_class_at_a_time,
        effect="training accuracy lost with batches of one class each",
        delta=0.05,
        because="five points are what one would mix the batches for",
        requires=(FIRST_LEARNED,),
        meaning="if the distribution of the training data keeps changing, training is slower",
        source=TECHNIQUES,
        topic="changing distributions",
    ),
]
