r"""Internal covariate shift: is it held still, and does it matter?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from d2l_bn.experiments.claims.landscape import A_QUARTER, PLAIN_LEARNS, STUDY, landscape, typical
from d2l_bn.experiments.claims.runs import ACTIVATIONS, between, by_activation
from d2l_bn.experiments.claims.sources import COURSE, INTERVIEW, LECTURE
from d2l_bn.experiments.judgement import (
    BOTH_LEARNED,
    FIRST_LEARNED,
    Claim,
    Contrast,
    Precondition,
    compare,
)
from d2l_bn.experiments.statistics import times_by_seed

__all__ = ["CLAIMS"]

LAYERS = ("act1", "act2", "act3", "act4")


A_TENTH = 0.1  # of a deviation


def _shift(activation: str, layer: str, network: str) -> dict[int, float]:
    return landscape(partial(typical, f"moment_shift/{layer}"), network, activation)


def _grows_with_depth(activation: str) -> Contrast:
    return between(lambda layer: _shift(activation, layer, "none"), "act4", "act2")


def _held_still() -> dict[str, Contrast]:
    return {
        f"{a}, in front of {layer}": between(partial(_shift, a, layer), "none", "batch")
        for a in ACTIVATIONS
        for layer in LAYERS[1:]
    }


def _gradients_shift() -> dict[str, Contrast]:
    """By layer, the power of ten by which a gradient shifts more without BN."""

    def shift(layer: str, network: str) -> dict[int, float]:
        return landscape(partial(typical, f"gradient_shift/{layer}"), network, "relu")

    return {
        f"relu, {layer}": Contrast(times_by_seed(shift(layer, "none"), shift(layer, "batch")))
        for layer in ("conv2", "dense1", "dense2", "output")
    }


def _noise(first: str, second: str) -> Callable[[], dict[str, Contrast]]:
    """Test accuracy of two of the networks; noise behind BN is gone when they are tested."""

    def arms(activation: str) -> Contrast:
        return between(
            lambda network: landscape("test_accuracy", network, activation), first, second
        )

    return by_activation(arms)


def _noise_shifts(name: str, contrast: Contrast) -> bool:
    shift = between(partial(landscape, "moment_shift/*", activation=name), "noisy", "batch")
    return compare(name, shift, A_TENTH).low > A_TENTH


THE_NOISE_SHIFTS = Precondition("the noise shifts the inputs of the layers", _noise_shifts)


_of_inputs = partial(
    Claim,
    kind="always",
    delta=A_TENTH,
    because="a tenth of a deviation is the smallest shift that one would call a change",
    requires=(PLAIN_LEARNS,),
    studies=(STUDY,),
    source=INTERVIEW,
    topic="internal covariate shift",
)
_of_noise = partial(
    Claim,
    delta=0.02,
    because="two points are what one would pay attention to",
    studies=(STUDY,),
    topic="why BN works",
)


CLAIMS = [
    _of_inputs(
        "shift_grows_with_depth",
        "通过层层叠加,高层的输入分布变化会非常剧烈",
        effect="shift of a layer's input in a step, last layer minus second, in deviations",
        measure=by_activation(_grows_with_depth),
        meaning="layer upon layer, the input distribution of the high layers changes ever more",
    ),
    _of_inputs(
        "holds_inputs_still",
        "同时固定该层的输入分布,使后一层的神经元不用反复重新适应分布的变化",
        effect="shift of a layer's inputs in a step, none minus BN, in deviations",
        measure=_held_still,
        meaning="BN holds the input distribution of a layer still",
    ),
    Claim(
        "gradients_shift_less",
        "with BN, the gradient of a layer changes less when the layers before it make their step",
        kind="always",
        effect="powers of ten by which a layer's gradient shifts more without BN",
        measure=_gradients_shift,
        delta=A_QUARTER,
        because="a quarter more is what one could make good by a rate a quarter smaller",
        requires=(PLAIN_LEARNS,),
        studies=(STUDY,),
        meaning="BN lessens internal covariate shift as Santurkar et al. define it",
        source=COURSE,
        topic="internal covariate shift",
    ),
    _of_noise(
        "shift_does_not_matter",
        "他认为a和a’的分布相不相同都不影响训练",
        kind="equal",
        effect="test accuracy, BN minus BN with a shift put back behind it",
        measure=_noise("batch", "noisy"),
        requires=(THE_NOISE_SHIFTS, BOTH_LEARNED),
        meaning="whether the distributions are alike does not matter (Santurkar et al.)",
        source=LECTURE,
    ),
    _of_noise(
        "same_distribution_is_better",
        "gradient是根据a算出来的,适合用在a上不适合用在a’上。就说让a和a’有相同的分布比较好",
        kind="causal",
        effect="test accuracy, BN minus BN with a shift put back behind it",
        measure=_noise("batch", "noisy"),
        requires=(THE_NOISE_SHIFTS, BOTH_LEARNED),
        meaning="a gradient fits the distribution it was computed on; so the same one is better",
        source=LECTURE,
    ),
    _of_noise(
        "gain_without_stillness",
        "BN with a shift put back behind it is still better than no BN",
        kind="causal",
        effect="test accuracy, BN with a shift put back minus none",
        measure=_noise("noisy", "none"),
        requires=(THE_NOISE_SHIFTS, FIRST_LEARNED),
        meaning="holding the inputs still is not all that BN does",
        source=COURSE,
    ),
]
