r"""Statistics for prediction, and how the last, smaller batch of an epoch is weighed."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

from d2l_bn.experiments.claims.runs import accuracy_claim
from d2l_bn.experiments.claims.sources import COURSE
from d2l_bn.experiments.judgement import Contrast
from d2l_bn.experiments.load import by_seed

__all__ = ["CLAIMS"]


def _after_the_last_batch() -> dict[str, Contrast]:
    """From the same weights, with the last step divided by 256 and by the 96 of its batch."""

    def tested(step: str) -> dict[int, float]:
        def accuracy(measures: Mapping[str, Any]) -> float:
            return mean(measures[f"test_accuracy_moving_by_epoch/{step}"])

        return by_seed("last_batch", accuracy)

    first, second = tested("divided_by_256"), tested("divided_by_its_size")
    return {"mean of five epochs": Contrast(first, second)}


def _after_five_epochs() -> dict[str, Contrast]:
    """Trained with each of the two steps, and tested by statistics that fit the weights."""
    measure = "test_accuracy_population"
    examples_alike = by_seed("population", measure, lr=1.0, weigh_alike="examples")
    batches_alike = by_seed("population", measure, population_batches=100)
    return {"five epochs": Contrast(examples_alike, batches_alike)}


CLAIMS = [
    accuracy_claim(
        "last_batch_by_moving_average",
        "where the last batch is smaller, a step that weighs every example alike tests better",
        _after_the_last_batch,
        effect="test accuracy by the moving average, divided by 256 minus divided by 96",
        meaning="a long, noisy last step takes the weights away from their averages",
        studies=("last_batch",),
        source=COURSE,
        topic="training and prediction",
    ),
    accuracy_claim(
        "last_batch_by_population",
        "the weights, too, are better after a step that weighs every example alike",
        _after_five_epochs,
        effect="test accuracy by population statistics, divided by 256 minus divided by 96",
        meaning="a long, noisy last step spoils the weights, and not their averages alone",
        studies=("population",),
        source=COURSE,
        topic="training and prediction",
    ),
]
