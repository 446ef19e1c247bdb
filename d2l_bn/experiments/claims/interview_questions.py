r"""Claims of a collection of interview questions on batch normalization."""

from __future__ import annotations

from statistics import mean

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.claim import Claim, exact_claim
from d2l_bn.experiments.claims.measures import ACTIVATIONS, BATCH_NORM, advantage, less
from d2l_bn.experiments.load import by_seed
from d2l_bn.experiments.statistics import difference, estimate

__all__ = ["CLAIMS"]

LAYERS = ("act1", "act2", "act3", "act4")


def _landscape(measure, network: str, activation: str, lr_factor: float = 1) -> dict[int, float]:
    fields = {"network": network, "activation": activation, "lr_factor": lr_factor}
    return by_seed("landscape", measure, **fields)


def _holds_the_inputs_still():
    def shift_behind_the_first(measures):
        return mean(mean(measures[f"moment_shift/{layer}"]) for layer in LAYERS[1:])

    return {
        activation: less(
            *(_landscape(shift_behind_the_first, n, activation) for n in ("batch", "none"))
        )
        for activation in ACTIVATIONS
    }


def _shift_grows_with_depth():
    def growth(measures):
        first, last = (mean(measures[f"moment_shift/{layer}"]) for layer in (LAYERS[0], LAYERS[-1]))
        return last - first

    return {
        activation: estimate(_landscape(growth, "none", activation)) for activation in ACTIVATIONS
    }


def _sigmoids_drift():
    def saturated(moment, layer):
        return by_seed(
            "inspection",
            lambda measures: measures[moment]["saturated"][layer],
            activation="sigmoid",
            norm=None,
        )

    return {
        f"layer {layer[-1]}": difference(saturated("end", layer), saturated("start", layer))
        for layer in LAYERS
    }


def _first_gradient(activation: str, norm: str | None) -> dict[int, float]:
    """The first layer's gradient as a share of the last one's, at the start."""

    def share(measures):
        norms = measures["start"]["gradient_norm"]
        return norms["conv1"] / norms["output"]

    return by_seed("inspection", share, activation=activation, norm=norm)


def _gradients_vanish():
    return {
        activation: estimate(
            {seed: 0.1 - share for seed, share in _first_gradient(activation, None).items()}
        )
        for activation in ACTIVATIONS
    }


def _gradient_is_larger():
    return {
        activation: difference(
            _first_gradient(activation, "gluon"), _first_gradient(activation, None)
        )
        for activation in ACTIVATIONS
    }


def _larger_gradient_is_faster():
    """As large a step by a larger rate, without BN: does it come to BN's accuracy?"""
    return {
        f"{activation}, steps × {factor}": difference(
            *(_landscape("final_train_accuracy", "none", activation, f) for f in (factor, 1))
        )
        for activation in ACTIVATIONS
        for factor in (3, 10)
    }


def _overfits_less():
    def gap(variant):
        trained, tested = (
            by_seed("regularization", measure, variant=variant)
            for measure in ("train_accuracy_moving", "test_accuracy")
        )
        return {seed: trained[seed] - tested[seed] for seed in trained}

    return {"ReLU, few examples": less(gap("BN"), gap("none"))}


def _dropout_shifts_the_variance():
    def shift(measures):
        ratios = (v for name, v in measures.items() if name.startswith("variance_ratio/"))
        return mean(abs(ratio - 1) for ratio in ratios)

    def at(where, rate):
        return by_seed("variance_shift", shift, dropout_where=where, rate=rate)

    return {
        f"rate {rate}": difference(at("before each BN", rate), at("none", 0.0))
        for rate in (0.1, 0.3, 0.5)
    }


def _only_behind_all():
    """What dropout before and between the layers costs against dropout behind the last one."""

    def tested(where, rate):
        fields = {"dropout_where": where, "rate": rate}
        return by_seed("variance_shift", "test_accuracy_moving", **fields)

    return {
        f"{where}, rate {rate}": less(tested(where, rate), tested("behind the last BN", rate))
        for where in ("before each BN", "behind each BN")
        for rate in (0.1, 0.3, 0.5)
    }


def _small_batches(norm: str):
    """Ahead of BN, same number of examples, at small batch sizes."""
    return lambda: {
        f"batch {size}": advantage(
            "small_batches",
            {"norm": norm, "weights": None, "batch_size": size},
            {"norm": "batch", "batch_size": size},
        )
        for size in (2, 4, 8)
    }


