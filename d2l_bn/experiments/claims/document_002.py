r"""Source 002, on the normalization layers: its claims."""

from __future__ import annotations

from d2l_bn.experiments.claims import exact
from d2l_bn.experiments.claims.claim import Claim
from d2l_bn.experiments.claims.evidence import values
from d2l_bn.experiments.claims.measures import by_seed, less
from d2l_bn.experiments.statistics import difference, estimate

__all__ = ["CLAIMS"]

WEIGHT_NORM = {"norm": None, "weights": "normalized"}
PLAIN = {"norm": None, "weights": None}
GROUP_WS = {"norm": "group", "weights": "standardized"}
TOLERANCE = 0.01  # test accuracy that counts as no worse
CHAPTERS_RATE = 0.1  # of the study of the family


def _small(norm: str | None, size: int, weights: str | None = None) -> dict[int, float]:
    return values("small_batches", "accuracy", norm=norm, weights=weights, batch_size=size)


def _suffers_from_small_batches():
    return {
        f"batch {size} against 32": less(_small("batch", size), _small("batch", 32))
        for size in (2, 4, 8)
    }


def _weight_norm_is_faster():
    return {"ReLU": difference(_family(**WEIGHT_NORM), _family(**PLAIN))}


def _weight_norm_is_less_stable():
    """At ten and thirty times the good rate, BN minus weight normalization."""
    return {
        f"ReLU, learning rate {lr:g}": difference(
            values("learning_rate", "accuracy", activation="relu", norm="gluon", lr=lr),
            values("family", "accuracy", lr=lr, **WEIGHT_NORM),
        )
        for lr in (1.0, 3.0)
    }


def _family(lr: float = CHAPTERS_RATE, **fields) -> dict[int, float]:
    return values("family", "accuracy", lr=lr, **fields)


def _recurrent(norm: str | None, scale: float) -> dict[int, float]:
    return by_seed(
        "recurrent.jsonl",
        lambda run: run["test_accuracy"][-1] if run["test_accuracy"] else 0.1,
        norm=norm,
        scale=scale,
    )


def _helps_recurrent(norm: str):
    def measure():
        return {
            f"weights × {scale:g}": difference(_recurrent(norm, scale), _recurrent(None, scale))
            for scale in (0.25, 1.0, 4.0)
        }

    return measure


def _layer_against_batch_in_recurrent():
    return {
        f"weights × {scale:g}": difference(_recurrent("layer", scale), _recurrent("batch", scale))
        for scale in (0.25, 1.0, 4.0)
    }


def _group_against_layer():
    effects = {
        f"batch {size}": difference(_small("group", size), _small("layer", size))
        for size in (2, 8, 32, 256)
    }
    return effects


def _micro_batches():
    """At batch 1 and 2 against BN at the batch size that suits it best."""
    best = max((8, 32, 256), key=lambda size: estimate(_small("batch", size)).mean)
    effects = {}
    for size in (1, 2):
        gap = difference(_small("group", size, "standardized"), _small("batch", best))
        effects[f"GN+WS at {size}, BN at {best}"] = gap._replace(mean=gap.mean + TOLERANCE)
    return effects


CLAIMS = [
    Claim(
        33,
        "002",
        "标准化输入意味着网络中任何层的输入应具有大约为零的均值和单位方差",
        "normalized inputs have mean 0 and variance 1",
        lambda: {"in general": exact.output_has_mean_0_and_variance_1()},
        "exact",
        "computed here",
    ),
    Claim(
        33,
        "002",
        "如果大批量训练不是问题 … 则可以使用批量归一化。对于较小批量 …",
        "BN is for large batches: it suffers from small ones",
        _suffers_from_small_batches,
        "test accuracy lost, same number of examples",
        "results/sweeps/small_batches.jsonl",
        at_least=0.01,
    ),
    Claim(
        34,
        "002",
        "权重归一化与批量归一化类似,可以加快训练速度",
        "weight normalization speeds training up as BN does",
        _weight_norm_is_faster,
        "test accuracy after 564 steps, weight normalization minus none",
        "results/sweeps/family.jsonl",
        at_least=0.01,
    ),
    Claim(
        34,
        "002",
        "与批归一化相比,使用权重归一化训练深度网络的稳定性明显较差",
        "training with weight normalization is clearly less stable than with BN",
        _weight_norm_is_less_stable,
        "test accuracy at large learning rates, BN minus weight normalization",
        "results/sweeps/family.jsonl, learning_rate.jsonl",
        at_least=0.05,
    ),
    Claim(
        34,
        "002",
        "与 BN 不同,它也适用于 RNN",
        "unlike BN, weight normalization is fit for recurrent networks, too",
        _helps_recurrent("weight"),
        "test accuracy of a recurrent network, weight normalization minus none",
        "results/recurrent.jsonl",
        at_least=0.01,
    ),
    Claim(
        35,
        "002",
        "层归一化将激活的每个特征归一化为零均值和单位方差",
        "layer normalization gives each feature mean 0 and variance 1",
        lambda: {"in general": exact.layer_norm_gives_each_feature_mean_0_and_variance_1()},
        "exact",
        "computed here",
        remark="correction 10: each example has them",
    ),
    Claim(
        35,
        "002",
        "这通过消除对批次的依赖克服了 BN 的缺点",
        "it overcomes BN's drawbacks by not depending on the batch",
        lambda: {"in general": exact.layer_norm_uses_its_own_example_only()},
        "exact",
        "computed here",
    ),
    Claim(
        35,
        "002",
        "并且也更容易应用于 RNN",
        "and it is easier to apply to recurrent networks",
        _layer_against_batch_in_recurrent,
        "test accuracy of a recurrent network, LN minus BN with one layer for all steps",
        "results/recurrent.jsonl",
        at_least=0.01,
    ),
    Claim(
        36,
        "002",
        "在实践中,组标准化比层标准化表现更好",
        "in practice group normalization is better than layer normalization",
        _group_against_layer,
        "test accuracy, GN minus LN",
        "results/sweeps/small_batches.jsonl",
        at_least=0.01,
    ),
    Claim(
        38,
        "002",
        "权重标准化正在将任何层的权重转换为具有零均值和单位方差",
        "weight standardization gives the weights mean 0 and variance 1",
        lambda: {"per output filter": exact.standardized_weights_have_mean_0_and_variance_1()},
        "exact",
        "computed here",
    ),
    Claim(
        39,
        "002",
        "std = weight.std(dim=(1,2,3) + 1e-5",
        "(the code that shows a standardized convolution)",
        lambda: {"read by Python": exact.is_python(exact.SOURCE_002_CONVOLUTION)},
        "exact",
        "computed here",
        remark="correction 11: a parenthesis is missing",
    ),
    Claim(
        40,
        "002",
        "当组归一化与权重标准化混合时,可以即使批量大小小至 1,其性能也优于或与 BN 相当",
        "group normalization with weight standardization equals BN even at batch size 1",
        _micro_batches,
        f"test accuracy, GN+WS minus BN, plus {TOLERANCE}",
        "results/sweeps/small_batches.jsonl",
    ),
    Claim(
        40,
        "002",
        "GN+WS 的性能始终优于 BN 版本",
        "GN+WS is always better than BN",
        lambda: {
            f"batch {size}": difference(
                _small("group", size, "standardized"), _small("batch", size)
            )
            for size in (2, 4, 8, 32, 256)
        },
        "test accuracy, GN+WS minus BN at the same batch size",
        "results/sweeps/small_batches.jsonl",
        at_least=0.01,
    ),
]
