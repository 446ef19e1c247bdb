r"""Claims of an article on the normalization layers."""

from __future__ import annotations

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.claim import Claim, exact_claim
from d2l_bn.experiments.claims.measures import less
from d2l_bn.experiments.load import by_seed
from d2l_bn.experiments.statistics import difference, estimate, paired

__all__ = ["CLAIMS"]

NORMALIZED = {"norm": None, "weights": "normalized"}
PLAIN = {"norm": None, "weights": None}
TOLERANCE = 0.01  # test accuracy that counts as no worse
CHAPTERS_RATE = 0.1  # of the study of the family


def _small(norm: str | None, size: int, weights: str | None = None) -> dict[int, float]:
    network = {"norm": norm, "weights": weights}
    return by_seed("small_batches", "test_accuracy", batch_size=size, **network)


def _family(lr: float = CHAPTERS_RATE, **fields) -> dict[int, float]:
    return by_seed("family", "test_accuracy", lr=lr, **fields)


def _recurrent(norm: str | None, scale: float) -> dict[int, float]:
    return by_seed("recurrent", "test_accuracy_moving_by_epoch", norm=norm, scale=scale)


def _suffers_from_small_batches():
    return {
        f"batch {size} against 32": less(_small("batch", size), _small("batch", 32))
        for size in (2, 4, 8)
    }


def _weight_norm_is_faster():
    return {"ReLU": difference(_family(**NORMALIZED), _family(**PLAIN))}


def _weight_norm_is_less_stable():
    """At ten and thirty times the good rate, BN minus weight normalization."""
    batch_norm = {"activation": "relu", "norm": "gluon"}
    return {
        f"ReLU, learning rate {lr:g}": paired(
            by_seed("learning_rate", "test_accuracy", lr=lr, **batch_norm),
            _family(lr, **NORMALIZED),
        )
        for lr in (1.0, 3.0)
    }


def _recurrent_advantage(norm: str, other: str | None):
    return lambda: {
        f"weights × {scale:g}": difference(_recurrent(norm, scale), _recurrent(other, scale))
        for scale in (0.25, 1.0, 4.0)
    }


def _group_against_layer():
    return {
        f"batch {size}": difference(_small("group", size), _small("layer", size))
        for size in (2, 8, 32, 256)
    }


def _micro_batches():
    """At batch 1 and 2 against BN at the batch size that suits it best."""
    best = max((8, 32, 256), key=lambda size: estimate(_small("batch", size)).mean)
    effects = {}
    for size in (1, 2):
        gap = difference(_small("group", size, "standardized"), _small("batch", best))
        effects[f"GN+WS at {size}, BN at {best}"] = gap._replace(mean=gap.mean + TOLERANCE)
    return effects


CLAIMS = [
    exact_claim(
        "normalization and batch size",
        "标准化输入意味着网络中任何层的输入应具有大约为零的均值和单位方差",
        "normalized inputs have mean 0 and variance 1",
        exact.output_has_mean_0_and_variance_1,
    ),
    Claim(
        "normalization and batch size",
        "如果大批量训练不是问题 … 则可以使用批量归一化。对于较小批量 …",
        "BN is for large batches: it suffers from small ones",
        measure=_suffers_from_small_batches,
        effect="test accuracy lost, same number of examples",
        studies=("small_batches",),
        at_least=0.01,
    ),
    Claim(
        "weight normalization",
        "权重归一化与批量归一化类似,可以加快训练速度",
        "weight normalization speeds training up as BN does",
        measure=_weight_norm_is_faster,
        effect="test accuracy after 564 steps, weight normalization minus none",
        studies=("family",),
        at_least=0.01,
    ),
    Claim(
        "weight normalization",
        "与批归一化相比,使用权重归一化训练深度网络的稳定性明显较差",
        "training with weight normalization is clearly less stable than with BN",
        measure=_weight_norm_is_less_stable,
        effect="test accuracy at large learning rates, BN minus weight normalization",
        studies=(
            "family",
            "learning_rate",
        ),
        at_least=0.05,
    ),
    Claim(
        "weight normalization",
        "与 BN 不同,它也适用于 RNN",
        "unlike BN, weight normalization is fit for recurrent networks, too",
        measure=_recurrent_advantage("weight", None),
        effect="test accuracy of a recurrent network, weight normalization minus none",
        studies=("recurrent",),
        at_least=0.01,
    ),
    exact_claim(
        "layer normalization",
        "层归一化将激活的每个特征归一化为零均值和单位方差",
        "layer normalization gives each feature mean 0 and variance 1",
        exact.layer_norm_gives_each_feature_mean_0_and_variance_1,
        remark="each example has them",
    ),
    exact_claim(
        "layer normalization",
        "这通过消除对批次的依赖克服了 BN 的缺点",
        "it overcomes BN's drawbacks by not depending on the batch",
        exact.layer_norm_uses_its_own_example_only,
    ),
    Claim(
        "layer normalization",
        "并且也更容易应用于 RNN",
        "and it is easier to apply to recurrent networks",
        measure=_recurrent_advantage("layer", "batch"),
        effect="test accuracy of a recurrent network, LN minus BN with one layer for all steps",
        studies=("recurrent",),
        at_least=0.01,
    ),
    Claim(
        "group normalization",
        "在实践中,组标准化比层标准化表现更好",
        "in practice group normalization is better than layer normalization",
        measure=_group_against_layer,
        effect="test accuracy, GN minus LN",
        studies=("small_batches",),
        at_least=0.01,
    ),
    exact_claim(
        "weight standardization",
        "权重标准化正在将任何层的权重转换为具有零均值和单位方差",
        "weight standardization gives the weights mean 0 and variance 1",
        exact.standardized_weights_have_mean_0_and_variance_1,
        condition="per output filter",
    ),
    exact_claim(
        "weight standardization",
        "std = weight.std(dim=(1,2,3) + 1e-5",
        "(the code that shows a standardized convolution)",
        lambda: exact.is_python(exact.STANDARDIZED_CONVOLUTION),
        condition="read by Python",
        remark="a parenthesis is missing",
    ),
    Claim(
        "GN with WS",
        "当组归一化与权重标准化混合时,可以即使批量大小小至 1,其性能也优于或与 BN 相当",
        "group normalization with weight standardization equals BN even at batch size 1",
        measure=_micro_batches,
        effect=f"test accuracy, GN+WS minus BN, plus {TOLERANCE}",
        studies=("small_batches",),
    ),
    Claim(
        "GN with WS",
        "GN+WS 的性能始终优于 BN 版本",
        "GN+WS is always better than BN",
        measure=lambda: {
            f"batch {size}": difference(
                _small("group", size, "standardized"), _small("batch", size)
            )
            for size in (2, 4, 8, 32, 256)
        },
        effect="test accuracy, GN+WS minus BN at the same batch size",
        studies=("small_batches",),
        at_least=0.01,
    ),
]
