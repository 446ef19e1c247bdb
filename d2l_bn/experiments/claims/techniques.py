r"""Measures on activations, first weights, learning rates, orders, regularizers and ensembles."""

from __future__ import annotations

from d2l_bn.experiments.claims.evidence import advantage, document
from d2l_bn.experiments.claims.measures import (
    ACTIVATIONS,
    accuracy,
    by_seed,
    inspection,
    learning_rates,
    less,
    sensitivity,
    shared,
)
from d2l_bn.experiments.statistics import CHANCE, Estimate, difference, estimate

__all__ = [
    "bell_shaped",
    "better_than",
    "curriculum_helps",
    "drop",
    "early_stopping_helps",
    "ensemble_gain",
    "less_sensitive_to_the_start",
    "no_bias_needed",
    "range_is_right",
    "relu_needs_a_small_rate",
    "shuffling_adds_a_point",
    "shuffling_against_sorted",
    "small_rate_is_ahead",
    "sorted_batches_are_slow",
    "too_large",
    "xavier_is_reasonable",
]

BN = {"norm": "gluon", "places": (1, 2, 3, 4), "placement": "before"}
SAME = 0.02  # test accuracy: what counts as the same


def _part(part: str, pick, **case) -> dict[int, float]:
    """By seed, of the records of results/techniques.jsonl whose case has these values."""
    return {
        record["case"]["seed"]: pick(record)
        for record in document("techniques.jsonl")
        if record["part"] == part
        and all(record["case"].get(key) == value for key, value in case.items())
    }


def _tested(record) -> float:
    return CHANCE if record["outcome"] == "diverged" else record["test_accuracy"][-1]


def _activation(name: str, lr: float, norm: str | None = None) -> dict[int, float]:
    return _part("activations", _tested, activation=name, lr=lr, norm=norm)


def _activation_best(name: str, norm: str | None = None) -> dict[int, float]:
    return max(
        (_activation(name, lr, norm) for lr in (0.1, 1.0)), key=lambda seeds: estimate(seeds).mean
    )


def better_than(name: str, others: tuple[str, ...]):
    def measure():
        return {
            f"{name} minus {other}, {'BN' if norm else 'no normalizer'}": difference(
                _activation_best(name, norm), _activation_best(other, norm)
            )
            for other in others
            for norm in (None, "gluon")
        }

    return measure


def relu_needs_a_small_rate():
    """What ReLU loses by a rate of 1 in the place of 0.1."""
    return {
        "BN" if norm else "no normalizer": less(
            _activation("relu", 1.0, norm), _activation("relu", 0.1, norm)
        )
        for norm in (None, "gluon")
    }


def _initialization(rule: str, norm: str | None) -> dict[int, float]:
    return _part("initialization", _tested, rule=rule, norm=norm)


def xavier_is_reasonable():
    return {
        f"against {rule}, {'BN' if norm else 'no normalizer'}": difference(
            _initialization("xavier", norm), _initialization(rule, norm)
        )
        for rule in ("0.01", "1.0")
        for norm in (None, "gluon")
    }


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
        def tested(variant):
            return by_seed(
                "regularization.jsonl", lambda run: run["population_test_accuracy"], variant=variant
            )

        gap = difference(*shared(tested("BN"), tested(f"BN, {what}")))
        return {f"ReLU, few examples, {what}": gap._replace(mean=gap.mean + 0.01)}

    return measure


def shuffling_adds_a_point():
    def tested(variant):
        return by_seed(
            "regularization.jsonl",
            lambda run: run.get("population_test_accuracy", run["test_accuracy"]),
            variant=variant,
        )

    return {
        "BN": difference(tested("BN"), tested("BN, fixed")),
        "no normalizer": difference(tested("none"), tested("none, fixed")),
    }


def sorted_batches_are_slow():
    """One class in each batch: the same distribution in no two."""

    def trained(variant):
        return by_seed(
            "regularization.jsonl", lambda run: run["final_train_accuracy"], variant=variant
        )

    return {
        "no normalizer": less(*shared(trained("none, one class"), trained("none"))),
        "BN": less(*shared(trained("BN, one class"), trained("BN"))),
    }


def curriculum_helps():
    return _order_against("easy_first", "shuffled")


def shuffling_against_sorted():
    return _order_against("shuffled", "sorted")


def _order_against(first: str, second: str):
    def tested(order, norm):
        return _part("orders", _tested, order=order, norm=norm)

    return {
        "BN" if norm else "no normalizer": difference(tested(first, norm), tested(second, norm))
        for norm in (None, "gluon")
    }


def range_is_right():
    """The best rate of the range that 003 names, against the chapter's rates above it."""

    def tested(lr, norm):
        return _part("learning_rates", _tested, lr=lr, norm=norm)

    return {
        "BN" if norm else "no normalizer": difference(tested(1e-3, norm), tested(0.1, norm))
        for norm in (None, "gluon")
    }


def too_large():
    """At a rate of 1e6 the loss is above three times that of the start, or not finite."""

    def explodes(record):
        losses = record["loss"]
        return float(record["outcome"] == "diverged" or losses[-1] > 3 * 2.3026) - 0.5

    return {
        f"{lr:g}, {'BN' if norm else 'no normalizer'}": estimate(
            _part("learning_rates", explodes, lr=lr, norm=norm)
        )
        for lr in (1e-6, 1e6)
        for norm in (None, "gluon")
    }


def ensemble_gain():
    return {
        "five networks": estimate(
            _part(
                "ensembles",
                lambda record: record["together"][-1] - sum(record["alone"]) / len(record["alone"]),
            )
        )
    }


def early_stopping_helps():
    """Test accuracy where the validation accuracy was best, minus that of the last epoch."""

    def gain(record):
        validation, tested = record["validation_accuracy"], record["test_accuracy"]
        return tested[validation.index(max(validation))] - tested[-1]

    return {
        "BN" if norm else "no normalizer": estimate(_part("early_stopping", gain, norm=norm))
        for norm in (None, "gluon")
    }


def bell_shaped():
    """How much nearer to a normal distribution's kurtosis the inputs are than the outputs."""
    effects = {}
    for activation in ACTIVATIONS:
        nearer = {
            seed: sum(
                abs(layer["output"]) - abs(layer["input"])
                for layer in record["end"]["excess_kurtosis"].values()
            )
            / 4
            for seed, record in inspection(activation, "gluon").items()
        }
        effects[activation] = estimate(nearer)
    return effects


def no_bias_needed():
    gap = advantage("variants", "accuracy", {**BN, "use_bias": False}, {**BN, "use_bias": True})
    return {"sigmoid": Estimate(SAME - abs(gap.mean), gap.deviation, gap.n)}


def less_sensitive_to_the_start():
    return {
        activation: less(sensitivity(activation, "gluon"), sensitivity(activation, None))
        for activation in ACTIVATIONS
    }
