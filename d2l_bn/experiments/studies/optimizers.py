r"""Five settings for each optimizer, a factor of √10 of step length apart, around the usual.

A fifth of the images is held out: a setting is chosen by its accuracy on these, and then measured.
What is left are 150 steps of 64 images, each met once.
"""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import lenet_case, network
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.validated_training import part_held_out, trained_and_watched

MOMENTUM, RATES = {"momentum": 0.9}, (0.01, 0.03, 0.1, 0.3, 1.0)
SMALL_RATES = (0.0003, 0.001, 0.003, 0.01, 0.03)
SETTINGS: list[Case] = [
    *({"optimizer": "sgd", "lr": lr} for lr in (0.03, 0.1, 0.3, 1.0, 3.0)),
    *({"optimizer": "sgd", "optimizer_params": MOMENTUM, "lr": lr} for lr in RATES),
    *({"optimizer": "nag", "optimizer_params": MOMENTUM, "lr": lr} for lr in RATES),
    *({"optimizer": "adagrad", "lr": lr} for lr in (0.003, 0.01, 0.03, 0.1, 0.3)),
    # no learning rate: its first steps are as long as the root of epsilon
    *(
        {"optimizer": "adadelta", "optimizer_params": {"epsilon": eps}}
        for eps in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
    ),
    *({"optimizer": "rmsprop", "lr": lr} for lr in SMALL_RATES),
    *({"optimizer": "adam", "lr": lr} for lr in SMALL_RATES),
]
STEPS_150: Case = {"examples": 12_000, "epochs": 1, "test_examples": 2500}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train on four fifths, and test on the rest, which the setting is chosen by, and on others."""
    images = part_held_out(case, seed, data, parts=5)
    return trained_and_watched(network(case), images, case, seed)


STUDY = Study(
    "optimizers",
    "Which optimizer is best, and how much does its learning rate matter?",
    [
        lenet_case(norm=norm, population_batches=batches, **STEPS_150, **setting)
        for norm, batches in ((None, 0), ("gluon", 20))
        for setting in SETTINGS
    ],
    run,
    seeds=tuple(range(8)),
)
