r"""The setting that several studies share: 564 steps of 64 images."""

from __future__ import annotations

from typing import Any

from d2l_bn.experiments.lenet_training import lenet_case
from d2l_bn.experiments.study import Case, grid

__all__ = ["SHORT", "SHORT_BATCH_NORM", "with_and_without"]

SHORT = lenet_case(norm=None, examples=12_000, epochs=3)
#: networks with batch normalization are tested with population statistics, too
SHORT_BATCH_NORM = {**SHORT, "norm": "gluon", "population_batches": 50}


def with_and_without(**choices: Any) -> list[Case]:
    """Each choice without a normalizer and with Gluon's batch normalization."""
    return [*grid(SHORT, **choices), *grid(SHORT_BATCH_NORM, **choices)]
