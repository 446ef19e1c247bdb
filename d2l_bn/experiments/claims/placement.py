r"""Where the layer stands, and which piece of it does the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from d2l_bn.experiments.claims.runs import ACTIVATIONS, accuracy_claim, against, chosen
from d2l_bn.experiments.claims.sources import (
    CHAPTER,
    COURSE,
    INTERVIEW,
    LECTURE,
    TECHNIQUES,
)
from d2l_bn.experiments.judgement import (
    EITHER_LEARNED,
    FIRST_LEARNED,
    Contrast,
)
from d2l_bn.experiments.load import by_seed

__all__ = ["CLAIMS"]


#: of the study of variants, the layer as the chapter has it
BATCH_NORM = {"norm": "gluon", "places": (1, 2, 3, 4), "use_bias": True, "placement": "before"}


def _before_and_after() -> dict[str, Contrast]:
    """Each place at the learning rate that is best for it."""
    return {
        a: Contrast(
            chosen("learning_rate", activation=a, norm="gluon"), chosen("placement", activation=a)
        )
        for a in ACTIVATIONS
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


CLAIMS = [
    accuracy_claim(
        "before_or_after_alike",
        "在active function之前做normalization 还是之后呢?其实在实际操作中影响不大",
        _before_and_after,
        kind="equal",
        effect="test accuracy, before the activation minus after it, each at its best rate",
        delta=0.02,
        because="two points are what one would move a layer for",
        studies=("learning_rate", "placement"),
        meaning="before or after the activation hardly matters",
        source=LECTURE,
        topic="before or after the activation",
    ),
    accuracy_claim(
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
    accuracy_claim(
        "gamma_and_beta_needed",
        "使得激活函数失去了其本身的非线性意义 … 所以BN为了保证非线性的获得 … 又进行了缩放平移操作",
        lambda: {"sigmoid": against("variants", BATCH_NORM, {"norm": "frozen"})},
        effect="test accuracy, BN minus BN with γ and β frozen",
        studies=("variants",),
        meaning="without γ and β the activation would lose its non-linearity",
        source=INTERVIEW,
        topic="γ and β",
    ),
    accuracy_claim(
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
    accuracy_claim(
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
    accuracy_claim(
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
