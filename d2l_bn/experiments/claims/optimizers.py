r"""Measures on the study of optimizers."""

from __future__ import annotations

from collections.abc import Callable

from d2l_bn.experiments.claims.measures import NORMS, range_over
from d2l_bn.experiments.load import by_seed, case_values, select
from d2l_bn.experiments.statistics import Estimate, difference, estimate

__all__ = [
    "adam_is_best",
    "adaptive_is_fast",
    "alike",
    "momentum_is_faster",
    "needs_no_rate",
    "nesterov_is_better",
]

ADAPTIVE = ("adagrad", "adadelta", "rmsprop", "adam")


def _settings(
    optimizer: str, norm: str | None, momentum: float | None = None
) -> list[dict[int, float]]:
    """Of each setting of an optimizer, the test accuracy by seed."""
    runs = select("optimizers", optimizer=optimizer, norm=norm)
    if optimizer == "sgd":
        runs = [r for r in runs if r["case"]["optimizer_params"].get("momentum") == momentum]
    return [
        by_seed(runs, "test_accuracy", lr=lr, optimizer_params=params)
        for lr in case_values(runs, "lr")
        for params in case_values(runs, "optimizer_params")
    ]


def _best(optimizer: str, norm: str | None, momentum: float | None = None) -> dict[int, float]:
    settings = _settings(optimizer, norm, momentum)
    return max(settings, key=lambda seeds: estimate(seeds).mean)


def _by_norm(effect: Callable[[str | None], Estimate]) -> dict[str, Estimate]:
    return {name: effect(norm) for norm, name in NORMS.items()}


def adam_is_best():
    return {
        f"minus {other}, {name}": difference(_best("adam", norm), _best(other, norm))
        for other in ("sgd", "nag", "adagrad", "adadelta", "rmsprop")
        for norm, name in NORMS.items()
    }


def needs_no_rate(optimizer: str):
    """Five settings, a factor of three apart, differ by less than 0.1."""

    def room(norm):
        apart = range_over(_settings(optimizer, norm))
        return estimate({seed: 0.1 - value for seed, value in apart.items()})

    return lambda: _by_norm(room)


def alike():
    """RMSProp, AdaDelta and Adam, each at its best setting, within 0.03 of each other."""

    def room(norm):
        apart = range_over([_best(name, norm) for name in ("rmsprop", "adadelta", "adam")])
        return estimate({seed: 0.03 - value for seed, value in apart.items()})

    return _by_norm(room)


def momentum_is_faster():
    return _by_norm(lambda norm: difference(_best("sgd", norm, momentum=0.9), _best("sgd", norm)))


def nesterov_is_better():
    return _by_norm(lambda norm: difference(_best("nag", norm), _best("sgd", norm, momentum=0.9)))


def adaptive_is_fast():
    return {
        f"{optimizer}, {name}": difference(_best(optimizer, norm), _best("sgd", norm))
        for optimizer in ADAPTIVE
        for norm, name in NORMS.items()
    }
