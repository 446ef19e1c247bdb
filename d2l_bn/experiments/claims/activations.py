r"""Which activation, and at which rate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from d2l_bn.experiments.claims.runs import NORMS, accuracy_claim, between, chosen, tested
from d2l_bn.experiments.claims.sources import TECHNIQUES
from d2l_bn.experiments.judgement import (
    EITHER_LEARNED,
    FIRST_LEARNED,
    Contrast,
)

__all__ = ["CLAIMS"]


def _by_norm(contrast: Callable[[str | None], Contrast]) -> Callable[[], dict[str, Contrast]]:
    return lambda: {name: contrast(norm) for norm, name in NORMS.items()}


def _activation(norm: str | None, name: str) -> dict[int, float]:
    return chosen("activations", activation=name, norm=norm)


def _activations(*pairs: tuple[str, str]) -> Callable[[], dict[str, Contrast]]:
    return lambda: {
        f"{first} against {second}, {name}": between(partial(_activation, norm), first, second)
        for first, second in pairs
        for norm, name in NORMS.items()
    }


def _at_rate(study: str, **fields: Any) -> Callable[[float], dict[int, float]]:
    return lambda lr: tested(study, lr=lr, **fields)


_claim = partial(
    accuracy_claim, source=TECHNIQUES, effect="test accuracy, each at the better of its rates"
)


CLAIMS = [
    _claim(
        "relu_beats_sigmoid",
        "不要使用sigmoid",
        _activations(("relu", "sigmoid")),
        requires=(FIRST_LEARNED,),
        studies=("activations",),
        meaning="do not use the sigmoid (ReLU is better)",
        topic="activations",
    ),
    _claim(
        "relu_beats_tanh",
        "可以使用tanh,但期望不要太高",
        _activations(("relu", "tanh")),
        studies=("activations",),
        meaning="tanh may be used, but do not expect too much (ReLU is better)",
        topic="activations",
    ),
    _claim(
        "leaky_or_elu_better",
        "尝试使用Leaky ReLU/Maxout/ELU",
        _activations(("leaky", "relu"), ("elu", "relu")),
        kind="exists",
        studies=("activations",),
        meaning="try leaky ReLU, maxout or ELU (they may be better than ReLU)",
        topic="activations",
        remark="maxout, which has twice the weights, was not measured",
    ),
    _claim(
        "relu_needs_a_small_rate",
        "使用ReLU时,使Learning Rates尽量小",
        _by_norm(
            lambda norm: between(_at_rate("activations", activation="relu", norm=norm), 0.1, 1.0)
        ),
        effect="test accuracy lost by a rate of 1 instead of 0.1",
        delta=0.05,
        because="five points are what one would lower a rate for",
        requires=(EITHER_LEARNED,),
        studies=("activations",),
        meaning="with ReLU, keep the learning rate small",
        topic="activations",
    ),
]
