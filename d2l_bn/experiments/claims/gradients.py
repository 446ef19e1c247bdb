r"""Saturation, and the size of gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from statistics import mean
from typing import Any

from d2l_bn.experiments.claims.landscape import Measured, landscape
from d2l_bn.experiments.claims.runs import ACTIVATIONS, between, by_activation
from d2l_bn.experiments.claims.sources import INTERVIEW
from d2l_bn.experiments.judgement import (
    FIRST_LEARNED,
    Claim,
    Contrast,
    Precondition,
)
from d2l_bn.experiments.load import by_seed

__all__ = ["CLAIMS"]


def _inspected(activation: str, norm: str | None, measure: Callable[[Measured], float]):
    return by_seed("inspection", measure, activation=activation, norm=norm)


SETTINGS = {
    "batches of 64, rate 1": {"batch_size": 64, "lr": 1.0},
    "batches of 256, rate 0.9": {"batch_size": 256, "lr": 0.9},
}


def _saturated(setting: Mapping[str, Any], look: int) -> dict[int, float]:
    """Share of the last sigmoid's outputs at a flat end, at the first look or at the last one."""

    def share(measures: Measured) -> float:
        return measures["saturated/act4"][look]

    return by_seed("saturation", share, norm=None, interfered=None, **setting)


def _sigmoids_drift() -> dict[str, Contrast]:
    return {
        name: between(partial(_saturated, setting), -1, 0, bound=0.0)
        for name, setting in SETTINGS.items()
    }


def _interfered(batch_size: int, lr: float, how: str | None) -> dict[int, float]:
    fields = {"norm": None, "batch_size": batch_size, "lr": lr, "interfered": how}
    return by_seed("saturation", "test_accuracy", **fields)


def _saturation_put_in() -> dict[str, Contrast]:
    return {
        "batches of 256": between(partial(_interfered, 256, 0.9), None, "shifted"),
        "batches of 64, last layers slower": between(
            partial(_interfered, 64, 1.0), "slow", "slow, shifted"
        ),
    }


def _first_gradient(activation: str, norm: str | None) -> dict[int, float]:
    """At the start: the first layer's gradient as a share of the last one's, as a power of ten."""

    def share(measures: Measured) -> float:
        norms = measures["start"]["gradient_norm"]
        return math.log10(norms["conv1"] / norms["output"])

    return _inspected(activation, norm, share)


def _vanishes(activation: str) -> Contrast:
    shares = _first_gradient(activation, None)
    return Contrast({seed: -share for seed, share in shares.items()})


def _grows(activation: str) -> Contrast:
    return between(partial(_first_gradient, activation), "gluon", None)


def _longer_steps() -> dict[str, Contrast]:
    """As large a step by a larger rate, without BN: is it ahead?"""
    return {
        f"{a}, steps × {factor}": between(
            partial(landscape, "final_train_accuracy", "none", a), factor, 1
        )
        for a in ACTIVATIONS
        for factor in (3, 10)
    }


_claim = partial(Claim, source=INTERVIEW, topic="saturation and gradients")


CLAIMS = [
    _claim(
        "sigmoids_drift",
        "数据在网络中传播时整体分布逐渐往非线性函数的取值区间的上下限两端靠近",
        kind="always",
        effect="share of the last sigmoid's outputs that are saturated, end minus start, no BN",
        measure=_sigmoids_drift,
        delta=0.05,
        because="one unit in twenty more at a flat end would be seen in the gradient",
        studies=("saturation",),
        meaning="values drift towards the flat ends of the sigmoid",
    ),
    _claim(
        "saturation_keeps_from_learning",
        "逐渐往非线性函数的取值区间的上下限两端靠近 … 导致反向传播时低层神经网络的梯度消失",
        kind="causal",
        effect="test accuracy, start as it is minus last sigmoid saturated at the start",
        measure=_saturation_put_in,
        delta=0.1,
        because="learning or guessing is a matter of more than ten points",
        requires=(FIRST_LEARNED,),
        studies=("saturation",),
        meaning="saturation keeps a network of sigmoids from learning",
        remark="once it is there; the network does not learn before it either",
    ),
    _claim(
        "gradients_vanish",
        "导致反向传播时低层神经网络的梯度消失",
        kind="always",
        effect="powers of ten from the first layer's gradient to the last one's, at the start",
        measure=by_activation(_vanishes),
        delta=1.0,
        because="a tenth is where one rate no longer serves both layers",
        studies=("inspection",),
        meaning="the gradient vanishes in the low layers",
    ),
    _claim(
        "larger_gradient",
        "让梯度变大,避免梯度消失问题产生",
        kind="always",
        effect="first layer's gradient as a share of the last one's, powers of ten, BN minus none",
        measure=by_activation(_grows),
        delta=math.log10(2),
        because="twice is the least that one would call larger",
        studies=("inspection",),
        meaning="BN makes the gradient larger and keeps it from vanishing",
    ),
    _claim(
        "larger_gradient_is_faster",
        "梯度变大意味着学习收敛速度快",
        kind="causal",
        effect="training accuracy, steps lengthened without BN minus not lengthened",
        measure=_longer_steps,
        delta=0.05,
        because="five points within 160 steps are what BN has to show for itself",
        requires=(
            Precondition(
                "the network learned with steps of one of the two lengths",
                lambda name, contrast: any(mean(arm.values()) > 0.2 for arm in contrast.arms),
            ),
        ),
        studies=("landscape",),
        meaning="a larger gradient means faster convergence",
    ),
]
