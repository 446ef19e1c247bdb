r"""What batch normalization buys: larger rates, and fewer steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from statistics import mean
from typing import Any

from d2l_bn.experiments.claims.runs import (
    ACTIVATIONS,
    NORMS,
    between,
    by_activation,
    chosen,
    tested,
)
from d2l_bn.experiments.claims.sources import CHAPTER, COURSE, LECTURE, TECHNIQUES
from d2l_bn.experiments.judgement import (
    BOTH_LEARNED,
    EITHER_LEARNED,
    Claim,
    Contrast,
    Precondition,
    learned,
)
from d2l_bn.experiments.load import case_values, select

__all__ = ["CLAIMS"]

RATES = "learning_rate"
NEARLY_BEST = 0.05  # test accuracy


def _plain_learns_somewhere(name: str, contrast: Contrast) -> bool:
    activation = name.split(",")[0]
    return learned(chosen(RATES, activation=activation, norm=None))


PLAIN_LEARNS = Precondition(
    "the network without BN learned at its own best rate", _plain_learns_somewhere
)


def _largest_rate(activation: str, norm: str | None) -> dict[int, float]:
    """By seed, the logarithm of the largest rate that costs no more than NEARLY_BEST."""
    arms = {
        lr: tested(RATES, activation=activation, norm=norm, lr=lr)
        for lr in case_values(RATES, "lr")
    }
    best = chosen(RATES, activation=activation, norm=norm)
    return {
        seed: math.log10(max(lr for lr in arms if arms[lr][seed] >= best[seed] - NEARLY_BEST))
        for seed in best
    }


def _where_none_trains() -> dict[str, Contrast]:
    """At every rate at which the network without BN stays at a guess: BN minus none."""
    contrasts = {}
    for activation in ACTIVATIONS:
        for lr in case_values(RATES, "lr"):
            none, bn = (tested(RATES, activation=activation, norm=n, lr=lr) for n in NORMS)
            if not learned(none):
                contrasts[f"{activation}, rate {lr:g}"] = Contrast(bn, none)
    return contrasts


def _on_the_way(activation: str, norm: str | None) -> dict[int, float]:
    """The mean training accuracy along the run: the area under the curve."""

    def area(measures: Mapping[str, Any]) -> float:
        return mean(row[2] for row in measures["curve"])

    return chosen(RATES, measure=area, activation=activation, norm=norm)


def _at_the_smallest_rate(activation: str, norm: str | None) -> dict[int, float]:
    smallest = min(case_values(RATES, "lr"))
    return tested(RATES, activation=activation, norm=norm, lr=smallest)


def _ahead(
    arm: Callable[[str, str | None], Mapping[int, float]],
) -> Callable[[], dict[str, Contrast]]:
    """BN minus none, for each activation."""
    return by_activation(lambda activation: between(partial(arm, activation), "gluon", None))


def _steps_saved(level: float, activation: str) -> Contrast:
    """Steps until the training accuracy is there; at most the length of the run."""
    case = select(RATES, activation=activation)[0]["case"]
    length = case["epochs"] * -(-case["examples"] // case["batch_size"])

    def steps(measures: Mapping[str, Any]) -> float:
        return float(next((row[0] for row in measures["curve"] if row[2] >= level), length))

    return between(
        lambda norm: chosen(RATES, measure=steps, activation=activation, norm=norm),
        None,
        "gluon",
        bound=length,
    )


_claim = partial(Claim, requires=(PLAIN_LEARNS,), studies=(RATES,), topic="what BN buys")


CLAIMS = [
    _claim(
        "larger_learning_rate",
        "可以选择比较大的初始学习率",
        kind="exists",
        effect=f"powers of ten between the largest rates that cost less than {NEARLY_BEST:g} of "
        "test accuracy, BN minus none",
        measure=_ahead(_largest_rate),
        delta=0.3,
        because="a rate twice as large is the least that one would call larger",
        meaning="one can choose a rather large initial learning rate",
        source=CHAPTER,
    ),
    _claim(
        "trains_where_plain_does_not",
        "BN trains at rates at which the same network without it stays at a guess",
        kind="exists",
        effect="test accuracy, BN minus none, where none stays at a guess",
        measure=_where_none_trains,
        delta=0.3,
        because="three more images of ten right is a network that learned",
        requires=(EITHER_LEARNED,),
        meaning="BN trains where the plain network does not",
        source=COURSE,
    ),
    _claim(
        "faster_training",
        "让训练速度飙涨,因为它具有快速训练收敛的特性",
        kind="always",
        effect="training accuracy, mean over the run, BN minus none, each at its best rate",
        measure=_ahead(_on_the_way),
        delta=0.05,
        because="five points along the whole way are a third of it saved, about",
        meaning="it lets the speed of training soar, for it converges fast",
        source=CHAPTER,
    ),
    _claim(
        "sooner_accurate",
        "使用了normalization训练会更快达到较高的准确度",
        kind="always",
        effect="steps to a training accuracy of 0.75 saved by BN, each at its best rate",
        measure=by_activation(partial(_steps_saved, 0.75)),
        delta=50,
        because="fifty steps are a sixth of the run",
        meaning="with normalization, training comes to a high accuracy sooner",
        source=LECTURE,
        remark="a run that never got there counts with its length, which is too few steps",
    ),
    _claim(
        "small_rate_faster",
        "当然这个算法即使你选择了较小的学习率,也比以前的收敛速度快",
        kind="always",
        effect="test accuracy at the smallest rate, BN minus none",
        measure=_ahead(_at_the_smallest_rate),
        delta=0.02,
        because="two points are more than the luck of one seed",
        requires=(BOTH_LEARNED,),
        meaning="even at a small learning rate it converges faster than before",
        source=TECHNIQUES,
    ),
]
