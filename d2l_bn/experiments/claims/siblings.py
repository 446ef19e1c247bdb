r"""Where the layer stands, and what stands in its place: siblings, weights, recurrent networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from d2l_bn.experiments.claims.runs import ACTIVATIONS, against, tested
from d2l_bn.experiments.claims.sources import (
    CHAPTER,
    COURSE,
    INTERVIEW,
    LAYERS,
    LECTURE,
    TECHNIQUES,
)
from d2l_bn.experiments.judgement import (
    BOTH_LEARNED,
    EITHER_LEARNED,
    FIRST_LEARNED,
    Claim,
    Contrast,
)
from d2l_bn.experiments.load import by_seed, case_values

__all__ = ["CLAIMS"]

A_POINT = "a point of accuracy is what one would change a layer for"
#: of the study of variants, the layer as the chapter has it
BATCH_NORM = {"norm": "gluon", "places": (1, 2, 3, 4), "use_bias": True, "placement": "before"}
RELU_RATE = 0.1  # the chapter's way, of the study of the family


def _variant(**change: Any) -> Callable[[], dict[str, Contrast]]:
    """The chapter's layer against one with a change."""
    return lambda: {"sigmoid": against("variants", BATCH_NORM, {**BATCH_NORM, **change})}


def _family(lr: float = RELU_RATE, **fields: Any) -> dict[int, float]:
    return tested("family", lr=lr, **fields)


def _local_response() -> dict[str, Contrast]:
    """In place of BN; beside it would be the test that the sentence asks for."""
    return {
        "sigmoid": against("variants", BATCH_NORM, {"norm": "local_response"}),
        "relu": Contrast(
            _family(norm="gluon", weights=None), _family(norm="local_response", weights=None)
        ),
    }


def _less_stable() -> dict[str, Contrast]:
    """At ten and thirty times the good rate, BN minus weight normalization."""
    return {
        f"ReLU, learning rate {lr:g}": Contrast(
            tested("learning_rate", activation="relu", norm="gluon", lr=lr),
            _family(lr, norm=None, weights="normalized"),
        )
        for lr in (1.0, 3.0)
    }


def _recurrent(norm: str, other: str | None) -> Callable[[], dict[str, Contrast]]:
    return lambda: {
        f"weights × {scale:g}": against(
            "recurrent",
            {"norm": norm, "scale": scale},
            {"norm": other, "scale": scale},
            "test_accuracy_moving",
        )
        for scale in case_values("recurrent", "scale")
    }


def _restored() -> dict[str, Contrast]:
    """Share of the channels whose γ came within 10 % of what would restore the input."""

    def share(measures: Mapping[str, Any]) -> float:
        layers = measures["restored"].values()
        return sum(layer["scale_within_10_percent"] for layer in layers) / len(layers) - 0.5

    return {
        a: Contrast(by_seed("inspection", share, activation=a, norm="gluon"), bound=-0.5)
        for a in ACTIVATIONS
    }


def _bell_shaped() -> dict[str, Contrast]:
    """How much nearer to a normal distribution's kurtosis the inputs are than the outputs."""

    def nearer(measures: Mapping[str, Any]) -> float:
        layers = measures["end"]["excess_kurtosis"].values()
        return sum(abs(layer["output"]) - abs(layer["input"]) for layer in layers) / len(layers)

    return {
        a: Contrast(by_seed("inspection", nearer, activation=a, norm="gluon")) for a in ACTIVATIONS
    }


def _claim(
    name: str, quote: str, measure: Callable[[], dict[str, Contrast]], **words: Any
) -> Claim:
    options = {
        "kind": "always",
        "delta": 0.01,
        "because": A_POINT,
        "requires": (BOTH_LEARNED,),
        "effect": "test accuracy",
    }
    return Claim(name, quote, measure=measure, **{**options, **words})


