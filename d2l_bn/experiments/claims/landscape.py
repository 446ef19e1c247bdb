r"""What the study of the landscape measured on the way, as arms of a contrast."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import mean
from typing import Any

from d2l_bn.experiments.judgement import Contrast, Precondition, learned
from d2l_bn.experiments.load import Measure, by_seed

__all__ = ["A_QUARTER", "PLAIN_LEARNS", "STUDY", "Measured", "landscape", "typical"]

STUDY = "landscape"
A_QUARTER = math.log10(1.25)  # more, as a power of ten

Measured = Mapping[str, Any]


def landscape(
    measure: Measure, network: str, activation: str, factor: float = 1
) -> dict[int, float]:
    """A measure by seed, of the runs at ``factor`` times the learning rate."""
    fields = {"network": network, "activation": activation, "lr_factor": factor}
    return by_seed(STUDY, measure, **fields)


def typical(name: str, measures: Measured) -> float:
    r"""The geometric mean over the looks, so that one wild step does not decide.

    >>> round(typical("shift", {"shift": [0.1, 0.1, 100.0]}), 6)
    1.0
    """
    logarithms = [math.log10(value) for value in measures[name] if value]
    return 10 ** mean(logarithms)


def _plain_learns(name: str, contrast: Contrast) -> bool:
    return learned(landscape("final_train_accuracy", "none", name.split(",")[0]))


PLAIN_LEARNS = Precondition("the network without BN learned", _plain_learns)
