r"""Why batch normalization works: shift, saturation, the size of gradients, the landscape."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from statistics import mean
from typing import Any

from d2l_bn.experiments.claims.runs import ACTIVATIONS, between
from d2l_bn.experiments.claims.sources import COURSE, INTERVIEW, LECTURE
from d2l_bn.experiments.judgement import (
    BOTH_LEARNED,
    FIRST_LEARNED,
    Claim,
    Contrast,
    Precondition,
    compare,
    learned,
)
from d2l_bn.experiments.load import by_seed
from d2l_bn.experiments.statistics import times_by_seed

__all__ = ["CLAIMS"]

LAYERS = ("act1", "act2", "act3", "act4")
A_TENTH, A_QUARTER = 0.1, math.log10(1.25)  # of a deviation; as a factor

Measured = Mapping[str, Any]


def _landscape(measure: Any, network: str, activation: str, factor: float = 1) -> dict[int, float]:
    fields = {"network": network, "activation": activation, "lr_factor": factor}
    return by_seed("landscape", measure, **fields)


def _typical(name: str, measures: Measured) -> float:
    """The geometric mean over the looks, so that one wild step does not decide."""
    logarithms = [math.log10(value) for value in measures[name] if value]
    return 10 ** mean(logarithms)


def _shift(activation: str, layer: str, network: str) -> dict[int, float]:
    return _landscape(partial(_typical, f"moment_shift/{layer}"), network, activation)


def _grows_with_depth() -> dict[str, Contrast]:
    return {a: Contrast(_shift(a, "act4", "none"), _shift(a, "act2", "none")) for a in ACTIVATIONS}


def _held_still() -> dict[str, Contrast]:
    return {
        f"{a}, in front of {layer}": between(partial(_shift, a, layer), "none", "batch")
        for a in ACTIVATIONS
        for layer in LAYERS[1:]
    }


def _noise(first: str, second: str) -> Callable[[], dict[str, Contrast]]:
    """Test accuracy of two of the networks; noise behind BN is gone when they are tested."""

    def arms(activation: str) -> Contrast:
        return between(
            lambda network: _landscape("test_accuracy", network, activation), first, second
        )

    return lambda: {activation: arms(activation) for activation in ACTIVATIONS}


def _noise_shifts(name: str, contrast: Contrast) -> bool:
    shift = between(partial(_landscape, "moment_shift/*", activation=name), "noisy", "batch")
    return compare(name, shift, A_TENTH).low > A_TENTH


def _plain_learns(name: str, contrast: Contrast) -> bool:
    return learned(_landscape("final_train_accuracy", "none", name.split(",")[0]))


PLAIN_LEARNS = Precondition("the network without BN learned", _plain_learns)
THE_NOISE_SHIFTS = Precondition("the noise shifts the inputs of the layers", _noise_shifts)


def _inspected(activation: str, norm: str | None, measure: Callable[[Measured], float]):
    return by_seed("inspection", measure, activation=activation, norm=norm)


def _sigmoids_drift() -> dict[str, Contrast]:
    def share(layer: str, moment: str) -> dict[int, float]:
        return _inspected("sigmoid", None, lambda measures: measures[moment]["saturated"][layer])

    return {
        f"sigmoid, layer {layer[-1]}": between(partial(share, layer), "end", "start", bound=0.0)
        for layer in LAYERS
    }


def _first_gradient(activation: str, norm: str | None) -> dict[int, float]:
    """At the start: the first layer's gradient as a share of the last one's, as a power of ten."""

    def share(measures: Measured) -> float:
        norms = measures["start"]["gradient_norm"]
        return math.log10(norms["conv1"] / norms["output"])

    return _inspected(activation, norm, share)


def _vanishes() -> dict[str, Contrast]:
    return {
        a: Contrast({seed: -share for seed, share in _first_gradient(a, None).items()})
        for a in ACTIVATIONS
    }


def _longer_steps() -> dict[str, Contrast]:
    """As large a step by a larger rate, without BN: is it ahead?"""
    return {
        f"{a}, steps × {factor}": between(
            partial(_landscape, "final_train_accuracy", "none", a), factor, 1
        )
        for a in ACTIVATIONS
        for factor in (3, 10)
    }


def _flatter(measure: str | Callable[[Measured], float]) -> Callable[[], dict[str, Contrast]]:
    """By what power of ten it is larger without BN."""
    of_run = partial(_typical, measure) if isinstance(measure, str) else measure
    return lambda: {
        a: Contrast(times_by_seed(_landscape(of_run, "none", a), _landscape(of_run, "batch", a)))
        for a in ACTIVATIONS
    }


def _band(measures: Measured) -> float:
    """Width of the band of losses along the gradient."""
    widths = [max(losses) - min(losses) for losses in measures["losses_along_gradient"]]
    return 10 ** mean(math.log10(width) for width in widths)


def _change(measures: Measured) -> float:
    """How much the gradient has changed after one step."""
    return 10 ** mean(math.log10(row[2]) for row in measures["gradient_distances"])


def _smoother(name: str, words: str, measure: str | Callable[[Measured], float]) -> Claim:
    return Claim(
        name,
        words,
        kind="always",
        effect="powers of ten by which it is larger without BN, at the same learning rate",
        measure=_flatter(measure),
        delta=A_QUARTER,
        because="a quarter more is what one could make good by a rate a quarter smaller",
        requires=(PLAIN_LEARNS,),
        studies=("landscape",),
        source=COURSE,
        topic="why BN works",
        remark="Santurkar et al. 2018 say so of deeper networks",
    )


CLAIMS = [
    Claim(
        "shift_grows_with_depth",
        "通过层层叠加,高层的输入分布变化会非常剧烈",
        kind="always",
        effect="shift of a layer's input in a step, last layer minus second, in deviations",
        measure=_grows_with_depth,
        delta=A_TENTH,
        because="a tenth of a deviation is the smallest shift that one would call a change",
        requires=(PLAIN_LEARNS,),
        studies=("landscape",),
        meaning="layer upon layer, the input distribution of the high layers changes ever more",
        source=INTERVIEW,
        topic="internal covariate shift",
    ),
    Claim(
        "holds_inputs_still",
        "同时固定该层的输入分布,使后一层的神经元不用反复重新适应分布的变化",
        kind="always",
        effect="shift of a layer's inputs in a step, none minus BN, in deviations",
        measure=_held_still,
        delta=A_TENTH,
        because="a tenth of a deviation is the smallest shift that one would call a change",
        requires=(PLAIN_LEARNS,),
        studies=("landscape",),
        meaning="BN holds the input distribution of a layer still",
        source=INTERVIEW,
        topic="internal covariate shift",
    ),
    Claim(
        "shift_does_not_matter",
        "他认为a和a’的分布相不相同都不影响训练",
        kind="equal",
        effect="test accuracy, BN minus BN with a shift put back behind it",
        measure=_noise("batch", "noisy"),
        delta=0.02,
        because="two points are what one would pay attention to",
        requires=(THE_NOISE_SHIFTS, BOTH_LEARNED),
        studies=("landscape",),
        meaning="whether the distributions are alike does not matter (Santurkar et al.)",
        source=LECTURE,
        topic="why BN works",
    ),
    Claim(
        "same_distribution_is_better",
        "gradient是根据a算出来的,适合用在a上不适合用在a’上。就说让a和a’有相同的分布比较好",
        kind="causal",
        effect="test accuracy, BN minus BN with a shift put back behind it",
        measure=_noise("batch", "noisy"),
        delta=0.02,
        because="two points are what one would pay attention to",
        requires=(THE_NOISE_SHIFTS, BOTH_LEARNED),
        studies=("landscape",),
        meaning="a gradient fits the distribution it was computed on; so the same one is better",
        source=LECTURE,
        topic="why BN works",
    ),
    Claim(
        "gain_without_stillness",
        "BN with a shift put back behind it is still better than no BN",
        kind="causal",
        effect="test accuracy, BN with a shift put back minus none",
        measure=_noise("noisy", "none"),
        delta=0.02,
        because="two points are what one would pay attention to",
        requires=(THE_NOISE_SHIFTS, FIRST_LEARNED),
        studies=("landscape",),
        meaning="holding the inputs still is not all that BN does",
        source=COURSE,
        topic="why BN works",
    ),
    Claim(
        "sigmoids_drift",
        "数据在网络中传播时整体分布逐渐往非线性函数的取值区间的上下限两端靠近",
        kind="always",
        effect="share of saturated sigmoids, after training minus before, without BN",
        measure=_sigmoids_drift,
        delta=0.05,
        because="one unit in twenty more at a flat end would be seen in the gradient",
        studies=("inspection",),
        meaning="values drift towards the flat ends of the sigmoid",
        source=INTERVIEW,
        topic="saturation and gradients",
        remark="at a batch of 64 and a rate of 1; at 256 and 0.9 nothing saturates",
    ),
    Claim(
        "gradients_vanish",
        "导致反向传播时低层神经网络的梯度消失",
        kind="always",
        effect="powers of ten from the first layer's gradient to the last one's, at the start",
        measure=_vanishes,
        delta=1.0,
        because="a tenth is where one rate no longer serves both layers",
        studies=("inspection",),
        meaning="the gradient vanishes in the low layers",
        source=INTERVIEW,
        topic="saturation and gradients",
    ),
    Claim(
        "larger_gradient",
        "让梯度变大,避免梯度消失问题产生",
        kind="always",
        effect="first layer's gradient as a share of the last one's, powers of ten, BN minus none",
        measure=lambda: {
            a: between(partial(_first_gradient, a), "gluon", None) for a in ACTIVATIONS
        },
        delta=math.log10(2),
        because="twice is the least that one would call larger",
        studies=("inspection",),
        meaning="BN makes the gradient larger and keeps it from vanishing",
        source=INTERVIEW,
        topic="saturation and gradients",
    ),
    Claim(
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
        source=INTERVIEW,
        topic="saturation and gradients",
    ),
    _smoother("narrower_losses", "with BN, the loss changes less along the gradient", _band),
    _smoother("steadier_gradient", "with BN, the gradient changes less along a step", _change),
    _smoother("smaller_smoothness", "with BN, the effective β is smaller", "smoothness"),
    _smoother("smaller_curvature", "with BN, the curvature is smaller", "largest_eigenvalue"),
]
