r"""Source 001, interview questions on batch normalization: its claims."""

from __future__ import annotations

from statistics import mean

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.claim import Claim
from d2l_bn.experiments.claims.evidence import advantage, values
from d2l_bn.experiments.claims.measures import ACTIVATIONS, by_seed, inspection, less
from d2l_bn.experiments.statistics import difference, estimate

__all__ = ["CLAIMS"]

BN = {"norm": "gluon", "places": (1, 2, 3, 4), "use_bias": True, "placement": "before"}
LAYERS = ("act1", "act2", "act3", "act4")


def _shift(network: str, activation: str) -> dict[int, float]:
    """By seed, how far a step of training moves the distribution of the layers' inputs."""
    return by_seed(
        "landscape.json",
        lambda run: mean(
            mean(run["measurements"][f"moment_shift/{layer}"]) for layer in LAYERS[1:]
        ),
        network=network,
        activation=activation,
        lr_factor=1,
    )


def _shift_grows_with_depth():
    def growth(run):
        first, last = (mean(run["measurements"][f"moment_shift/act{i}"]) for i in (1, 4))
        return last - first

    return {
        activation: estimate(
            by_seed("landscape.json", growth, network="none", activation=activation, lr_factor=1)
        )
        for activation in ACTIVATIONS
    }


def _at(moment: str, activation: str, norm: str | None, pick) -> dict[int, float]:
    return {seed: pick(record[moment]) for seed, record in inspection(activation, norm).items()}


def _vanishing(look: dict) -> float:
    """The first layer's gradient as a share of the last one's."""
    return look["gradient_norm"]["conv1"] / look["gradient_norm"]["output"]


def _sigmoids_drift():
    return {
        f"layer {layer[-1]}": difference(
            *(
                _at(moment, "sigmoid", None, lambda look, layer=layer: look["saturated"][layer])
                for moment in ("end", "start")
            )
        )
        for layer in LAYERS
    }


def _gradients_vanish():
    return {
        activation: estimate(
            {
                seed: 0.1 - ratio
                for seed, ratio in _at("start", activation, None, _vanishing).items()
            }
        )
        for activation in ACTIVATIONS
    }


def _gradient_is_larger():
    return {
        activation: difference(
            _at("start", activation, "gluon", _vanishing),
            _at("start", activation, None, _vanishing),
        )
        for activation in ACTIVATIONS
    }


def _larger_gradient_is_faster():
    """As large a step by a larger rate, without BN: does it come to BN's accuracy?"""
    effects = {}
    for activation in ACTIVATIONS:
        common = {"activation": activation}

        def accuracy(run):
            return run["accuracies"][-1]

        plain = by_seed("landscape.json", accuracy, network="none", lr_factor=1, **common)
        for factor in (3, 10):
            scaled = by_seed("landscape.json", accuracy, network="none", lr_factor=factor, **common)
            effects[f"{activation}, steps × {factor}"] = difference(scaled, plain)
    return effects


def _overfits_less():
    def gap(variant):
        return by_seed(
            "regularization.jsonl",
            lambda run: (
                run["final_train_accuracy"]
                - run.get("population_test_accuracy", run["test_accuracy"])
            ),
            variant=variant,
        )

    return {"ReLU, few examples": less(gap("BN"), gap("none"))}


def _dropout_shifts_the_variance(places: str):
    def measure():
        def shift(record):
            return mean(abs(layer["measured"] - 1) for layer in record["layers"].values())

        return {
            f"rate {rate}": difference(
                by_seed("variance_shift.jsonl", shift, places=places, rate=rate),
                by_seed("variance_shift.jsonl", shift, places="none", rate=0.0),
            )
            for rate in (0.1, 0.3, 0.5)
        }

    return measure


def _only_behind_all():
    """What dropout before and between the layers costs against dropout behind the last one."""

    def accuracy(record):
        return record["test_accuracy"]["moving average"]

    return {
        f"{places}, rate {rate}": less(
            by_seed("variance_shift.jsonl", accuracy, places=places, rate=rate),
            by_seed("variance_shift.jsonl", accuracy, places="behind the last BN", rate=rate),
        )
        for places in ("before each BN", "behind each BN")
        for rate in (0.1, 0.3, 0.5)
    }


def _small_batches(norm: str, weights: str | None = None):
    """Ahead of BN, same number of examples, at small batch sizes."""

    def measure():
        return {
            f"batch {size}": difference(
                values("small_batches", "accuracy", norm=norm, weights=weights, batch_size=size),
                values("small_batches", "accuracy", norm="batch", batch_size=size),
            )
            for size in (2, 4, 8)
        }

    return measure


