r"""Measures on the studies that more than one claim, or a lesson beside it, is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from d2l_bn.experiments.claims.evidence import document, study, values
from d2l_bn.experiments.statistics import Estimate, difference, estimate, per_seed, select

__all__ = [
    "accuracy",
    "best_rate",
    "by_seed",
    "inspection",
    "learning_rates",
    "less",
    "sensitivity",
    "shared",
    "steps_saved",
    "steps_to",
]

ACTIVATIONS = ("sigmoid", "relu")


def learning_rates() -> list[float]:
    """The rates of the study of learning rates, ascending."""
    return sorted({record["trial"]["lr"] for record in study("learning_rate")})


def accuracy(activation: str, norm: str | None, lr: float) -> dict[int, float]:
    """Test accuracy by seed at one learning rate (population statistics where there are any)."""
    return values("learning_rate", "accuracy", activation=activation, norm=norm, lr=lr)


def best_rate(activation: str, norm: str | None) -> float:
    """The learning rate with the best mean test accuracy."""
    return max(learning_rates(), key=lambda lr: estimate(accuracy(activation, norm, lr)).mean)


def steps_to(level: float, activation: str, norm: str | None, lr: float) -> dict[int, float]:
    """By seed, the steps until the training accuracy first reaches ``level``.

    Infinite where it does not: a difference then has no number, and a verdict no margin; so the
    length of the run stands for it, which is too few steps and never too many.
    """
    runs = select(study("learning_rate"), activation=activation, norm=norm, lr=lr)
    return {
        run["trial"]["seed"]: next(
            (float(row[0]) for row in run["curve"] if row[2] >= level), _length(run)
        )
        for run in runs
    }


def steps_saved(level: float) -> dict[str, Estimate]:
    """By activation, how many steps sooner BN is at ``level``, each at its best rate."""
    return {
        activation: less(
            steps_to(level, activation, "gluon", best_rate(activation, "gluon")),
            steps_to(level, activation, None, best_rate(activation, None)),
        )
        for activation in ACTIVATIONS
    }


def sensitivity(activation: str, norm: str | None) -> dict[int, float]:
    """By seed, the best test accuracy minus the worst over the initializations."""
    runs = select(study("initialization"), activation=activation, norm=norm)
    inits = list(dict.fromkeys(run["trial"]["init"] for run in runs))
    by_init = [per_seed(select(runs, init=init), "accuracy") for init in inits]
    return {
        seed: max(values[seed] for values in by_init) - min(values[seed] for values in by_init)
        for seed in by_init[0]
    }


def inspection(activation: str, norm: str | None) -> dict[int, dict]:
    """By seed, what scripts/run_inspection.py saw of one network."""
    return {
        record["seed"]: record
        for record in document("inspection.jsonl")
        if (record["network"]["activation"], record["network"]["norm"]) == (activation, norm)
    }


def by_seed(name: str, pick: Callable[[dict[str, Any]], float], **fields: Any) -> dict[int, float]:
    """By seed, ``pick(record)`` of the records of a results file that have these fields.

    Raises:
        ValueError: none has them, or two of one seed do.
    """
    records = document(name)
    if isinstance(records, dict):
        records = records["runs"]
    found: dict[int, float] = {}
    for record in records:
        if all(record[key] == value for key, value in fields.items()):
            if record["seed"] in found:
                raise ValueError(f"{name} has two records of seed {record['seed']} with {fields}")
            found[record["seed"]] = pick(record)
    if not found:
        raise ValueError(f"{name} has no record with {fields}; has its script been run in full?")
    return found


def shared(
    first: Mapping[int, float], second: Mapping[int, float]
) -> tuple[dict[int, float], dict[int, float]]:
    """Both with the seeds that both have: one of them was run with more."""
    seeds = sorted(set(first) & set(second))
    return {seed: first[seed] for seed in seeds}, {seed: second[seed] for seed in seeds}


def less(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate:
    """By how much ``first`` is *below* ``second``, seed by seed."""
    return difference(second, first)


def _length(run: Mapping) -> float:
    trial = run["trial"]
    return float(trial["epochs"] * -(-trial["examples"] // trial["batch_size"]))
