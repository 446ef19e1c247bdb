r"""Measures on the study of optimizers."""

from __future__ import annotations

from d2l_bn.experiments.claims.evidence import study
from d2l_bn.experiments.statistics import difference, estimate, last_value, select

__all__ = [
    "adam_is_best",
    "adaptive_is_fast",
    "alike",
    "momentum_is_faster",
    "needs_no_rate",
    "nesterov_is_better",
]

ADAPTIVE = ("adagrad", "adadelta", "rmsprop", "adam")


def _optimizer(name: str, norm: str | None, momentum: float = 0.0) -> dict[tuple, dict[int, float]]:
    """By setting, the accuracy by seed."""
    by_setting: dict[tuple, dict[int, float]] = {}
    for record in select(study("optimizers"), optimizer=name, norm=norm):
        trial = record["trial"]
        params = dict(trial["optimizer_params"])
        if name == "sgd" and params.get("momentum", 0.0) != momentum:
            continue
        key = (trial["lr"], str(params))
        by_setting.setdefault(key, {})[trial["seed"]] = last_value(record, "accuracy")
    return by_setting


def _best(name: str, norm: str | None, momentum: float = 0.0) -> dict[int, float]:
    settings = _optimizer(name, norm, momentum).values()
    return max(settings, key=lambda seeds: estimate(seeds).mean)


def _range_over_settings(name: str, norm: str | None) -> dict[int, float]:
    """By seed, the best accuracy minus the worst over an optimizer's five settings."""
    settings = list(_optimizer(name, norm).values())
    return {
        seed: max(s[seed] for s in settings) - min(s[seed] for s in settings)
        for seed in settings[0]
    }


def adam_is_best():
    return {
        f"minus {other}, {'BN' if norm else 'no normalizer'}": difference(
            _best("adam", norm), _best(other, norm)
        )
        for other in ("sgd", "nag", "adagrad", "adadelta", "rmsprop")
        for norm in (None, "gluon")
    }


def needs_no_rate(name: str):
    """Five settings, a factor of three apart, differ by less than 0.1."""

    def measure():
        return {
            "BN" if norm else "no normalizer": estimate(
                {seed: 0.1 - value for seed, value in _range_over_settings(name, norm).items()}
            )
            for norm in (None, "gluon")
        }

    return measure


def alike():
    """RMSProp, AdaDelta and Adam, each at its best setting, within 0.03 of each other."""
    effects = {}
    for norm in (None, "gluon"):
        best = [_best(name, norm) for name in ("rmsprop", "adadelta", "adam")]
        apart = {
            seed: 0.03 - (max(b[seed] for b in best) - min(b[seed] for b in best))
            for seed in best[0]
        }
        effects["BN" if norm else "no normalizer"] = estimate(apart)
    return effects


def momentum_is_faster():
    return {
        "BN" if norm else "no normalizer": difference(
            _best("sgd", norm, momentum=0.9), _best("sgd", norm)
        )
        for norm in (None, "gluon")
    }


def nesterov_is_better():
    return {
        "BN" if norm else "no normalizer": difference(
            _best("nag", norm), _best("sgd", norm, momentum=0.9)
        )
        for norm in (None, "gluon")
    }


def adaptive_is_fast():
    return {
        f"{name}, {'BN' if norm else 'no normalizer'}": difference(
            _best(name, norm), _best("sgd", norm)
        )
        for name in ADAPTIVE
        for norm in (None, "gluon")
    }
