r"""Batch normalization after the activation; before it, the study ``learning_rate`` has it."""

from d2l_bn.experiments.studies.learning_rate import SETTING
from d2l_bn.experiments.study import Study, grid
from d2l_bn.experiments.validated_training import train_validated, validated_case

AFTER = validated_case(norm="gluon", placement="after", **SETTING)

STUDY = Study(
    "placement",
    "Does batch normalization train better before or after the activation?",
    [
        *grid(AFTER, activation=("sigmoid",), lr=(0.1, 0.3, 1.0, 3.0)),
        *grid(AFTER, activation=("relu",), lr=(0.03, 0.1, 0.3, 1.0)),
    ],
    train_validated,
    seeds=tuple(range(8)),
)
