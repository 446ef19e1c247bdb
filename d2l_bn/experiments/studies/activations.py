r"""Five activations, each at three rates, and how many ReLUs are dead after the training."""

from __future__ import annotations

from d2l_bn.diagnostics.dead_relus import dead_units
from d2l_bn.experiments.lenet_training import network
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import Case, Measured, Study, grid
from d2l_bn.experiments.technique_case import NORMS
from d2l_bn.experiments.validated_training import (
    images_in_three,
    trained_and_validated,
    validated_case,
)

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky", "elu")
RATES = (0.1, 0.3, 1.0)
LAYERS = ["act1", "act2", "act3", "act4"]
SETTING = {
    "validation_examples": 1500,
    "examples": 3200,
    "epochs": 2,
    "test_examples": 2000,
    "batch_size": 64,
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train, and count the units that are 0 for every training image, as a share of the layer."""
    net, images = network(case), images_in_three(case, seed, data)
    outcome, measures = trained_and_validated(net, images, case, seed)
    if case["activation"] == "relu":
        for name, units in dead_units(net, images[0], LAYERS).items():
            measures[f"dead/{name}"] = rounded(float(units.mean()))
    return outcome, measures


STUDY = Study(
    "activations",
    "Which activation trains best, at which learning rate, and how many ReLUs die?",
    [
        case
        for norm in NORMS
        for case in grid(validated_case(norm=norm, **SETTING), activation=ACTIVATIONS, lr=RATES)
    ],
    run,
    seeds=tuple(range(6)),
)
