r"""Measures on activations, first weights, learning rates, orders, regularizers and ensembles."""

from __future__ import annotations

from d2l_bn.experiments.claims.measures import (
    ACTIVATIONS,
    BATCH_NORM,
    NORMS,
    accuracy,
    advantage,
    learning_rates,
    less,
    same,
    sensitivity,
)
from d2l_bn.experiments.load import by_seed, select
from d2l_bn.experiments.statistics import difference, estimate, paired

__all__ = [
    "bell_shaped",
    "drop",
    "ensemble_gain",
    "less_sensitive_to_the_start",
    "no_bias_needed",
    "range_is_right",
    "shuffling_adds_a_point",
    "small_rate_is_ahead",
    "sorted_batches_are_slow",
    "too_large",
]


def _tested(study: str, **fields) -> dict[int, float]:
    return by_seed(study, "test_accuracy", **fields)


def _by_norm(effect):
    """``effect(norm)`` without a normalizer and with batch normalization."""
    return {name: effect(norm) for norm, name in NORMS.items()}


def small_rate_is_ahead():
    smallest = min(learning_rates())
    return {
        activation: difference(
            accuracy(activation, "gluon", smallest), accuracy(activation, None, smallest)
        )
        for activation in ACTIVATIONS
    }


def drop(what: str):
    """BN alone against BN with the other regularizer: no loss of more than 0.01."""

    def measure():
        gap = paired(*(_tested("regularization", variant=v) for v in ("BN", f"BN, {what}")))
        return {f"ReLU, few examples, {what}": gap._replace(mean=gap.mean + 0.01)}

    return measure


def shuffling_adds_a_point():
    return {
        name: difference(
            *(_tested("regularization", variant=v) for v in (variant, f"{variant}, fixed"))
        )
        for name, variant in (("BN", "BN"), ("no normalizer", "none"))
    }


def sorted_batches_are_slow():
    """One class in each batch: the same distribution in no two."""
    return {
        name: paired(
            *(
                by_seed("regularization", "train_accuracy_moving", variant=v)
                for v in (variant, f"{variant}, one class")
            )
        )
        for name, variant in (("no normalizer", "none"), ("BN", "BN"))
    }


def range_is_right():
    """The best rate of the range that is recommended, against the chapter's rates above it."""
    return _by_norm(
        lambda norm: difference(
            *(_tested("learning_rate_range", lr=lr, norm=norm) for lr in (1e-3, 0.1))
        )
    )


def too_large():
    """At a rate of 1e6 the loss is above three times that of the start, or not finite."""

    def explodes(record):
        loss = record["measures"]["loss_by_epoch"]
        return float(record["outcome"] == "diverged" or loss[-1] > 3 * 2.3026) - 0.5

    return {
        f"{lr:g}, {name}": estimate(
            explodes(record) for record in select("learning_rate_range", lr=lr, norm=norm)
        )
        for lr in (1e-6, 1e6)
        for norm, name in NORMS.items()
    }


def ensemble_gain():
    def gain(measures):
        together, alone = (
            measures[f"test_accuracy_population/{name}"] for name in ("together", "alone")
        )
        return together[-1] - sum(alone) / len(alone)

    return {"five networks": estimate(by_seed("ensembles", gain))}


def bell_shaped():
    """How much nearer to a normal distribution's kurtosis the inputs are than the outputs."""

    def nearer(measures):
        layers = measures["end"]["excess_kurtosis"].values()
        return sum(abs(layer["output"]) - abs(layer["input"]) for layer in layers) / 4

    return {
        activation: estimate(by_seed("inspection", nearer, activation=activation, norm="gluon"))
        for activation in ACTIVATIONS
    }


def no_bias_needed():
    without = {**BATCH_NORM, "use_bias": False}
    return {"sigmoid": same(advantage("variants", without, BATCH_NORM))}


def less_sensitive_to_the_start():
    return {
        activation: less(sensitivity(activation, "gluon"), sensitivity(activation, None))
        for activation in ACTIVATIONS
    }
