r"""Few examples: noise, dropout, L2 and the order of examples beside batch normalization."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from d2l_bn.experiments.claims.runs import accuracy_claim, between, tested
from d2l_bn.experiments.claims.sources import COURSE, INTERVIEW, TECHNIQUES
from d2l_bn.experiments.judgement import FIRST_LEARNED, Contrast
from d2l_bn.experiments.load import by_seed

__all__ = ["CLAIMS"]

STUDY = "regularization"


def _variant(name: str) -> dict[int, float]:
    return tested(STUDY, variant=name)


def _variants(first: str, *others: str) -> Callable[[], dict[str, Contrast]]:
    return lambda: {other: between(_variant, first, other) for other in others}


def _gap(variant: str) -> dict[int, float]:
    """Training minus test accuracy."""
    trained = by_seed(STUDY, "train_accuracy_moving", variant=variant)
    return {seed: trained[seed] - value for seed, value in _variant(variant).items()}


def _tuned(regularizer: str) -> dict[int, float]:
    """With BN, at the learning rate and the strength that are best on validation images."""
    from d2l_bn.experiments.studies.regularizers import CHOSEN  # loads MXNet

    lr, strength = CHOSEN[regularizer]
    return tested("regularizers", regularizer=regularizer, lr=lr, strength=strength)


def _beside_batch_norm(first: str, second: str) -> Callable[[], dict[str, Contrast]]:
    return lambda: {"few examples, tuned": between(_tuned, first, second)}


def _one_class_at_a_time() -> dict[str, Contrast]:
    def trained(variant: str) -> dict[int, float]:
        return by_seed(STUDY, "train_accuracy_moving", variant=variant)

    names = {"no normalizer": "none", "BN": "BN"}
    return {n: between(trained, v, f"{v}, one class") for n, v in names.items()}


_claim = partial(accuracy_claim, studies=(STUDY,), topic="regularization with BN")


CLAIMS = [
    _claim(
        "relieves_overfitting",
        "BN能一定程度上缓解过拟合",
        lambda: {"ReLU, few examples": between(_gap, "none", "BN")},
        effect="training minus test accuracy: none minus BN",
        requires=(),
        because="a gap smaller by a point is what one would call relief",
        meaning="BN relieves overfitting to some degree",
        source=INTERVIEW,
        topic="batch noise",
    ),
    _claim(
        "noise_narrows_the_gap",
        "noisier statistics narrow the gap between training and test",
        lambda: {other: between(_gap, "BN", other) for other in ("BN of 8", "BN of 4")},
        effect="training minus test accuracy: batches of 32 minus smaller ones",
        requires=(),
        source=COURSE,
        topic="batch noise",
    ),
    _claim(
        "noise_helps_test_accuracy",
        "noisier statistics give a better test accuracy",
        lambda: {other: between(_variant, other, "BN") for other in ("BN of 8", "BN of 4")},
        effect="test accuracy, smaller batches for the statistics minus 32",
        source=COURSE,
        topic="batch noise",
    ),
    _claim(
        "gains_test_accuracy",
        "BN gains test accuracy on few examples",
        _variants("BN", "none"),
        effect="test accuracy, BN minus none",
        source=COURSE,
        topic="batch noise",
    ),
    _claim(
        "dropout_can_go",
        "采用BN算法后,你可以移除这两项了参数 (drop out)",
        _beside_batch_norm("none", "dropout"),
        kind="no worse",
        studies=("regularizers",),
        effect="test accuracy, BN minus BN with dropout",
        meaning="with BN, dropout can be removed",
        source=TECHNIQUES,
    ),
    _claim(
        "l2_can_go",
        "采用BN算法后,你可以移除这两项了参数 (L2)",
        _beside_batch_norm("none", "L2"),
        kind="no worse",
        studies=("regularizers",),
        effect="test accuracy, BN minus BN with L2",
        meaning="with BN, L2 can be removed",
        source=TECHNIQUES,
    ),
    _claim(
        "dropout_still_adds",
        "with BN, dropout behind the last layer still adds test accuracy",
        _beside_batch_norm("dropout", "none"),
        studies=("regularizers",),
        effect="test accuracy, BN with dropout minus BN",
        source=COURSE,
    ),
    _claim(
        "shuffling_adds_a_point",
        "可以把训练数据彻底打乱 … 文献说这个可以提高1%的精度",
        lambda: {
            "BN": between(_variant, "BN", "BN, fixed"),
            "no normalizer": between(_variant, "none", "none, fixed"),
        },
        effect="test accuracy, batches made anew in each epoch minus the same ones",
        delta=0.005,
        because="of a gain of one per cent, half would still be worth the shuffling",
        meaning="shuffling the training data thoroughly adds 1 % of accuracy",
        source=TECHNIQUES,
        topic="shuffling",
    ),
    _claim(
        "changing_data_slow_training",
        "如果训练过程中,训练数据的分布一直在发生变化,那么将会影响网络的训练速度",
        _one_class_at_a_time,
        effect="training accuracy lost with batches of one class each",
        delta=0.05,
        because="five points are what one would mix the batches for",
        requires=(FIRST_LEARNED,),
        meaning="if the distribution of the training data keeps changing, training is slower",
        source=TECHNIQUES,
        topic="changing distributions",
    ),
]
