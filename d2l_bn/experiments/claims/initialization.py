r"""First weights: how much they matter, and which are good."""

from __future__ import annotations

from functools import partial

from d2l_bn.experiments.claims.runs import (
    ACTIVATIONS,
    NORMS,
    accuracy_claim,
    between,
    tested,
)
from d2l_bn.experiments.claims.sources import TECHNIQUES
from d2l_bn.experiments.judgement import (
    FIRST_LEARNED,
    Claim,
    Contrast,
    Precondition,
    learned,
)
from d2l_bn.experiments.load import by_seed, case_values, select

__all__ = ["CLAIMS"]

RATES, STARTS = "learning_rate", "initialization"


def _range_over_starts(activation: str, norm: str | None) -> dict[int, float]:
    """By seed, the best test accuracy minus the worst over the first weights."""
    runs = select(STARTS, activation=activation, norm=norm)
    arms = [by_seed(runs, "test_accuracy", init=init) for init in case_values(runs, "init")]
    return {seed: max(a[seed] for a in arms) - min(a[seed] for a in arms) for seed in arms[0]}


def _less_sensitive() -> dict[str, Contrast]:
    return {
        activation: between(partial(_range_over_starts, activation), None, "gluon")
        for activation in ACTIVATIONS
    }


PLAIN_STARTS_SOMEWHERE = Precondition(
    "the network without BN learned from some first weights",
    lambda name, contrast: any(
        learned(tested(STARTS, activation=name, norm=None, init=init))
        for init in case_values(STARTS, "init")
    ),
)


def _xavier() -> dict[str, Contrast]:
    def rule(norm: str | None, name: str) -> dict[int, float]:
        return tested("deep_initialization", rule=name, norm=norm)

    return {
        f"against {other}, {name}": between(partial(rule, norm), "xavier", other)
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
        studies=(STARTS,),
        meaning="BN lessens the strong dependence on the initialization",
        source=TECHNIQUES,
        topic="what BN buys",
    ),
    accuracy_claim(
        "xavier_is_reasonable",
        "合理的初始化(Xavier init)",
        _xavier,
        effect="test accuracy of ten layers, Xavier's minus the other",
        delta=0.05,
        because="five points are what one would change a rule of initialization for",
        requires=(FIRST_LEARNED,),
        studies=("deep_initialization",),
        meaning="Xavier's is the reasonable initialization, 0.01 is too small and 1.0 too large",
        source=TECHNIQUES,
        topic="initialization",
    ),
]
