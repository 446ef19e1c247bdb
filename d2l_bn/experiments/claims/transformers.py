r"""The norms of today: which normalizer a small transformer needs, and where."""

from __future__ import annotations

from functools import partial
from typing import Any

from d2l_bn.experiments.claims.runs import accuracy_claim, chosen
from d2l_bn.experiments.claims.sources import COURSE
from d2l_bn.experiments.judgement import (
    EITHER_LEARNED,
    FIRST_LEARNED,
    Contrast,
    Precondition,
    interaction,
    learned,
)
from d2l_bn.experiments.load import by_seed

__all__ = ["CLAIMS"]

STUDY = "transformer"
SOLVED = "test_accuracy_moving"
TUNED = {2: 800, 6: 300}  # steps, by depth, where normalizers and their places are compared
SHORT = 400  # steps where the batches are
PEAK = 0.01  # the rate that all arms but those of 800 steps were run at with all seeds


def _fields(
    norm: str | None,
    place: str = "pre",
    *,
    depth: int = 2,
    steps: int | None = None,
    warmup: bool = True,
    batches: str = "mixed",
) -> dict[str, Any]:
    fields = {"norm": norm, "place": place, "depth": depth, "steps": steps or TUNED[depth]}
    return {**fields, "warmup": warmup, "batches": batches}


def _tuned(norm: str | None, place: str = "pre", **fields: Any) -> dict[int, float]:
    """The share of solved problems by seed, at the rate that is best on validation problems."""
    return chosen(STUDY, measure=SOLVED, **_fields(norm, place, **fields))


def _at_the_peak(
    norm: str | None, place: str = "pre", measure: str = SOLVED, **fields: Any
) -> dict[int, float]:
    return by_seed(STUDY, measure, lr=PEAK, **_fields(norm, place, **fields))


def _warm_up_at_the_peak() -> dict[str, Contrast]:
    behind = partial(_at_the_peak, "layer", "post", depth=6)
    return {f"peak {PEAK:g}": Contrast(behind(warmup=True), behind(warmup=False))}


def _place_at_the_peak() -> dict[str, Contrast]:
    cold = partial(_at_the_peak, "layer", depth=6, warmup=False)
    return {f"peak {PEAK:g}": Contrast(cold(place="pre"), cold(place="post"))}


def _warm_up(place: str, first: bool) -> dict[str, Contrast]:
    """One way minus the other, each at its own best rate."""
    tuned = partial(_tuned, "layer", place, depth=6)
    return {"best rates": Contrast(tuned(warmup=first), tuned(warmup=not first))}


def _layer_against_batch() -> dict[str, Contrast]:
    def tuned(norm: str, batches: str) -> dict[int, float]:
        return _tuned(norm, steps=SHORT, batches=batches)

    return {
        f"batches {batches}": Contrast(tuned("layer", batches), tuned("batch", batches))
        for batches in ("mixed", "by length")
    }


def _gap_grows() -> dict[str, Contrast]:
    """The gap of batches by length minus that of mixed ones, at one rate."""

    def gap(batches: str, as_trained: str) -> Contrast:
        tested = partial(_at_the_peak, "batch", steps=SHORT, batches=batches)
        return Contrast(tested(measure=as_trained), tested())

    by_length = gap("by length", "test_accuracy_batch/one length")
    return {f"rate {PEAK:g}": interaction(by_length, gap("mixed", "test_accuracy_batch"))}


SECOND_LEARNED = Precondition(
    "the second network learned", lambda name, contrast: learned(contrast.arms[1])
)

_claim = partial(
    accuracy_claim,
    studies=(STUDY,),
    source=COURSE,
    topic="transformers",
    because="a point more of the problems solved is what one would change a layer for",
)

CLAIMS = [
    _claim(
        "warm_up_rescues_post_norm",
        "with the normalizer behind each part, there is a rate that trains only with a warm-up",
        _warm_up_at_the_peak,
        kind="exists",
        effect=f"share of problems solved, six blocks, peak rate {PEAK:g}, warm-up minus none",
        delta=0.05,
        because="five points are more than a warm-up gains where both train",
        requires=(FIRST_LEARNED,),
    ),
    _claim(
        "pre_norm_stands_a_large_rate",
        "with the normalizer in front of each part, a rate that needs a warm-up behind needs none",
        _place_at_the_peak,
        kind="exists",
        effect=f"share of problems solved, six blocks, peak rate {PEAK:g}, no warm-up, in front "
        "minus behind",
        delta=0.05,
        because="five points are more than a warm-up gains where both train",
        requires=(FIRST_LEARNED,),
    ),
    _claim(
        "post_norm_needs_warm_up",
        "with the normalizer behind each part, a transformer needs a warm-up",
        partial(_warm_up, "post", first=True),
        effect="share of problems solved, six blocks, warm-up minus none, each at its best rate",
        requires=(FIRST_LEARNED,),
    ),
    _claim(
        "pre_norm_needs_no_warm_up",
        "with the normalizer in front of each part, a transformer needs no warm-up",
        partial(_warm_up, "pre", first=False),
        kind="no worse",
        effect="share of problems solved, six blocks, no warm-up minus one, each at its best rate",
        requires=(SECOND_LEARNED,),
    ),
    _claim(
        "rms_is_as_good_as_layer",
        "RMS normalization is as good as layer normalization",
        lambda: {"two blocks": Contrast(_tuned("rms"), _tuned("layer"))},
        kind="equal",
        effect="share of problems solved, RMS minus layer normalization",
    ),
    _claim(
        "layer_beats_batch_in_transformer",
        "in a transformer, layer normalization is better than batch normalization",
        _layer_against_batch,
        effect="share of problems solved, layer minus batch normalization by moving averages",
        requires=(EITHER_LEARNED,),
    ),
    _claim(
        "gap_of_batches_by_length",
        "batch normalization falls behind at test time where each batch had one length",
        _gap_grows,
        kind="only",
        effect="share of problems solved by statistics of batches as in training, minus by moving "
        "averages; one length a batch minus mixed, at one rate",
        delta=0.05,
        because="five points are more than the lag of an average costs after so many steps",
        requires=(),
    ),
    _claim(
        "transformer_needs_a_norm",
        "a transformer needs a normalizer",
        lambda: {
            "six blocks": Contrast(_tuned("layer", depth=6), _tuned(None, depth=6)),
        },
        effect="share of problems solved, six blocks, layer normalization in front minus none",
        requires=(FIRST_LEARNED,),
    ),
]
