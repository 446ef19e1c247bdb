r"""Claims of the chapter of *Dive into Deep Learning*, in its lecture notes."""

from __future__ import annotations

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.claim import Claim, exact_claim
from d2l_bn.experiments.claims.measures import (
    ACTIVATIONS,
    BATCH_NORM,
    NORMS,
    accuracy,
    advantage,
    best_rate,
    learning_rates,
    less,
    steps_saved,
)
from d2l_bn.experiments.load import by_seed
from d2l_bn.experiments.statistics import difference, estimate

__all__ = ["CLAIMS"]


def _hurt_by_darkness():
    def tested(images, **network):
        statistics = "population" if network["norm"] else "moving"
        return by_seed("inspection", f"test_accuracy_{statistics}/{images}", **network)

    return {
        f"{activation}, {NORMS[norm]}": less(
            *(tested(i, activation=activation, norm=norm) for i in ("darker", "as they are"))
        )
        for activation, norm in (("relu", None), ("relu", "gluon"), ("sigmoid", "gluon"))
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
    local_response = {"norm": "local_response"}
    return {
        "sigmoid": advantage("variants", BATCH_NORM, local_response),
        "relu": advantage("family", {"norm": "gluon"}, local_response),
    }


def _restored():
    """Share of the channels, less 0.9, whose γ came within 10 % of what it would restore."""

    def share(measures):
        layers = measures["restored"].values()
        return sum(layer["scale_within_10_percent"] for layer in layers) / len(layers) - 0.9

    return {
        activation: estimate(by_seed("inspection", share, activation=activation, norm="gluon"))
        for activation in ACTIVATIONS
    }


CLAIMS = [
    Claim(
        "changing distributions",
        "一旦训练数据与测试数据的分布不同,那么网络的泛化能力也大大降低",
        "once training and test data differ in distribution, generalization is much reduced",
        measure=_hurt_by_darkness,
        effect="test accuracy lost on images half as bright",
        studies=("inspection",),
        at_least=0.05,
    ),
    Claim(
        "what BN buys",
        "可以选择比较大的初始学习率",
        "one can choose a rather large initial learning rate",
        measure=_larger_rate,
        effect="test accuracy, BN minus none, at the largest rate that is good for BN",
        studies=("learning_rate",),
        at_least=0.05,
    ),
    Claim(
        "what BN buys",
        "让训练速度飙涨,因为它具有快速训练收敛的特性",
        "it lets the speed of training soar, for it converges fast",
        measure=lambda: steps_saved(0.7),
        effect="steps to a training accuracy of 0.7 saved, each at its best rate",
        studies=("learning_rate",),
        at_least=50,
        remark="a run that never got there counts with its length",
    ),
    Claim(
        "what BN buys",
        "再也不需要使用使用局部响应归一化层了",
        "local response normalization is needed no more",
        measure=_instead_of_local_response,
        effect="test accuracy, BN minus local response normalization",
        studies=(
            "variants",
            "family",
        ),
        at_least=0.01,
    ),
    Claim(
        "γ and β",
        "不仅进行了归一化操作还恢复了x的特征分布",
        "it not only normalizes but also restores the distribution of x",
        measure=_restored,
        effect="share of channels whose γ came within 10 % of the input's deviation, minus 0.9",
        studies=("inspection",),
        remark="γ and β can restore it: a claim of the training tricks",
    ),
    exact_claim(
        "convolutional layers",
        "得到的是某通道单个图片的均值",
        "the result is the mean of a channel of a single image",
        exact.convolutional_mean_is_of_one_image,
        remark="the mean is over the batch, too",
    ),
    exact_claim(
        "convolutional layers",
        "mini-batch size 的大小就是:mwh",
        "the size of the mini-batch is m·w·h",
        exact.convolutional_mean_is_over_batch_and_map,
    ),
    exact_claim(
        "training and prediction",
        "对于预测时,一般把批量取大一点,从而得到较为准确的均值和方差",
        "for prediction one takes the batch larger, and so gets more exact statistics",
        exact.prediction_uses_the_batch,
        remark="training and prediction are swapped",
    ),
    exact_claim(
        "means over axes",
        "axis不止一个时,可以看到等效为多次求mean",
        "several axes are equivalent to several means, one after the other",
        exact.mean_over_axes_is_a_chain_of_means,
    ),
    exact_claim(
        "momentum",
        "动量方法主要是为了解决Hessian矩阵病态条件问题的",
        "momentum is there for ill-conditioned Hessians",
        exact.momentum_needs_fewer_steps_where_curvatures_differ,
        condition="condition 100",
    ),
    exact_claim(
        "momentum",
        "如果没有衰减值,模型往往会震荡难以收敛,甚至发散",
        "without decay the model tends to oscillate and not to converge",
        exact.momentum_without_decay_never_comes_to_rest,
        condition="decay 1",
    ),
    exact_claim(
        "Gluon's layer",
        "它不需要指定自己定义的BatchNorm类中所需的num_features和num_dims参数值",
        "Gluon's layer needs no num_features and num_dims",
        exact.gluons_layer_finds_the_channels_by_itself,
    ),
]
