r"""Runs of the studies as arms of a contrast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from statistics import mean
from typing import Any

from d2l_bn.experiments.judgement import BOTH_LEARNED, Claim, Contrast, exact_claim
from d2l_bn.experiments.load import Measure, Record, by_seed, measured, select
from d2l_bn.experiments.study import DIVERGED

__all__ = [
    "ACTIVATIONS",
    "NORMS",
    "accuracy_claim",
    "against",
    "at_rates",
    "between",
    "by_activation",
    "by_norm",
    "chosen",
    "chosen_setting",
    "exact_claims",
    "head_to_head",
    "settings",
    "tested",
]

ACTIVATIONS = ("sigmoid", "relu")
NORMS = {None: "no normalizer", "gluon": "BN"}  # and what a condition calls them
#: by which a setting may be chosen: never by the test images that it is then judged on
CHOSEN_BY = ("validation_accuracy", "train_accuracy", "train_accuracy_moving")


def tested(study: str, **fields: Any) -> dict[int, float]:
    """Test accuracy by seed; by population statistics where they were taken."""
    return by_seed(study, "test_accuracy", **fields)


def between(
    arm: Callable[[Any], Mapping[int, float]], first: Any, second: Any, bound: float | None = None
) -> Contrast:
    r"""The contrast of one arm, made twice.

    >>> between(lambda start: {0: start, 1: 2.0 * start}, 2.0, 1.0).effects
    {0: 1.0, 1: 2.0}
    """
    return Contrast(arm(first), arm(second), bound=bound)


def against(
    study: str,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    measure: Measure = "test_accuracy",
) -> Contrast:
    """The runs with the fields ``first`` against those with ``second``."""
    return between(lambda fields: by_seed(study, measure, **fields), first, second)


def by_norm(contrast: Callable[[str | None], Contrast]) -> Callable[[], dict[str, Contrast]]:
    """A contrast without BN and with it, each a condition."""
    return lambda: {name: contrast(norm) for norm, name in NORMS.items()}


def by_activation(contrast: Callable[[str], Contrast]) -> Callable[[], dict[str, Contrast]]:
    """A contrast with each of the two activations, each a condition."""
    return lambda: {activation: contrast(activation) for activation in ACTIVATIONS}


def head_to_head(
    arm: Callable[[str | None, str], Mapping[int, float]], *pairs: tuple[str, str]
) -> Callable[[], dict[str, Contrast]]:
    """The first of each pair against its second, without BN and with it."""
    return lambda: {
        f"{first} against {second}, {name}": between(partial(arm, norm), first, second)
        for first, second in pairs
        for norm, name in NORMS.items()
    }


def at_rates(
    study: str, first: float, second: float, **fields: Any
) -> Callable[[], dict[str, Contrast]]:
    """Test accuracy at one learning rate against that at another, without BN and with it."""
    return by_norm(
        lambda norm: against(
            study, {"norm": norm, "lr": first, **fields}, {"norm": norm, "lr": second, **fields}
        )
    )


def chosen(
    study: str | list[Record],
    over: tuple[str, ...] = ("lr",),
    measure: Measure = "test_accuracy",
    **fields: Any,
) -> dict[int, float]:
    r"""A measure by seed, at the setting of ``over`` that is best on validation data."""
    return by_seed(select(study, **fields), measure, **chosen_setting(study, over, **fields))


def chosen_setting(
    study: str | list[Record], over: tuple[str, ...] = ("lr",), **fields: Any
) -> dict[str, Any]:
    r"""The values of ``over`` with the best mean accuracy on validation data.

    Where a study has none, that on the training images is taken; never that on the test images. It
    is the mean over the seeds that all settings were run with; a run that diverged has the accuracy
    of a guess.

    Raises:
        ValueError: no run has these fields.
    """
    runs = select(study, **fields)
    if not runs:
        raise ValueError(f"{study}: none with {fields}; has the study been run in full?")
    finished = [run for run in runs if run["outcome"] != DIVERGED]
    by = next(name for name in CHOSEN_BY if all(_has(run, name) for run in finished))
    tried = settings(runs, over)
    seeds = set.intersection(*({run["seed"] for run in select(runs, **s)} for s in tried))

    def accuracy(setting: dict[str, Any]) -> float:
        of_all = [run for run in select(runs, **setting) if run["seed"] in seeds]
        return mean(measured(run, by) for run in of_all)

    return max(tried, key=accuracy)


def settings(runs: list[Record], over: tuple[str, ...]) -> list[dict[str, Any]]:
    r"""The values of the fields ``over``, each combination that was run once."""
    found: list[dict[str, Any]] = []
    for run in runs:
        setting = {name: run["case"][name] for name in over}
        if setting not in found:
            found.append(setting)
    return found


def accuracy_claim(
    name: str, quote: str, measure: Callable[[], Mapping[str, Contrast]], **words: Any
) -> Claim:
    r"""A claim on test accuracy: a point matters, and both networks must have learned."""
    options = {
        "kind": "always",
        "effect": "test accuracy",
        "delta": 0.01,
        "because": "a point of accuracy is what one would change something for",
        "requires": (BOTH_LEARNED,),
    }
    return Claim(name, quote, measure=measure, **{**options, **words})


def exact_claims(
    source: str, *rows: tuple[str, str, str, str, Callable[[], bool], str]
) -> list[Claim]:
    """Claims of a source by name, topic, quote, meaning, statement, and a remark or nothing."""
    return [
        exact_claim(
            name, quote, statement, meaning=meaning, topic=topic, source=source, remark=remark
        )
        for name, topic, quote, meaning, statement, remark in rows
    ]


def _has(run: Record, name: str) -> bool:
    if run["outcome"] == DIVERGED:  # whatever was measured, it counts as a guess
        return True
    return any(key in (name, f"{name}_by_epoch") for key in run["measures"])
