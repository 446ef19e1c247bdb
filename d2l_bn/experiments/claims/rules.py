r"""The rules of descent compared, each at the setting that validation data choose."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations

from d2l_bn.experiments.claims.runs import NORMS, accuracy_claim, chosen, head_to_head, settings
from d2l_bn.experiments.claims.sources import TECHNIQUES
from d2l_bn.experiments.judgement import EITHER_LEARNED, Contrast, Precondition, learned
from d2l_bn.experiments.load import Record, by_seed, select

__all__ = ["CLAIMS"]

STUDY = "optimizers"
OVER = ("lr", "optimizer_params")
ADAPTIVE = ("adagrad", "adadelta", "rmsprop", "adam")
OTHERS_THAN_ADAM = ("momentum", "nag", "adagrad", "adadelta", "rmsprop")


def _runs(rule: str, norm: str | None) -> list[Record]:
    """``"sgd"`` is plain descent, ``"momentum"`` the same with momentum."""
    runs = select(STUDY, optimizer="sgd" if rule == "momentum" else rule, norm=norm)
    if rule in ("sgd", "momentum"):
        has = rule == "momentum"
        runs = [r for r in runs if bool(r["case"]["optimizer_params"].get("momentum")) == has]
    return runs


def _best(norm: str | None, rule: str) -> dict[int, float]:
    return chosen(_runs(rule, norm), OVER)


def _careless(rule: str) -> Callable[[], dict[str, Contrast]]:
    """Every setting of the rule against the one that validation data choose."""

    def contrasts() -> dict[str, Contrast]:
        found = {}
        for norm, name in NORMS.items():
            runs, best = _runs(rule, norm), _best(norm, rule)
            for setting in settings(runs, OVER):
                value = setting["optimizer_params"].get("epsilon", setting["lr"])
                arm = by_seed(runs, "test_accuracy", **setting)
                if arm != best:
                    found[f"{value:g}, {name}"] = Contrast(arm, best)
        return found

    return contrasts


def _learns_at_its_best(setting: str) -> Precondition:
    """Of the chosen arm: one that does not learn at its best is no test of the others."""
    return Precondition(
        f"it learns at its best {setting}", lambda name, contrast: learned(contrast.arms[1])
    )


_claim = partial(
    accuracy_claim,
    effect="test accuracy after 150 steps, each at the best of its settings",
    because="a point of accuracy is what one would change the rule for",
    requires=(EITHER_LEARNED,),  # a rule that learns where another one does not is ahead of it
    studies=(STUDY,),
    source=TECHNIQUES,
    topic="optimizers",
)


CLAIMS = [
    _claim(
        "momentum_is_faster",
        "利用物体运动时的惯性,加快到达全局最优点的速度",
        head_to_head(_best, ("momentum", "sgd")),
        meaning="momentum comes to the optimum faster",
    ),
    _claim(
        "nesterov_is_better",
        "一个聪明的球,知道它将到哪儿去,且知道在斜坡向上之前减速",
        head_to_head(_best, ("nag", "momentum")),
        meaning="Nesterov's is the cleverer momentum",
    ),
    _claim(
        "adagrad_needs_no_tuning",
        "不需要手动调整Learning Rate,默认值为0.01即可",
        _careless("adagrad"),
        kind="no worse",
        effect="test accuracy at each rate of five minus that at the best one",
        delta=0.05,
        because="who need not tune must not lose five points by it",
        requires=(_learns_at_its_best("rate"),),
        meaning="AdaGrad needs no tuning of the learning rate",
    ),
    _claim(
        "adadelta_needs_no_rate",
        "不需要设置默认的Learning Rate",
        _careless("adadelta"),
        kind="no worse",
        effect="test accuracy at each ε of five minus that at the best one",
        delta=0.05,
        because="who need not tune must not lose five points by it",
        requires=(_learns_at_its_best("ε"),),
        meaning="AdaDelta needs no learning rate",
        remark="it has none, but its ε sets the length of the first steps",
    ),
    _claim(
        "adam_is_best",
        "从整体上看,Adam目前是最好的选择",
        head_to_head(_best, *(("adam", other) for other in ("sgd", *OTHERS_THAN_ADAM))),
        kind="no worse",
        meaning="on the whole, Adam is the best choice",
    ),
    _claim(
        "adaptive_alike",
        "RMSprop、AdaDelta和Adam是非常类似的算法,在类似的环境下,效果相当",
        head_to_head(_best, *combinations(("rmsprop", "adadelta", "adam"), 2)),
        kind="equal",
        delta=0.02,
        because="within two points one would call them alike",
        meaning="RMSProp, AdaDelta and Adam are alike in effect",
    ),
    _claim(
        "adaptive_is_fast",
        "如果你关心快速收敛,你应当选择adaptive learning-rate方法",
        head_to_head(_best, *((rule, "momentum") for rule in ADAPTIVE)),
        kind="exists",
        meaning="for fast convergence choose an adaptive method",
        effect="test accuracy after 150 steps minus momentum's, each at the best of its settings",
    ),
]
