r"""Residual networks: what shortcuts do, what batch normalization does, and what else would do."""

from __future__ import annotations

from functools import partial

from d2l_bn.experiments.claims.runs import accuracy_claim, chosen
from d2l_bn.experiments.claims.sources import COURSE
from d2l_bn.experiments.judgement import EITHER_LEARNED, FIRST_LEARNED, Contrast

__all__ = ["CLAIMS"]

STUDY, FINE_TUNING = "residual", "fine_tuning"
DEPTHS = (8, 20, 32)
FROZEN = ("frozen", "frozen, γ and β too")


def _arms(first: str, second: str, *depths: int) -> dict[str, Contrast]:
    """Two kinds of network of the same depth, each at its best rate."""
    return {
        f"{depth} layers": Contrast(
            chosen(STUDY, arm=first, depth=depth), chosen(STUDY, arm=second, depth=depth)
        )
        for depth in depths
    }


def _depths(first: int, second: int, *arms: str) -> dict[str, Contrast]:
    """Two depths of the same kind of network, each at its best rate."""
    return {
        arm: Contrast(chosen(STUDY, arm=arm, depth=first), chosen(STUDY, arm=arm, depth=second))
        for arm in arms
    }


def _frozen(batch_size: int) -> dict[str, Contrast]:
    def arm(statistics: str, images: int) -> dict[int, float]:
        return chosen(FINE_TUNING, statistics=statistics, images=images, batch_size=batch_size)

    return {
        f"{statistics}, {images} images a class": Contrast(
            arm(statistics, images), arm("moving", images)
        )
        for statistics in FROZEN
        for images in (4, 32)
    }


_claim = partial(
    accuracy_claim,
    studies=(STUDY,),
    source=COURSE,
    topic="residual networks",
    requires=(FIRST_LEARNED,),
)
_fine_tuned = partial(_claim, studies=(FINE_TUNING,), topic="fine-tuning")

CLAIMS = [
    _claim(
        "depth_hurts_plain_networks",
        "without shortcuts 32 layers are less accurate than 8, with batch normalization or without",
        partial(_depths, 8, 32, "plain", "plain, BN"),
        effect="test accuracy, 8 layers minus 32",
    ),
    _claim(
        "shortcuts_help_with_batch_norm",
        "behind batch normalization, shortcuts make 32 layers more accurate",
        partial(_arms, "residual, BN", "plain, BN", 32),
        effect="test accuracy, with shortcuts minus without, both with BN",
    ),
    _claim(
        "depth_is_free_with_shortcuts_and_batch_norm",
        "with shortcuts and batch normalization 32 layers are no less accurate than 8",
        partial(_depths, 32, 8, "residual, BN"),
        kind="no worse",
        effect="test accuracy, 32 layers minus 8",
    ),
    _claim(
        "shortcuts_need_batch_norm",
        "shortcuts alone do not train 20 or 32 layers; with batch normalization they do",
        partial(_arms, "residual, BN", "residual", 20, 32),
        effect="test accuracy, shortcuts with BN minus shortcuts without",
        requires=(EITHER_LEARNED,),
    ),
    _claim(
        "branches_times_zero_replace_batch_norm",
        "branches multiplied by a number that starts at zero do without any normalizer as well",
        partial(_arms, "residual, branches × 0", "residual, BN", *DEPTHS),
        kind="no worse",
        effect="test accuracy, branches × 0 without normalizer minus BN",
        requires=(EITHER_LEARNED,),
    ),
    _claim(
        "branches_times_zero_train",
        "branches multiplied by a number that starts at zero let 32 layers train without BN",
        partial(_arms, "residual, branches × 0", "residual", 32),
        effect="test accuracy, with the number minus without, no normalizer in either",
    ),
    _claim(
        "zero_gamma_helps",
        "γ = 0 at the start of each branch makes 32 layers more accurate",
        partial(_arms, "residual, BN, γ = 0", "residual, BN", 32),
        effect="test accuracy, γ = 0 minus γ = 1 at the start",
    ),
    _claim(
        "before_the_branch_or_behind_it_alike",
        "normalizing first in the branch or last makes no difference to 32 layers",
        partial(_arms, "residual, BN first", "residual, BN", 32),
        kind="equal",
        effect="test accuracy, pre-activation minus post-activation",
    ),
    _fine_tuned(
        "frozen_better_with_two_in_a_batch",
        "with two images in a batch, fine-tune with frozen batch normalization",
        partial(_frozen, 2),
        effect="test accuracy on new classes, frozen minus moving statistics",
    ),
    _fine_tuned(
        "frozen_or_not_alike_with_ten_in_a_batch",
        "with ten images in a batch, freezing batch normalization makes no difference",
        partial(_frozen, 10),
        kind="equal",
        effect="test accuracy on new classes, frozen minus moving statistics",
    ),
]
