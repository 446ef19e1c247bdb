r"""Rates, orders, ensembles, early stopping, search."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from d2l_bn.experiments.claims.runs import (
    NORMS,
    accuracy_claim,
    at_rates,
    between,
    by_norm,
    chosen,
)
from d2l_bn.experiments.claims.sources import COURSE, TECHNIQUES
from d2l_bn.experiments.judgement import (
    EITHER_LEARNED,
    FIRST_LEARNED,
    Contrast,
)
from d2l_bn.experiments.load import Record, accuracies_by_epoch, by_seed, case_values, select
from d2l_bn.experiments.study import DIVERGED

__all__ = ["CLAIMS"]


def _order(first: str, second: str) -> Callable[[], dict[str, Contrast]]:
    return by_norm(
        lambda norm: between(lambda order: chosen("orders", order=order, norm=norm), first, second)
    )


def _explodes(lr: float) -> Callable[[], dict[str, Contrast]]:
    """The power of ten of the loss above that of a guess; what diverged counts as 10 ** 6."""

    def loss(record: Record) -> float:
        if record["outcome"] == DIVERGED:
            return 6.0
        last = record["measures"]["loss_by_epoch"][-1]
        return min(6.0, math.log10(last / math.log(10))) if math.isfinite(last) else 6.0

    def arm(norm: str | None) -> dict[int, float]:
        runs = select("learning_rate_range", lr=lr, norm=norm)
        return {run["seed"]: loss(run) for run in runs}

    return by_norm(lambda norm: Contrast(arm(norm), bound=6.0))


def _together() -> dict[str, Contrast]:
    def gain(measures: Any) -> float:
        together, alone = (
            measures[f"test_accuracy_population/{name}"] for name in ("together", "alone")
        )
        return together[-1] - sum(alone) / len(alone)

    return {"five networks": Contrast(by_seed("ensembles", gain))}


def _stopped() -> dict[str, Contrast]:
    """Test accuracy where the validation accuracy was best, minus that of the last epoch."""

    def gain(record: Record) -> float:
        validation = record["measures"]["validation_accuracy_by_epoch"]
        tested_by_epoch = accuracies_by_epoch(record)
        return tested_by_epoch[validation.index(max(validation))] - tested_by_epoch[-1]

    return {
        f"{name}, {wrong:.0%} wrong labels": Contrast(
            {
                run["seed"]: gain(run)
                for run in select("early_stopping", norm=norm, wrong_labels=wrong)
            }
        )
        for wrong in case_values("early_stopping", "wrong_labels")
        for norm, name in NORMS.items()
    }


def _random_search() -> dict[str, Contrast]:
    """The test accuracy of the setting that validation data choose, random minus grid."""

    def found(strategy: str) -> dict[int, float]:
        best: dict[int, tuple[float, float]] = {}
        for run in select("hyperparameter_search", strategy=strategy):
            if run["outcome"] != DIVERGED:
                validation = run["measures"]["validation_accuracy_by_epoch"][-1]
                pair = (validation, accuracies_by_epoch(run)[-1])
                best[run["seed"]] = max(best.get(run["seed"], pair), pair)
        return {seed: accuracy for seed, (_, accuracy) in best.items()}

    return {"nine settings": between(found, "random", "grid")}


_claim = partial(
    accuracy_claim, source=TECHNIQUES, effect="test accuracy, each at the better of its rates"
)


CLAIMS = [
    _claim(
        "large_rate_explodes",
        "Learning Rate太大 … cost增长爆炸",
        _explodes(1e6),
        effect="powers of ten of the final loss above that of a guess, at a rate of a million",
        requires=(),
        delta=0.5,
        because="three times the loss of a guess is no learning",
        studies=("learning_rate_range",),
        meaning="a learning rate too large makes the cost explode",
        topic="learning rate",
        remark="the source prints 1e-6, which is a slip; judged is 1e6",
    ),
    _claim(
        "small_range_is_suitable",
        "在[1e-3,1e-5]范围内比较合适",
        at_rates("learning_rate_range", 1e-3, 0.1),
        kind="no worse",
        effect="test accuracy at 1e-3 minus that at 0.1, descent without momentum",
        requires=(EITHER_LEARNED,),
        studies=("learning_rate_range",),
        meaning="a rate from 1e-5 to 1e-3 is suitable",
        topic="learning rate",
        remark="no range suits all networks, optimizers and batch sizes",
    ),
    _claim(
        "ensembles_are_better",
        "训练多个独立的模型,测试时,取这些模型结果的平均值",
        _together,
        effect="test accuracy, five networks together minus their mean alone",
        delta=0.005,
        because="half a point is what five trainings would be worth",
        requires=(),
        studies=("ensembles",),
        meaning="train several models and average their results (they are better together)",
        topic="ensembles",
    ),
    _claim(
        "shuffling_beats_sorting",
        "随机打乱训练样本的顺序 … 提高网络的泛化性能",
        _order("shuffled", "sorted"),
        effect="test accuracy, shuffled minus sorted by class, each at its best rate",
        requires=(FIRST_LEARNED,),
        studies=("orders",),
        meaning="shuffling improves generalization",
        topic="order of the examples",
    ),
    _claim(
        "easy_first_helps",
        "把训练样本按某种有意义的方式进行排序,对逐步解决困难问题有效",
        _order("easy first", "shuffled"),
        effect="test accuracy, an epoch of easy ones first and two shuffled, minus three shuffled",
        delta=0.005,
        because="half a point is worth sorting the examples once",
        studies=("orders",),
        meaning="examples in a meaningful order (easy ones first) help",
        topic="order of the examples",
    ),
    _claim(
        "early_stopping_helps",
        "如果验证集的错误率不能得到改善,应当停止训练",
        _stopped,
        effect="test accuracy, at the best validation epoch minus the last",
        requires=(),
        studies=("early_stopping",),
        meaning="when the validation error improves no more, training should stop",
        topic="early stopping",
    ),
    _claim(
        "random_beats_grid",
        "random search finds better settings than a grid of as many",
        _random_search,
        effect="test accuracy at the setting chosen on validation data, random minus grid",
        studies=("hyperparameter_search",),
        source=COURSE,
        topic="search",
    ),
]
