r"""Twelve claims of the sources, with their effects and what these decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from d2l_bn.experiments.claims.verdict import Effect

TITLES = {
    "chapter": "the chapter",
    "interview questions": "interview questions on batch normalization",
    "normalization layers": "an article on normalization layers",
    "training tricks": "tricks of deep learning",
    "lecture": "notes on Lee’s lecture",
}
#: source and quote, in the order in which they are bet on
CHOSEN = (
    ("training tricks", "当然这个算法即使你选择了较小的学习率,也比以前的收敛速度快"),
    ("chapter", "可以选择比较大的初始学习率"),
    ("interview questions", "BN能一定程度上缓解过拟合"),
    ("lecture", "如果z1改变,那么下图右侧所有的变量都要改"),
    (
        "interview questions",
        "把每层神经网络任意神经元输入值的分布强行拉回到均值为0方差为1的标准正态分布",
    ),
    ("chapter", "再也不需要使用使用局部响应归一化层了"),
    ("training tricks", "从整体上看,Adam目前是最好的选择"),
    ("interview questions", "梯度变大意味着学习收敛速度快"),
    ("interview questions", "多层累积下来产生方差偏移"),
    ("lecture", "等找到比较好的error surface后,才把β和γ慢慢加进去"),
    ("training tricks", "减少对初始化的强烈依赖"),
    ("normalization layers", "与批归一化相比,使用权重归一化训练深度网络的稳定性明显较差"),
)
STILL = {
    "at": 2,
    "bets": [70, 80, *[50] * 10],
    "shown": [1, 1, *[0] * 10],
}


def build() -> dict:
    r"""``claims``: of each its words, the ``rows`` of its effects, and the ``verdict``."""
    from d2l_bn.experiments.claims import SOURCES

    found = []
    for source, quote in CHOSEN:
        claim = next((claim for claim in SOURCES[source] if claim.quote == quote), None)
        if claim is None:
            raise ValueError(f"no claim {quote!r} of {source!r} any more; choose another in CHOSEN")
        effects = claim.measure()
        sides = [side(effect, claim.at_least) for effect in effects.values()]
        found.append(
            {
                "source": TITLES[source],
                "quote": claim.quote,
                "meaning": claim.meaning,
                "effect": claim.effect,
                "least": claim.at_least,
                "remark": claim.remark,
                "exact": all(isinstance(effect, bool) for effect in effects.values()),
                "rows": [row(*pair, where) for pair, where in zip(effects.items(), sides)],
                "verdict": verdict(sides),
            }
        )
    return {"claims": found}


def row(name: str, effect: Effect, where: str) -> dict[str, Any]:
    if isinstance(effect, bool):
        return {"name": name, "side": where}
    mean, margin = (float(f"{value:.4g}") for value in effect.bar)
    return {"name": name, "mean": mean, "margin": margin, "side": where}


def side(effect: Effect, least: float) -> str:
    r"""Where an interval lies: wholly ``'for'`` the claim, ``'against'`` it, or ``'open'``.

    Against it is what lies on the other side of zero, and what is too small to matter.

    >>> from d2l_bn.experiments.statistics import Estimate
    >>> [side(Estimate(mean, 0.004, 3), 0.02) for mean in (0.05, -0.05, 0.0, 0.02)]
    ['for', 'against', 'against', 'open']
    """
    if isinstance(effect, bool):
        return "for" if effect else "against"
    low, high = effect.mean - effect.margin, effect.mean + effect.margin
    if low > least:
        return "for"
    return "against" if high < 0 or (-least < low and high < least) else "open"


def verdict(sides: Iterable[str]) -> str:
    r"""Of a claim that is made without a condition: it must hold under every one.

    >>> [verdict(sides) for sides in (["for", "for"], ["for", "against"], ["for", "open"])]
    ['supported', 'refuted', 'undecided']
    """
    found = set(sides)
    return "refuted" if "against" in found else "undecided" if "open" in found else "supported"