CLAIMS = [
    Claim(
        18,
        "001",
        "通过层层叠加,高层的输入分布变化会非常剧烈",
        "layer upon layer, the input distribution of the high layers changes ever more",
        _shift_grows_with_depth,
        "shift of a layer's input in a step, last layer minus first, in deviations",
        "results/landscape.json",
    ),
    Claim(
        18,
        "001",
        "同时固定该层的输入分布,使后一层的神经元不用反复重新适应分布的变化",
        "BN holds the input distribution of a layer still",
        lambda: {
            activation: less(_shift("batch", activation), _shift("none", activation))
            for activation in ACTIVATIONS
        },
        "shift of the layers' inputs in a step, none minus BN, in deviations",
        "results/landscape.json",
    ),
    Claim(
        19,
        "001",
        "数据在网络中传播时整体分布逐渐往非线性函数的取值区间的上下限两端靠近",
        "values drift towards the flat ends of the sigmoid",
        _sigmoids_drift,
        "share of saturated sigmoids, after training minus before, without BN",
        "results/inspection.jsonl",
        at_least=0.05,
    ),
    Claim(
        19,
        "001",
        "导致反向传播时低层神经网络的梯度消失",
        "the gradient vanishes in the low layers",
        _gradients_vanish,
        "0.1 minus the first layer's gradient as a share of the last one's",
        "results/inspection.jsonl",
    ),
    Claim(
        19,
        "001",
        "让梯度变大,避免梯度消失问题产生",
        "BN makes the gradient larger and keeps it from vanishing",
        _gradient_is_larger,
        "first layer's gradient as a share of the last one's, BN minus none",
        "results/inspection.jsonl",
        at_least=0.1,
    ),
    Claim(
        19,
        "001",
        "梯度变大意味着学习收敛速度快",
        "a larger gradient means faster convergence",
        _larger_gradient_is_faster,
        "training accuracy, steps lengthened without BN minus not lengthened",
        "results/landscape.json",
        at_least=0.05,
        remark="correction 7: conditioning and smoothness are the argument (notebook 10)",
    ),
    Claim(
        20,
        "001",
        "把每层神经网络任意神经元输入值的分布强行拉回到均值为0方差为1的标准正态分布",
        "each input's distribution is drawn back to a standard normal one",
        lambda: {"an exponential input": exact.output_is_normally_distributed()},
        "exact",
        "computed here",
        remark="correction 7: two moments are fixed, the shape stays",
    ),
    Claim(
        20,
        "001",
        "使得激活函数失去了其本身的非线性意义 … 所以BN为了保证非线性的获得 … 又进行了缩放平移操作",
        "without γ and β the activation would lose its non-linearity and the network its power",
        lambda: {
            "sigmoid": advantage("variants", "accuracy", BN, {"norm": "frozen"}),
        },
        "test accuracy, BN minus BN with γ and β frozen",
        "results/sweeps/variants.jsonl",
        at_least=0.01,
    ),
    Claim(
        23,
        "001",
        "训练时,同一个样本跟不同的样本组成一个mini-batch,它们的输出是不同的",
        "in training, the same example in another batch has another output",
        lambda: {"in general": exact.output_depends_on_the_other_examples()},
        "exact",
        "computed here",
    ),
    Claim(
        23,
        "001",
        "BN能一定程度上缓解过拟合",
        "BN relieves overfitting to some degree",
        _overfits_less,
        "training minus test accuracy: none minus BN",
        "results/regularization.jsonl",
        at_least=0.01,
    ),
    Claim(
        24,
        "001",
        "可训练的参数有缩放因子和平移因子,统计参数有均值和方差",
        "scale and shift are trained, mean and variance are statistics",
        lambda: {"in general": exact.gamma_and_beta_are_what_is_trained()},
        "exact",
        "computed here",
    ),
    Claim(
        26,
        "001",
        "训练时使用的是当前batch的样本统计量进行归一化,测试时使用的是在训练过程中更新迭代计算得到的均值和方差",
        "in training the batch's statistics are used, in the test the averages",
        lambda: {"in general": exact.training_uses_the_batch_and_prediction_the_average()},
        "exact",
        "computed here",
    ),
    Claim(
        28,
        "001",
        "多层累积下来产生方差偏移",
        "dropout in front of BN gives a variance shift, which adds up over the layers",
        _dropout_shifts_the_variance("before each BN"),
        "|variance in prediction / in training − 1|, mean over layers, minus without dropout",
        "results/variance_shift.jsonl",
        at_least=0.02,
    ),
    Claim(
        28,
        "001",
        "所以只有在Dropout在所有BN后面时能同时使用",
        "so the two go together only with dropout behind all of BN",
        _only_behind_all,
        "test accuracy lost against dropout behind the last BN",
        "results/variance_shift.jsonl",
        at_least=0.01,
        remark="correction 9",
    ),
    Claim(
        28,
        "001",
        "Dropout在训练(或测试)阶段会根据神经元保留率来对神经元权重进行缩放",
        "dropout scales the weights by the share of neurons kept",
        lambda: {"in general": exact.dropout_scales_the_weights()},
        "exact",
        "computed here",
        remark="correction 9: it scales activations",
    ),
    Claim(
        29,
        "001",
        "BN使用整个batch的统计量作为参数进行归一化,而IN仅使用当前样本的统计量",
        "BN uses the statistics of the batch, IN those of the example alone",
        lambda: {"in general": exact.instance_norm_uses_its_own_image_only()},
        "exact",
        "computed here",
    ),
    Claim(
        30,
        "001",
        "将缩放和平移参数分别固定为目标风格图像的标准差和均值",
        "AdaIN takes scale and shift from the style's deviation and mean",
        lambda: {"in general": exact.adaptive_instance_norm_takes_the_style_s_statistics()},
        "exact",
        "computed here",
    ),
    Claim(
        31,
        "001",
        "LN … 可用于RNN或者小batch",
        "layer normalization is fit for small batches",
        _small_batches("layer"),
        "test accuracy, LN minus BN, same number of examples",
        "results/sweeps/small_batches.jsonl",
        at_least=0.01,
    ),
    Claim(
        32,
        "001",
        "GN … 同样用来解决在小batch时BN效果较差的问题",
        "group normalization solves BN's trouble with small batches",
        _small_batches("group"),
        "test accuracy, GN minus BN, same number of examples",
        "results/sweeps/small_batches.jsonl",
        at_least=0.01,
    ),
]
