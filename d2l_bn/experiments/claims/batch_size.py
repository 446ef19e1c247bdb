r"""Small batches: what batch normalization loses, what its siblings keep."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from d2l_bn.experiments.claims.runs import accuracy_claim, between, chosen
from d2l_bn.experiments.claims.sources import CHAPTER, COURSE, INTERVIEW, LAYERS
from d2l_bn.experiments.judgement import (
    BOTH_LEARNED,
    FIRST_LEARNED,
    Claim,
    Contrast,
    Precondition,
    interaction,
    learned,
)
from d2l_bn.experiments.load import by_seed
from d2l_bn.experiments.studies.small_batches import EXAMPLES

__all__ = ["CLAIMS"]

STUDY = "small_batches"
SMALL = (2, 8)


def _small(
    norm: str, weights: str | None, size: int, examples: int | None = None
) -> dict[int, float]:
    """At the learning rate that is best for this normalizer at this size."""
    network: dict[str, Any] = {"norm": norm, "weights": weights, "places": (1, 2, 3, 4)}
    return chosen(STUDY, batch_size=size, examples=examples or EXAMPLES[size], **network)


def _behind(size: int) -> Contrast:
    """By how much BN is behind a normalizer that never sees the batch."""
    return Contrast(_small("group", "standardized", size), _small("batch", None, size))


def _suffers() -> dict[str, Contrast]:
    """More behind at a small size than at 32: what the batch does, apart from the steps."""
    return {f"batch {size} against 32": interaction(_behind(size), _behind(32)) for size in SMALL}


def _other_learns(name: str, contrast: Contrast) -> bool:
    return learned(_small("group", "standardized", int(name.split()[1])))


OTHER_LEARNS = Precondition("the network that never sees the batch learned", _other_learns)


def _ahead(
    norm: str, other: str = "batch", weights: str | None = None, sizes: tuple[int, ...] = SMALL
) -> Callable[[], dict[str, Contrast]]:
    """Ahead of another normalizer, on the same images, each at its best rate."""
    return lambda: {
        f"batch {size}": Contrast(_small(norm, weights, size), _small(other, None, size))
        for size in sizes
    }


def _one_image_at_a_time() -> dict[str, Contrast]:
    """At batch 1 and 2 against BN with batches of 8, on the same images."""
    return {
        f"GN+WS at {size}, BN at 8": Contrast(
            _small("group", "standardized", size), _small("batch", None, 8, EXAMPLES[size])
        )
        for size in (1, 2)
    }


def _population_at_small_batches() -> dict[str, Contrast]:
    def by(statistics: str, size: int) -> dict[int, float]:
        fields: dict[str, Any] = {
            "batch_size": size,
            "examples": EXAMPLES[size],
            "places": (1, 2, 3, 4),
        }
        return chosen(STUDY, measure=f"test_accuracy_{statistics}", norm="batch", **fields)

    return {
        f"batch {size}": Contrast(by("population", size), by("moving", size)) for size in (2, 8, 32)
    }


def _by_population() -> dict[str, Contrast]:
    """The same weights tested by two sorts of statistics, after the first epoch and the last."""

    def after(epoch: int, statistics: str) -> dict[int, float]:
        def accuracy(measures: Any) -> float:
            return measures[f"test_accuracy_{statistics}_by_epoch"][epoch]

        return by_seed("population", accuracy, lr=1.0, weigh_alike="examples")

    return {
        name: between(partial(after, epoch), "population", "moving")
        for name, epoch in (("after the first epoch", 0), ("after the last", -1))
    }


def _darkness_hurts() -> dict[str, Contrast]:
    def on(network: dict[str, Any], images: str) -> dict[int, float]:
        statistics = "population" if network["norm"] else "moving"
        return by_seed("inspection", f"test_accuracy_{statistics}/{images}", **network)

    networks: dict[str, dict[str, Any]] = {
        "relu, no normalizer": {"activation": "relu", "norm": None},
        "relu, BN": {"activation": "relu", "norm": "gluon"},
        "sigmoid, BN": {"activation": "sigmoid", "norm": "gluon"},
    }
    return {
        name: between(partial(on, network), "as they are", "darker")
        for name, network in networks.items()
    }


_of_batches = partial(
    accuracy_claim, requires=(FIRST_LEARNED,), studies=(STUDY,), topic="small batches"
)


CLAIMS = [
    _of_batches(
        "small_batches_hurt_batch_norm",
        "如果大批量训练不是问题 … 则可以使用批量归一化。对于较小批量 …",
        _suffers,
        effect="test accuracy that BN is behind GN+WS, at a small batch minus at 32",
        requires=(OTHER_LEARNS,),
        meaning="BN is for large batches: it suffers from small ones",
        source=LAYERS,
    ),
    _of_batches(
        "group_norm_for_small_batches",
        "GN … 同样用来解决在小batch时BN效果较差的问题",
        _ahead("group"),
        effect="test accuracy, GN minus BN, on the same images, each at its best rate",
        meaning="group normalization solves BN's trouble with small batches",
        source=INTERVIEW,
    ),
    _of_batches(
        "layer_norm_for_small_batches",
        "LN … 可用于RNN或者小batch",
        _ahead("layer", sizes=(2,)),
        effect="test accuracy, LN minus BN, on the same images, each at its best rate",
        meaning="layer normalization is fit for small batches",
        source=INTERVIEW,
    ),
    _of_batches(
        "group_beats_layer_norm",
        "在实践中,组标准化比层标准化表现更好",
        _ahead("group", "layer", sizes=(2,)),
        effect="test accuracy, GN minus LN, on the same images, each at its best rate",
        requires=(BOTH_LEARNED,),
        meaning="in practice group normalization is better than layer normalization",
        source=LAYERS,
    ),
    _of_batches(
        "standardized_group_norm_at_one",
        "当组归一化与权重标准化混合时,可以即使批量大小小至 1,其性能也优于或与 BN 相当",
        _one_image_at_a_time,
        kind="no worse",
        effect="test accuracy, GN+WS at 1 and 2 minus BN at 8, on the same images",
        meaning="group normalization with weight standardization equals BN even at batch size 1",
        source=LAYERS,
    ),
    _of_batches(
        "standardized_group_norm_always_better",
        "GN+WS 的性能始终优于 BN 版本",
        _ahead("group", weights="standardized", sizes=(2, 8, 32, 256)),
        effect="test accuracy, GN+WS minus BN at the same batch size, each at its best rate",
        meaning="GN+WS is always better than BN",
        source=LAYERS,
    ),
    _of_batches(
        "population_beats_moving",
        "for the final weights, statistics of the training set test better than the moving average",
        _by_population,
        effect="test accuracy, by population statistics minus by the moving average",
        studies=("population",),
        meaning="the moving average lags the weights at a rate of 1",
        source=COURSE,
        topic="training and prediction",
    ),
    _of_batches(
        "population_helps_small_batches",
        "with small batches, too, the moving average is the weaker part of BN",
        _population_at_small_batches,
        effect="test accuracy, by population statistics minus by the moving average",
        meaning="what BN loses at small batches is lost at test time",
        source=COURSE,
    ),
    Claim(
        "other_distribution_hurts",
        "一旦训练数据与测试数据的分布不同,那么网络的泛化能力也大大降低",
        kind="always",
        effect="test accuracy lost on images half as bright",
        measure=_darkness_hurts,
        delta=0.05,
        because="much reduced must be five points at least",
        requires=(FIRST_LEARNED,),
        studies=("inspection",),
        meaning="if training and test data differ in distribution, generalization is much reduced",
        source=CHAPTER,
        topic="changing distributions",
    ),
]