CLAIMS = [
    Claim(
        "internal covariate shift",
        "通过层层叠加,高层的输入分布变化会非常剧烈",
        "layer upon layer, the input distribution of the high layers changes ever more",
        measure=_shift_grows_with_depth,
        effect="shift of a layer's input in a step, last layer minus first, in deviations",
        studies=("landscape",),
    ),
    Claim(
        "internal covariate shift",
        "同时固定该层的输入分布,使后一层的神经元不用反复重新适应分布的变化",
        "BN holds the input distribution of a layer still",
        measure=_holds_the_inputs_still,
        effect="shift of the layers' inputs in a step, none minus BN, in deviations",
        studies=("landscape",),
    ),
    Claim(
        "saturation and gradients",
        "数据在网络中传播时整体分布逐渐往非线性函数的取值区间的上下限两端靠近",
        "values drift towards the flat ends of the sigmoid",
        measure=_sigmoids_drift,
        effect="share of saturated sigmoids, after training minus before, without BN",
        studies=("inspection",),
        at_least=0.05,
    ),
    Claim(
        "saturation and gradients",
        "导致反向传播时低层神经网络的梯度消失",
        "the gradient vanishes in the low layers",
        measure=_gradients_vanish,
        effect="0.1 minus the first layer's gradient as a share of the last one's",
        studies=("inspection",),
    ),
    Claim(
        "saturation and gradients",
        "让梯度变大,避免梯度消失问题产生",
        "BN makes the gradient larger and keeps it from vanishing",
        measure=_gradient_is_larger,
        effect="first layer's gradient as a share of the last one's, BN minus none",
        studies=("inspection",),
        at_least=0.1,
    ),
    Claim(
        "saturation and gradients",
        "梯度变大意味着学习收敛速度快",
        "a larger gradient means faster convergence",
        measure=_larger_gradient_is_faster,
        effect="training accuracy, steps lengthened without BN minus not lengthened",
        studies=("landscape",),
        at_least=0.05,
        remark="conditioning and smoothness are the argument (notebook 10)",
    ),
    exact_claim(
        "a normal distribution",
        "把每层神经网络任意神经元输入值的分布强行拉回到均值为0方差为1的标准正态分布",
        "each input's distribution is drawn back to a standard normal one",
        exact.output_is_normally_distributed,
        condition="an exponential input",
        remark="two moments are fixed, the shape stays",
    ),
    Claim(
        "a normal distribution",
        "使得激活函数失去了其本身的非线性意义 … 所以BN为了保证非线性的获得 … 又进行了缩放平移操作",
        "without γ and β the activation would lose its non-linearity and the network its power",
        measure=lambda: {
            "sigmoid": advantage("variants", BATCH_NORM, {"norm": "frozen"}),
        },
        effect="test accuracy, BN minus BN with γ and β frozen",
        studies=("variants",),
        at_least=0.01,
    ),
    exact_claim(
        "batch noise",
        "训练时,同一个样本跟不同的样本组成一个mini-batch,它们的输出是不同的",
        "in training, the same example in another batch has another output",
        exact.output_depends_on_the_other_examples,
    ),
    Claim(
        "batch noise",
        "BN能一定程度上缓解过拟合",
        "BN relieves overfitting to some degree",
        measure=_overfits_less,
        effect="training minus test accuracy: none minus BN",
        studies=("regularization",),
        at_least=0.01,
    ),
    exact_claim(
        "parameters and statistics",
        "可训练的参数有缩放因子和平移因子,统计参数有均值和方差",
        "scale and shift are trained, mean and variance are statistics",
        exact.gamma_and_beta_are_what_is_trained,
    ),
    exact_claim(
        "training and prediction",
        "训练时使用的是当前batch的样本统计量进行归一化,测试时使用的是在训练过程中更新迭代计算得到的均值和方差",
        "in training the batch's statistics are used, in the test the averages",
        exact.training_uses_the_batch_and_prediction_the_average,
    ),
    Claim(
        "dropout",
        "多层累积下来产生方差偏移",
        "dropout in front of BN gives a variance shift, which adds up over the layers",
        measure=_dropout_shifts_the_variance,
        effect="|variance in prediction / in training − 1|, mean of layers, minus without dropout",
        studies=("variance_shift",),
        at_least=0.02,
    ),
    Claim(
        "dropout",
        "所以只有在Dropout在所有BN后面时能同时使用",
        "so the two go together only with dropout behind all of BN",
        measure=_only_behind_all,
        effect="test accuracy lost against dropout behind the last BN",
        studies=("variance_shift",),
        at_least=0.01,
    ),
    exact_claim(
        "dropout",
        "Dropout在训练(或测试)阶段会根据神经元保留率来对神经元权重进行缩放",
        "dropout scales the weights by the share of neurons kept",
        exact.dropout_scales_the_weights,
        remark="it scales activations",
    ),
    exact_claim(
        "instance normalization",
        "BN使用整个batch的统计量作为参数进行归一化,而IN仅使用当前样本的统计量",
        "BN uses the statistics of the batch, IN those of the example alone",
        exact.instance_norm_uses_its_own_image_only,
    ),
    exact_claim(
        "adaptive instance normalization",
        "将缩放和平移参数分别固定为目标风格图像的标准差和均值",
        "AdaIN takes scale and shift from the style's deviation and mean",
        exact.adaptive_instance_norm_takes_the_style_s_statistics,
    ),
    Claim(
        "layer normalization",
        "LN … 可用于RNN或者小batch",
        "layer normalization is fit for small batches",
        measure=_small_batches("layer"),
        effect="test accuracy, LN minus BN, same number of examples",
        studies=("small_batches",),
        at_least=0.01,
    ),
    Claim(
        "group normalization",
        "GN … 同样用来解决在小batch时BN效果较差的问题",
        "group normalization solves BN's trouble with small batches",
        measure=_small_batches("group"),
        effect="test accuracy, GN minus BN, same number of examples",
        studies=("small_batches",),
        at_least=0.01,
    ),
]
