r"""Weight decay in front of a batch normalization is a learning rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from d2l_bn.experiments.claims.runs import NORMS, accuracy_claim, against, between, tested
from d2l_bn.experiments.claims.sources import COURSE
from d2l_bn.experiments.judgement import BOTH_LEARNED, Contrast
from d2l_bn.experiments.load import by_seed, case_values

__all__ = ["CLAIMS"]

SCALE_INVARIANT = ("conv1", "conv2", "dense1", "dense2")


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


def _beside_a_tuned_rate() -> dict[str, Contrast]:
    """With decay and without, both at the peak rate that is best on validation images."""
    from d2l_bn.experiments.studies.schedules import CHOSEN, DECAY, DECAYED  # loads MXNet

    def tuned(schedule: str, decay: float) -> dict[int, float]:
        params = {"momentum": 0.9, "wd": decay}
        lr = CHOSEN["gluon", schedule, decay]
        return tested("schedules", norm="gluon", schedule=schedule, lr=lr, optimizer_params=params)

    return {
        f"{schedule} rate, λ = {DECAY:g}": between(partial(tuned, schedule), DECAY, 0.0)
        for schedule in DECAYED
    }


def _harm_to_descent() -> dict[str, Contrast]:
    """The training loss at the end, of the largest decay and of none."""
    decay = max(case_values("weight_decay", "weight_decay"))
    return {
        title: against("weight_decay", _decay(norm, decay), _decay(norm, 0.0), "loss")
        for norm, title in NORMS.items()
    }


_claim = partial(
    accuracy_claim, studies=("weight_decay",), source=COURSE, topic="weight decay", requires=()
)


CLAIMS = [
    _claim(
        "decay_is_a_rate",
        "with BN, weight decay does what a growing learning rate does",
        _decay_as_a_rate,
        kind="equal",
        effect="test accuracy, decay minus no decay with the growing rate that stands for it",
        because="a point is what one would choose between the two for",
        requires=(BOTH_LEARNED,),
        remark="in exact arithmetic the two are the same; rounding parts them",
    ),
    _claim(
        "decay_raises_the_rate",
        "with BN, weight decay raises the effective learning rate",
        _effective_rate,
        effect="powers of ten of the effective rate at the end, with decay minus without",
        delta=math.log10(2),
        because="twice the rate is the least that one would notice",
    ),
    _claim(
        "decay_adds_nothing",
        "with BN and the learning rate tuned, weight decay in front of it adds nothing",
        _beside_a_tuned_rate,
        kind="equal",
        effect="test accuracy, decay minus none, each at its own best learning rate",
        because="a point of accuracy is what one would add decay for",
        studies=("schedules",),
        requires=(BOTH_LEARNED,),
    ),
    _claim(
        "large_decay_harms_descent",
        "a large weight decay raises the training loss, with BN and without",
        _harm_to_descent,
        effect="training loss in the last epoch, largest λ minus none, at one learning rate",
        delta=0.02,
        because="two hundredths are a twentieth of the loss that is left",
    ),
]
