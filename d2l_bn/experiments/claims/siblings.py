r"""What stands in the layer's place: local response, weights, recurrent networks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from d2l_bn.experiments.claims.runs import accuracy_claim, against, tested
from d2l_bn.experiments.claims.sources import (
    CHAPTER,
    LAYERS,
)
from d2l_bn.experiments.judgement import (
    EITHER_LEARNED,
    FIRST_LEARNED,
    Contrast,
)
from d2l_bn.experiments.load import case_values

__all__ = ["CLAIMS"]


#: of the study of variants, the layer as the chapter has it
BATCH_NORM = {"norm": "gluon", "places": (1, 2, 3, 4), "use_bias": True, "placement": "before"}


RELU_RATE = 0.1  # the chapter's way, of the study of the family


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


def _in_the_loop(cell: str, norm: str) -> dict[str, Contrast]:
    """A normalizer against none, each at the learning rate that is best on validation images."""
    from d2l_bn.experiments.studies.gates import CHOSEN  # loads MXNet

    def tuned(norm: str | None) -> dict[int, float]:
        return tested("gates", cell=cell, norm=norm, lr=CHOSEN[cell, norm])

    return {f"{cell}, tuned": Contrast(tuned(norm), tuned(None))}


_of_weight_norm = partial(accuracy_claim, source=LAYERS, topic="weight normalization")
_of_recurrent = partial(accuracy_claim, source=LAYERS, topic="recurrent networks")


CLAIMS = [
    accuracy_claim(
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
    _of_weight_norm(
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
    ),
    _of_weight_norm(
        "weight_norm_less_stable",
        "与批归一化相比,使用权重归一化训练深度网络的稳定性明显较差",
        _less_stable,
        effect="test accuracy at large learning rates, BN minus weight normalization",
        delta=0.05,
        because="clearly less stable must be five points at least",
        requires=(FIRST_LEARNED,),
        studies=("family", "learning_rate"),
        meaning="training with weight normalization is clearly less stable than with BN",
    ),
    _of_recurrent(
        "weight_norm_for_recurrent",
        "与 BN 不同,它也适用于 RNN",
        _recurrent("weight", "batch"),
        effect="test accuracy of a recurrent network, weight normalization minus BN with one layer",
        studies=("recurrent",),
        meaning="unlike BN, weight normalization is fit for recurrent networks, too",
    ),
    _of_recurrent(
        "layer_norm_for_recurrent",
        "并且也更容易应用于 RNN",
        partial(_in_the_loop, "tanh", "layer"),
        effect="test accuracy of a recurrent network, layer normalization minus none",
        studies=("gates",),
        meaning="layer normalization is good for recurrent networks",
        remark="that it is easier to apply needs no run: it has no statistics to keep for a step",
    ),
    _of_recurrent(
        "group_and_standardized_for_gates",
        "对于较小批量或复杂层(例如 LSTM、GRU)的训练,可以尝试使用权重标准化进行组标准化",
        partial(_in_the_loop, "lstm", "group+standardized"),
        effect="test accuracy of an LSTM, each gate a group and W standardized, minus none",
        studies=("gates",),
        meaning="for LSTM and GRU one may try group normalization with weight standardization",
        remark="BN in the gates is what it is said to replace; here it stands against none",
    ),
]
