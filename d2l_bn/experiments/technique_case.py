r"""The case that the studies of training techniques vary: a LeNet with ReLU, few images."""

from __future__ import annotations

from typing import Any

from d2l_bn.experiments.lenet_training import lenet_case
from d2l_bn.experiments.study import Case

__all__ = ["NORMS", "technique_case"]

NORMS = (None, "gluon")
TEST_EXAMPLES = 2000  # a standard error of 0.9 points at an accuracy of 0.8
POPULATION_BATCHES = 20


def technique_case(*, norm: str | None = None, examples: int, **settings: Any) -> Case:
    r"""A short training, at rate 0.1 unless another is given.

    Networks with batch normalization are tested with population statistics, so that the lag of the
    moving average, which is another lesson, does not get in between.
    """
    return lenet_case(
        norm=norm,
        examples=examples,
        test_examples=min(examples, TEST_EXAMPLES),
        population_batches=POPULATION_BATCHES if norm else 0,
        **{"activation": "relu", "lr": 0.1, **settings},
    )