CLAIMS = [
    _claim(
        "before_or_after_alike",
        "在active function之前做normalization 还是之后呢?其实在实际操作中影响不大",
        _variant(placement="after"),
        kind="equal",
        effect="test accuracy, before the activation minus after it",
        studies=("variants",),
        meaning="before or after the activation hardly matters",
        source=LECTURE,
        topic="before or after the activation",
    ),
    _claim(
        "inputs_more_normal",
        "全连接和卷积层的输出一般是一个对称,非稀疏的一个分布,更加类似高斯分布",
        _bell_shaped,
        effect="|excess kurtosis|, behind the activation minus before it",
        delta=0.5,
        because="half of what a uniform distribution is away from a normal one, about",
        requires=(),
        studies=("inspection",),
        meaning="outputs of linear layers are more like a normal distribution than those of "
        "activations",
        source=TECHNIQUES,
        topic="before or after the activation",
    ),
    _claim(
        "gamma_and_beta_needed",
        "使得激活函数失去了其本身的非线性意义 … 所以BN为了保证非线性的获得 … 又进行了缩放平移操作",
        lambda: {"sigmoid": against("variants", BATCH_NORM, {"norm": "frozen"})},
        effect="test accuracy, BN minus BN with γ and β frozen",
        studies=("variants",),
        meaning="without γ and β the activation would lose its non-linearity",
        source=INTERVIEW,
        topic="γ and β",
    ),
    _claim(
        "gamma_restores_the_input",
        "不仅进行了归一化操作还恢复了x的特征分布",
        _restored,
        effect="share of channels with γ within 10 % of the input's deviation, minus one half",
        delta=0.1,
        because="it is what γ is for only if it is so in clearly more than half of the channels",
        requires=(),
        studies=("inspection",),
        meaning="it not only normalizes but also restores the distribution of x",
        source=CHAPTER,
        topic="γ and β",
        remark="that γ and β can restore it is another claim",
    ),
    _claim(
        "better_than_local_response",
        "再也不需要使用使用局部响应归一化层了",
        _local_response,
        effect="test accuracy, BN minus local response normalization in its place",
        requires=(EITHER_LEARNED,),
        studies=("variants", "family"),
        meaning="local response normalization is needed no more",
        source=CHAPTER,
        topic="what BN buys",
        remark="tested as a replacement; that it would add nothing beside BN is not tested",
    ),
    _claim(
        "weight_norm_is_faster",
        "权重归一化与批量归一化类似,可以加快训练速度",
        lambda: {
            "ReLU": Contrast(
                _family(norm=None, weights="normalized"), _family(norm=None, weights=None)
            ),
        },
        effect="test accuracy after 564 steps, weight normalization minus none",
        studies=("family",),
        meaning="weight normalization speeds training up as BN does",
        source=LAYERS,
        topic="weight normalization",
    ),
    _claim(
        "weight_norm_less_stable",
        "与批归一化相比,使用权重归一化训练深度网络的稳定性明显较差",
        _less_stable,
        effect="test accuracy at large learning rates, BN minus weight normalization",
        delta=0.05,
        because="clearly less stable must be five points at least",
        requires=(FIRST_LEARNED,),
        studies=("family", "learning_rate"),
        meaning="training with weight normalization is clearly less stable than with BN",
        source=LAYERS,
        topic="weight normalization",
    ),
    _claim(
        "weight_norm_for_recurrent",
        "与 BN 不同,它也适用于 RNN",
        _recurrent("weight", "batch"),
        effect="test accuracy of a recurrent network, weight normalization minus BN with one layer",
        studies=("recurrent",),
        meaning="unlike BN, weight normalization is fit for recurrent networks, too",
        source=LAYERS,
        topic="recurrent networks",
    ),
    _claim(
        "layer_norm_for_recurrent",
        "并且也更容易应用于 RNN",
        _recurrent("layer", None),
        effect="test accuracy of a recurrent network, layer normalization minus none",
        studies=("recurrent",),
        meaning="layer normalization is good for recurrent networks",
        source=LAYERS,
        topic="recurrent networks",
        remark="that it is easier to apply needs no run: it has no statistics to keep for a step",
    ),
    _claim(
        "one_batch_norm_is_enough",
        "one batch normalization in the right place is as good as four",
        lambda: {
            f"place {place}": against("variants", {**BATCH_NORM, "places": (place,)}, BATCH_NORM)
            for place in (1, 2, 3, 4)
        },
        kind="exists",
        effect="test accuracy, one BN minus four",
        requires=(FIRST_LEARNED,),
        studies=("variants",),
        source=COURSE,
        topic="which piece does the work",
    ),
    _claim(
        "any_place_rescues",
        "a single batch normalization, wherever it stands, makes the network learn",
        lambda: {
            f"place {place}": against(
                "variants", {**BATCH_NORM, "places": (place,)}, {"norm": None}
            )
            for place in (1, 2, 3, 4)
        },
        effect="test accuracy, one BN minus none",
        delta=0.3,
        because="three more images of ten right is a network that learned",
        requires=(EITHER_LEARNED,),
        studies=("variants",),
        source=COURSE,
        topic="which piece does the work",
    ),
]
