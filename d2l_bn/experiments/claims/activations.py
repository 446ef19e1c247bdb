r"""Which activation, and at which rate."""

from __future__ import annotations

from functools import partial

from d2l_bn.experiments.claims.runs import (
    accuracy_claim,
    at_rates,
    between,
    chosen,
    head_to_head,
)
from d2l_bn.experiments.claims.sources import LAYERS, TECHNIQUES
from d2l_bn.experiments.judgement import (
    EITHER_LEARNED,
    FIRST_LEARNED,
    Contrast,
)
from d2l_bn.experiments.load import by_seed, case_values, select

__all__ = ["CLAIMS"]


def _activation(norm: str | None, name: str) -> dict[int, float]:
    return chosen("activations", activation=name, norm=norm)


_claim = partial(
    accuracy_claim,
    effect="test accuracy, each at the better of its rates",
    studies=("activations",),
    source=TECHNIQUES,
    topic="activations",
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
        head_to_head(_activation, ("relu", "sigmoid")),
        requires=(FIRST_LEARNED,),
        meaning="do not use the sigmoid (ReLU is better)",
    ),
    _claim(
        "relu_beats_tanh",
        "可以使用tanh,但期望不要太高",
        head_to_head(_activation, ("relu", "tanh")),
        meaning="tanh may be used, but do not expect too much (ReLU is better)",
    ),
    _claim(
        "leaky_or_elu_better",
        "尝试使用Leaky ReLU/Maxout/ELU",
        head_to_head(_activation, ("leaky", "relu"), ("elu", "relu")),
        kind="exists",
        meaning="try leaky ReLU, maxout or ELU (they may be better than ReLU)",
        remark="maxout, which has twice the weights, was not measured",
    ),
    _claim(
        "relu_needs_a_small_rate",
        "使用ReLU时,使Learning Rates尽量小",
        at_rates("activations", 0.1, 1.0, activation="relu"),
        effect="test accuracy lost by a rate of 1 instead of 0.1",
        delta=0.05,
        because="five points are what one would lower a rate for",
        requires=(EITHER_LEARNED,),
        meaning="with ReLU, keep the learning rate small",
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
