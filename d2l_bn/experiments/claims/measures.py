r"""Measures on the studies that more than one claim, or a lesson beside it, is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from d2l_bn.experiments.load import by_seed, case_values, select
from d2l_bn.experiments.statistics import Estimate, difference, estimate

__all__ = [
    "ACTIVATIONS",
    "BATCH_NORM",
    "NORMS",
    "SAME",
    "accuracy",
    "advantage",
    "best_rate",
    "learning_rates",
    "less",
    "range_over",
    "same",
    "sensitivity",
    "steps_saved",
    "steps_to",
]

ACTIVATIONS = ("sigmoid", "relu")
NORMS = {None: "no normalizer", "gluon": "BN"}  # and what a condition calls them
#: of the study of variants, the layer as the chapter has it
BATCH_NORM = {"norm": "gluon", "places": (1, 2, 3, 4), "use_bias": True, "placement": "before"}
SAME = 0.02  # test accuracy: what counts as the same


def advantage(study: str, first: dict[str, Any], second: dict[str, Any]) -> Estimate:
    """How much larger the test accuracy is with the fields ``first`` than with ``second``."""
    return difference(*(by_seed(study, "test_accuracy", **fields) for fields in (first, second)))


def less(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate:
    """By how much ``first`` is *below* ``second``, seed by seed."""
    return difference(second, first)


def same(gap: Estimate) -> Estimate:
    """What counts as the same, minus the distance of the two."""
    return Estimate(SAME - abs(gap.mean), gap.deviation, gap.n)


def learning_rates() -> list[float]:
    """The rates of the study of learning rates, ascending."""
    return sorted(case_values("learning_rate", "lr"))


def accuracy(activation: str, norm: str | None, lr: float) -> dict[int, float]:
    """Test accuracy by seed at one learning rate (population statistics where there are any)."""
    return by_seed("learning_rate", "test_accuracy", activation=activation, norm=norm, lr=lr)


def best_rate(activation: str, norm: str | None) -> float:
    """The learning rate with the best mean test accuracy."""
    return max(learning_rates(), key=lambda lr: estimate(accuracy(activation, norm, lr)).mean)


def steps_to(level: float, activation: str, norm: str | None, lr: float) -> dict[int, float]:
    """By seed, the steps until the training accuracy first reaches ``level``.

    Infinite where it does not: a difference then has no number, and a verdict no margin; so the
    length of the run stands for it, which is too few steps and never too many.
    """
    fields = {"activation": activation, "norm": norm, "lr": lr}
    case = select("learning_rate", **fields)[0]["case"]
    length = case["epochs"] * -(-case["examples"] // case["batch_size"])

    def steps(measures: Mapping[str, Any]) -> float:
        return float(next((row[0] for row in measures["curve"] if row[2] >= level), length))

    return by_seed("learning_rate", steps, **fields)


def steps_saved(level: float) -> dict[str, Estimate]:
    """By activation, how many steps sooner BN is at ``level``, each at its best rate."""
    return {
        activation: less(
            *(
                steps_to(level, activation, norm, best_rate(activation, norm))
                for norm in ("gluon", None)
            )
        )
        for activation in ACTIVATIONS
    }


def sensitivity(activation: str, norm: str | None) -> dict[int, float]:
    """By seed, the best test accuracy minus the worst over the initializations."""
    runs = select("initialization", activation=activation, norm=norm)
    return range_over([by_seed(runs, "test_accuracy", init=i) for i in case_values(runs, "init")])


def range_over(settings: list[dict[int, float]]) -> dict[int, float]:
    """By seed, the best minus the worst."""
    return {
        seed: max(s[seed] for s in settings) - min(s[seed] for s in settings)
        for seed in settings[0]
    }
