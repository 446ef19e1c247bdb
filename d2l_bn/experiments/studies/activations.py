r"""Five activations, and how many units of ReLU are dead after the training."""

from __future__ import annotations

from itertools import product

from d2l_bn.diagnostics.dead_relus import dead_units
from d2l_bn.experiments.lenet_training import chosen_images, network, trained
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.technique_case import NORMS, technique_case

ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky", "elu")
LAYERS = ["act1", "act2", "act3", "act4"]


def run(case: Case, seed: int, data: str) -> Measured:
    """Train, and count the units that are 0 for every training image, as a share of the layer."""
    net, (train_iter, test_iter) = network(case), chosen_images(case, seed, data)
    outcome, measures = trained(net, train_iter, test_iter, case, seed)
    if case["activation"] == "relu":
        for name, units in dead_units(net, train_iter, LAYERS).items():
            measures[f"dead/{name}"] = rounded(float(units.mean()))
    return outcome, measures


STUDY = Study(
    "activations",
    "Which activation trains best, at which learning rate, and how many ReLUs die?",
    [
        technique_case(norm=norm, activation=activation, lr=lr, examples=3000, epochs=2)
        for lr, activation, norm in product((0.1, 1.0), ACTIVATIONS, NORMS)
    ],
    run,
)
