r"""Schedules of the learning rate and of the momentum, each at the rate that validation chose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from d2l_bn.experiments.claims.runs import NORMS, accuracy_claim, between
from d2l_bn.experiments.claims.sources import COURSE, TECHNIQUES
from d2l_bn.experiments.judgement import FIRST_LEARNED, Contrast, interaction
from d2l_bn.experiments.load import Record, by_seed, select
from d2l_bn.experiments.studies.schedules import CHOSEN, RATES

__all__ = ["CLAIMS"]

STUDY = "schedules"
MOMENTUM = "momentum 0.5 to 0.9"


def _runs(norm: str | None, schedule: str, rate: float) -> list[Record]:
    """Those without weight decay."""
    runs = select(STUDY, norm=norm, schedule=schedule, lr=rate)
    return [run for run in runs if not run["case"]["optimizer_params"]["wd"]]


def _arm(norm: str | None, schedule: str) -> dict[int, float]:
    """At the rate that the study chose on held-out images over its first seeds."""
    return by_seed(_runs(norm, schedule, CHOSEN[norm, schedule, 0.0]), "test_accuracy")


def _against_constant(*schedules: str) -> Callable[[], dict[str, Contrast]]:
    return lambda: {
        f"{schedule}, {name}": between(partial(_arm, norm), schedule, "constant")
        for schedule in schedules
        for norm, name in NORMS.items()
    }


def _at_the_largest_peak() -> dict[str, Contrast]:
    def arm(norm: str | None, schedule: str) -> dict[int, float]:
        return by_seed(_runs(norm, schedule, max(RATES[norm])), "test_accuracy")

    return {
        f"peak {max(RATES[norm]):g}, {name}": between(partial(arm, norm), "one_cycle", "constant")
        for norm, name in NORMS.items()
    }


def _gain_is_larger_without() -> dict[str, Contrast]:
    gain = {norm: between(partial(_arm, norm), "cosine", "constant") for norm in NORMS}
    return {"cosine": interaction(gain[None], gain["gluon"])}


_claim = partial(
    accuracy_claim,
    effect="test accuracy after 600 steps minus that at a constant rate, each at its best rate",
    delta=0.005,
    because="half a point is what one would write another line for",
    studies=(STUDY,),
    topic="schedules",
)

CLAIMS = [
    _claim(
        "cycle_stands_a_large_peak",
        "a rate that rises slowly stands a peak at which a constant one fails",
        _at_the_largest_peak,
        kind="exists",
        effect="test accuracy at the largest peak that was tried, one cycle minus constant",
        delta=0.05,
        because="five points are more than any schedule gains at its best peak",
        requires=(FIRST_LEARNED,),
        source=COURSE,
    ),
    _claim(
        "falling_rate_is_better",
        "a rate that falls towards the end is better than any constant one",
        _against_constant("step", "cosine"),
        source=COURSE,
    ),
    _claim(
        "warm_up_is_better",
        "a rate that rises first and falls then is better than any constant one",
        _against_constant("warmup", "one_cycle"),
        source=COURSE,
    ),
    _claim(
        "schedule_matters_less_with_bn",
        "with batch normalization a schedule gains less",
        _gain_is_larger_without,
        kind="only",
        effect="what a cosine gains in test accuracy, without BN minus with it",
        requires=(),
        source=COURSE,
    ),
    _claim(
        "momentum_from_half",
        "初始值一般选为0.5;当梯度不那么大时,改为0.9",
        _against_constant(MOMENTUM),
        effect="test accuracy, from 0.5 to 0.9 minus 0.9 throughout, each at its best rate",
        meaning="begin with a momentum of 0.5 and go to 0.9 when the gradients are not so large",
        source=TECHNIQUES,
    ),
]
