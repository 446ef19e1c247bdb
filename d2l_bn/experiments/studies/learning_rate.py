r"""Learning rates from 0.03 to 10, with and without batch normalization, 300 steps each."""

from d2l_bn.experiments.study import Study, grid
from d2l_bn.experiments.validated_training import train_validated, validated_case

RATES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SETTING = {"batch_size": 64, "examples": 9_600, "epochs": 2}

STUDY = Study(
    "learning_rate",
    "How large can the learning rate be, with and without batch normalization?",
    [
        case
        for norm in (None, "gluon")
        for case in grid(
            validated_case(norm=norm, **SETTING), activation=("sigmoid", "relu"), lr=RATES
        )
    ],
    train_validated,
    seeds=tuple(range(8)),
)
