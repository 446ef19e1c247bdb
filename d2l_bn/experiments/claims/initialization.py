r"""First weights: how much they matter, and which are good."""

from __future__ import annotations

from functools import partial

from d2l_bn.experiments.claims.runs import (
    ACTIVATIONS,
    NORMS,
    accuracy_claim,
    between,
    chosen,
    chosen_setting,
    tested,
)
from d2l_bn.experiments.claims.sources import COURSE, TECHNIQUES
from d2l_bn.experiments.judgement import (
    FIRST_LEARNED,
    Claim,
    Contrast,
    Precondition,
    learned,
)
from d2l_bn.experiments.load import by_seed, case_values, select

__all__ = ["CLAIMS"]

STARTS, DEEP = "initialization", "deep_initialization"
TEN_LAYERS = "ten layers, each start at its best rate"


def _range_over_starts(activation: str, norm: str | None) -> dict[int, float]:
    """By seed, the best test accuracy minus the worst over the first weights."""
    runs = select(STARTS, activation=activation, norm=norm)
    return _range([by_seed(runs, "test_accuracy", init=init) for init in case_values(runs, "init")])


def _range_over_rules(norm: str | None) -> dict[int, float]:
    """The same of ten layers, each rule at the rate that is best for it on validation images."""
    return _range([_at_its_best(norm, rule) for rule in case_values(DEEP, "rule")])


def _range(arms: list[dict[int, float]]) -> dict[int, float]:
    return {seed: max(a[seed] for a in arms) - min(a[seed] for a in arms) for seed in arms[0]}


def _less_sensitive() -> dict[str, Contrast]:
    in_lenet = {
        activation: between(partial(_range_over_starts, activation), None, "gluon")
        for activation in ACTIVATIONS
    }
    return {**in_lenet, TEN_LAYERS: between(_range_over_rules, None, "gluon")}


def _plain_learned(condition: str, contrast: Contrast) -> bool:
    if condition == TEN_LAYERS:
        return any(learned(_at_its_best(None, rule)) for rule in case_values(DEEP, "rule"))
    return any(
        learned(tested(STARTS, activation=condition, norm=None, init=init))
        for init in case_values(STARTS, "init")
    )


PLAIN_STARTS_SOMEWHERE = Precondition(
    "the network without BN learned from some first weights", _plain_learned
)


def _at_its_best(norm: str | None, rule: str) -> dict[int, float]:
    return chosen(DEEP, rule=rule, norm=norm)


def _at_the_rate_of_he() -> dict[str, Contrast]:
    """With BN, other first weights at the rate that suits He's."""
    rate = chosen_setting(DEEP, rule="he", norm="gluon")

    def rule(name: str) -> dict[int, float]:
        return tested(DEEP, rule=name, norm="gluon", **rate)

    return {f"He against {other}": between(rule, "he", other) for other in ("0.01", "1.0")}


def _xavier() -> dict[str, Contrast]:
    return {
        f"against {other}, {name}": between(partial(_at_its_best, norm), "xavier", other)
        for other in ("0.01", "1.0")
        for norm, name in NORMS.items()
    }


CLAIMS = [
    Claim(
        "less_sensitive_to_initialization",
        "减少对初始化的强烈依赖",
        kind="always",
        effect="best minus worst first weights in test accuracy: none minus BN",
        measure=_less_sensitive,
        delta=0.05,
        because="five points are what a careless deviation costs a network that still learns",
        requires=(PLAIN_STARTS_SOMEWHERE,),
        studies=(STARTS, DEEP),
        meaning="BN lessens the strong dependence on the initialization",
        source=TECHNIQUES,
        topic="what BN buys",
    ),
    accuracy_claim(
        "xavier_is_reasonable",
        "合理的初始化(Xavier init)",
        _xavier,
        effect="test accuracy of ten layers, Xavier's minus the other, each at its best rate",
        delta=0.05,
        because="five points are what one would change a rule of initialization for",
        requires=(FIRST_LEARNED,),
        studies=(DEEP,),
        meaning="Xavier's is the reasonable initialization, 0.01 is too small and 1.0 too large",
        source=TECHNIQUES,
        topic="initialization",
    ),
    accuracy_claim(
        "start_decides_the_rate",
        "with BN, too, the first weights decide which rate fits",
        _at_the_rate_of_he,
        effect="test accuracy of ten layers with BN, He's start minus the other at He's best rate",
        delta=0.05,
        because="five points are what one would look for another rate for",
        requires=(FIRST_LEARNED,),
        studies=(DEEP,),
        source=COURSE,
        topic="initialization",
    ),
]
