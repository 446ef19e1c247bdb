r"""Source 000, the chapter of *Dive into Deep Learning*, day 17: its claims."""

from __future__ import annotations

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.claim import Claim
from d2l_bn.experiments.claims.evidence import advantage, values
from d2l_bn.experiments.claims.measures import (
    ACTIVATIONS,
    accuracy,
    best_rate,
    inspection,
    learning_rates,
    less,
    steps_saved,
)
from d2l_bn.experiments.statistics import difference, estimate

__all__ = ["CLAIMS"]

ACCURACY = "test accuracy"
EXACT = "exact"
HERE = "computed here"


def _hurt_by(change: str):
    def measure():
        return {
            f"{activation}, {'BN' if norm else 'no normalizer'}": less(
                _tested(activation, norm, change), _tested(activation, norm, "as they are")
            )
            for activation, norm in (("relu", None), ("relu", "gluon"), ("sigmoid", "gluon"))
        }

    return measure


def _tested(activation, norm, images):
    return {
        seed: record["test_accuracy"][images]
        for seed, record in inspection(activation, norm).items()
    }


def _larger_rate():
    """The largest rate at which BN stays within 0.05 of its best: BN there, less none there."""
    effects = {}
    for activation in ACTIVATIONS:
        best = estimate(accuracy(activation, "gluon", best_rate(activation, "gluon"))).mean
        largest = max(
            lr
            for lr in learning_rates()
            if estimate(accuracy(activation, "gluon", lr)).mean > best - 0.05
        )
        effects[f"{activation}, learning rate {largest:g}"] = difference(
            accuracy(activation, "gluon", largest), accuracy(activation, None, largest)
        )
    return effects


def _instead_of_local_response():
    chapter = advantage(
        "variants",
        "accuracy",
        {"norm": "gluon", "places": (1, 2, 3, 4), "use_bias": True, "placement": "before"},
        {"norm": "local_response"},
    )
    relu = difference(
        values("family", "accuracy", norm="gluon"),
        values("family", "accuracy", norm="local_response"),
    )
    return {"sigmoid": chapter, "relu": relu}


def _restored():
    """Share of the channels, less 0.9, whose γ came within 10 % of what it would restore."""
    return {
        activation: estimate(
            {
                seed: sum(layer["scale_within_10_percent"] for layer in record["restored"].values())
                / len(record["restored"])
                - 0.9
                for seed, record in inspection(activation, "gluon").items()
            }
        )
        for activation in ACTIVATIONS
    }


CLAIMS = [
    Claim(
        1,
        "000",
        "一旦训练数据与测试数据的分布不同,那么网络的泛化能力也大大降低",
        "once training and test data differ in distribution, generalization is much reduced",
        _hurt_by("darker"),
        "test accuracy lost on images half as bright",
        "results/inspection.jsonl",
        at_least=0.05,
    ),
    Claim(
        2,
        "000",
        "可以选择比较大的初始学习率",
        "one can choose a rather large initial learning rate",
        _larger_rate,
        "test accuracy, BN minus none, at the largest rate that is good for BN",
        "results/sweeps/learning_rate.jsonl",
        at_least=0.05,
    ),
    Claim(
        2,
        "000",
        "让训练速度飙涨,因为它具有快速训练收敛的特性",
        "it lets the speed of training soar, for it converges fast",
        lambda: steps_saved(0.7),
        "steps to a training accuracy of 0.7 saved, each at its best rate",
        "results/sweeps/learning_rate.jsonl",
        at_least=50,
        remark="a run that never got there counts with its length",
    ),
    Claim(
        2,
        "000",
        "再也不需要使用使用局部响应归一化层了",
        "local response normalization is needed no more",
        _instead_of_local_response,
        "test accuracy, BN minus local response normalization",
        "results/sweeps/variants.jsonl, family.jsonl",
        at_least=0.01,
    ),
    Claim(
        5,
        "000",
        "不仅进行了归一化操作还恢复了x的特征分布",
        "it not only normalizes but also restores the distribution of x",
        _restored,
        "share of channels whose γ came within 10 % of the input's deviation, minus 0.9",
        "results/inspection.jsonl",
        remark="correction 3: γ and β can restore it, see the next claim",
    ),
    Claim(
        5,
        "003",
        "通过学习到的重构参数γ、β,是可以恢复出原始的某一层所学到的特征的",
        "by γ and β one can get back what a layer had learnt",
        lambda: {"γ = √(σ²+ε), β = μ": exact.gamma_and_beta_can_restore_the_input()},
        EXACT,
        HERE,
    ),
    Claim(
        6,
        "000",
        "得到的是某通道单个图片的均值",
        "the result is the mean of a channel of a single image",
        lambda: {"in general": exact.convolutional_mean_is_of_one_image()},
        EXACT,
        HERE,
        remark="correction 2",
    ),
    Claim(
        6,
        "000",
        "mini-batch size 的大小就是:mwh",
        "the size of the mini-batch is m·w·h",
        lambda: {"in general": exact.convolutional_mean_is_over_batch_and_map()},
        EXACT,
        HERE,
    ),
    Claim(
        7,
        "000",
        "对于预测时,一般把批量取大一点,从而得到较为准确的均值和方差",
        "for prediction one takes the batch larger, and so gets more exact statistics",
        lambda: {"in general": exact.prediction_uses_the_batch()},
        EXACT,
        HERE,
        remark="correction 1: training and prediction are swapped",
    ),
    Claim(
        10,
        "000",
        "axis不止一个时,可以看到等效为多次求mean",
        "several axes are equivalent to several means, one after the other",
        lambda: {"in general": exact.mean_over_axes_is_a_chain_of_means()},
        EXACT,
        HERE,
    ),
    Claim(
        12,
        "000",
        "动量方法主要是为了解决Hessian矩阵病态条件问题的",
        "momentum is there for ill-conditioned Hessians",
        lambda: {"condition 100": exact.momentum_needs_fewer_steps_where_curvatures_differ()},
        EXACT,
        HERE,
    ),
    Claim(
        12,
        "000",
        "如果没有衰减值,模型往往会震荡难以收敛,甚至发散",
        "without decay the model tends to oscillate and not to converge",
        lambda: {"decay 1": exact.momentum_without_decay_never_comes_to_rest()},
        EXACT,
        HERE,
    ),
    Claim(
        17,
        "000",
        "它不需要指定自己定义的BatchNorm类中所需的num_features和num_dims参数值",
        "Gluon's layer needs no num_features and num_dims",
        lambda: {"in general": exact.gluons_layer_finds_the_channels_by_itself()},
        EXACT,
        HERE,
    ),
]
