r"""The landscape: does batch normalization make it smoother?"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from statistics import mean

from d2l_bn.experiments.claims.landscape import (
    A_QUARTER,
    PLAIN_LEARNS,
    STUDY,
    Measured,
    landscape,
    typical,
)
from d2l_bn.experiments.claims.runs import by_activation
from d2l_bn.experiments.claims.sources import COURSE
from d2l_bn.experiments.judgement import Claim, Contrast
from d2l_bn.experiments.load import Measure
from d2l_bn.experiments.statistics import times_by_seed

__all__ = ["CLAIMS"]


def _flatter(measure: Measure) -> Callable[[], dict[str, Contrast]]:
    """By what power of ten it is larger without BN."""
    of_run = partial(typical, measure) if isinstance(measure, str) else measure

    def flatter(activation: str) -> Contrast:
        plain, bn = (landscape(of_run, network, activation) for network in ("none", "batch"))
        return Contrast(times_by_seed(plain, bn))

    return by_activation(flatter)


def _band(measures: Measured) -> float:
    """Width of the band of losses along the gradient."""
    widths = [max(losses) - min(losses) for losses in measures["losses_along_gradient"]]
    return 10 ** mean(math.log10(width) for width in widths)


def _change(measures: Measured) -> float:
    """How much the gradient has changed after one step."""
    return 10 ** mean(math.log10(row[2]) for row in measures["gradient_distances"])


def _smoother(name: str, words: str, measure: Measure) -> Claim:
    return Claim(
        name,
        words,
        kind="always",
        effect="powers of ten by which it is larger without BN, at the same learning rate",
        measure=_flatter(measure),
        delta=A_QUARTER,
        because="a quarter more is what one could make good by a rate a quarter smaller",
        requires=(PLAIN_LEARNS,),
        studies=(STUDY,),
        source=COURSE,
        topic="why BN works",
        remark="Santurkar et al. 2018 say so of deeper networks",
    )


CLAIMS = [
    _smoother("narrower_losses", "with BN, the loss changes less along the gradient", _band),
    _smoother("steadier_gradient", "with BN, the gradient changes less along a step", _change),
    _smoother("smaller_smoothness", "with BN, the effective β is smaller", "smoothness"),
    _smoother("smaller_curvature", "with BN, the curvature is smaller", "largest_eigenvalue"),
]
