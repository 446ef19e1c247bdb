r"""Twelve claims of the court, with their effects and their verdicts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from d2l_bn.experiments.judgement import Comparison, Judgement

#: in the order in which they are bet on; others than those of the trials in lesson 20
CHOSEN = (
    "small_rate_faster",
    "one_change_moves_all",
    "holds_inputs_still",
    "ensembles_are_better",
    "easy_first_helps",
    "better_than_local_response",
    "gamma_and_beta_wait",
    "weight_norm_less_stable",
    "shuffling_adds_a_point",
    "dropout_shifts_variance",
    "layer_norm_each_feature",
    "adagrad_needs_no_tuning",
)
#: what the figure calls a verdict
KEYS = {
    "true by algebra": "algebra",
    "supported": "supported",
    "refuted": "refuted",
    "no effect that matters": "negligible",
    "undecided": "undecided",
}
STILL = {
    "at": 1,
    "bets": [70, *[50] * 11],
    "shown": [1, *[0] * 11],
}


def build() -> dict:
    r"""``claims``: of each its words, the ``rows`` of its effects, and the ``verdict``."""
    from d2l_bn.experiments.claims import court

    return {"claims": [shown(court[name].judge()) for name in CHOSEN]}


def shown(judgement: Judgement) -> dict[str, Any]:
    claim = judgement.claim
    return {
        "source": claim.source,
        "quote": claim.quote,
        "meaning": claim.meaning,
        "effect": claim.effect,
        "kind": claim.kind.replace(" ", "_"),
        "delta": claim.delta or 0,
        "remark": claim.remark,
        "exact": claim.exact,
        "rows": [row(each) for each in judgement.comparisons],
        "verdict": KEYS[judgement.verdict.value],
    }


def row(found: Comparison) -> dict[str, Any]:
    r"""One effect; an end of the interval that is infinite is None."""
    numbers = {"effect": found.effect, "low": found.low, "high": found.high}
    rounded = {k: float(f"{v:.4g}") if math.isfinite(v) else None for k, v in numbers.items()}
    side = "no_test" if found.no_test else KEYS[found.verdict.value]
    return {"name": found.name, **rounded, "side": side}
