r"""First weights of a network of ten dense layers, each rule at every learning rate."""

from __future__ import annotations

import mxnet as mx

from d2l_bn.experiments.study import Case, Measured, Study, grid
from d2l_bn.experiments.validated_training import images_in_three, trained_and_validated
from d2l_bn.networks.deep_network import deep_network

TRAINING = {
    "optimizer": "sgd",
    "optimizer_params": {},
    "batch_size": 64,
    "shuffle": True,
    "examples": 4800,
    "validation_examples": 1500,
    "test_examples": 2000,
    "epochs": 1,
}
RULES = ("0.01", "1.0", "xavier", "he")
RATES = {  # with it, rates must be found for very different weights
    None: (0.01, 0.03, 0.1, 0.3),
    "gluon": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0),
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train the deep network from the weights of one rule: 75 steps."""
    mx.random.seed(seed)
    net = deep_network(rule=case["rule"], normalize=case["norm"] == "gluon")
    net.hybridize()
    return trained_and_validated(net, images_in_three(case, seed, data), case, seed)


STUDY = Study(
    "deep_initialization",
    "From which first weights, and at which rates, can a network of ten layers be trained?",
    [
        {**case, "norm": norm, "population_batches": 20 if norm else 0}
        for norm, rates in RATES.items()
        for case in grid(TRAINING, rule=RULES, lr=rates)
    ],
    run,
    seeds=tuple(range(8)),
)
