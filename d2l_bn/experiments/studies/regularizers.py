r"""Dropout and weight decay on few examples, beside batch normalization, each tuned.

A LeNet with ReLU, 1,024 images, 15 epochs: it overfits. Each of the three networks is trained with
several learning rates and strengths of its regularizer. What is best on validation images, over the
first seeds (:data:`CHOSEN`), is run with the others, and compared by the test images.
"""

from __future__ import annotations

import itertools

from d2l_bn.experiments.study import Case, Study
from d2l_bn.experiments.validated_training import train_validated, validated_case

RATES = (0.003, 0.01, 0.03, 0.1)
STRENGTHS = {"none": (0.0,), "dropout": (0.2, 0.5), "L2": (0.001, 0.005)}
#: from a regularizer to the learning rate and its strength that are best on validation images
CHOSEN: dict[str, tuple[float, float]] = {
    "none": (0.01, 0.0),
    "dropout": (0.01, 0.2),
    "L2": (0.01, 0.005),
}
TUNING_SEEDS, SEEDS = 2, 8


def case(regularizer: str, lr: float, strength: float) -> Case:
    """Dropout stands behind the last normalization; decay reaches all parameters."""
    made = validated_case(
        norm="gluon",
        activation="relu",
        lr=lr,
        batch_size=32,
        examples=1024,
        epochs=15,
        test_examples=5000,
        population_batches=32,
        dropout={"act4": strength} if regularizer == "dropout" else {},
        optimizer_params={"momentum": 0.9, "wd": strength if regularizer == "L2" else 0.0},
    )
    return {**made, "regularizer": regularizer, "strength": strength}


def cases(seed: int) -> list[Case]:
    """All settings with the first seeds, and the chosen ones with all."""
    return [
        case(regularizer, *setting)
        for regularizer, strengths in STRENGTHS.items()
        for setting in itertools.product(RATES, strengths)
        if seed < TUNING_SEEDS or CHOSEN.get(regularizer) == setting
    ]


STUDY = Study(
    "regularizers",
    "Beside batch normalization, what do dropout and weight decay add, each tuned?",
    cases,
    train_validated,
    seeds=tuple(range(SEEDS)),
)
