r"""Which activation, and at which rate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from d2l_bn.experiments.claims.runs import NORMS, accuracy_claim, between, chosen, tested
from d2l_bn.experiments.claims.sources import LAYERS, TECHNIQUES
from d2l_bn.experiments.judgement import (
    EITHER_LEARNED,
    FIRST_LEARNED,
    Contrast,
)
from d2l_bn.experiments.load import by_seed, case_values, select

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


def _dead() -> dict[str, Contrast]:
    """Share of the ReLUs that are 0 for every training image, mean of the layers, by rate."""

    def dead(lr: float, norm: str | None) -> dict[int, float]:
        return by_seed("activations", "dead/*", activation="relu", norm=norm, lr=lr)

    rates = case_values(select("activations", activation="relu"), "lr")
    return {f"rate {lr:g}": between(partial(dead, lr), None, "gluon", bound=0.0) for lr in rates}


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
    accuracy_claim(
        "dead_neurons_avoided",
        "这可能会避免由于错误的随机初始化而永远不会被激活的死亡神经元",
        _dead,
        kind="exists",
        effect="share of dead ReLUs after training, none minus BN",
        delta=0.05,
        because="one unit in twenty that never answers is a layer that narrow",
        requires=(),
        studies=("activations",),
        meaning="normalizing before the ReLU may avoid neurons that are dead",
        source=LAYERS,
        topic="dead neurons",
    ),
]
