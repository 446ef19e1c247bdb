r"""First weights of a network of ten dense layers.

The records that are kept are older than the seed of the first weights here: they were made one
after the other in one process, and a case that is run alone comes to other numbers.
"""

from __future__ import annotations

import mxnet as mx

from d2l_bn.experiments.lenet_training import chosen_images, trained
from d2l_bn.experiments.study import Case, Measured, Study, grid
from d2l_bn.networks.deep_network import deep_network

TRAINING = {
    "optimizer": "sgd",
    "optimizer_params": {},
    "lr": 0.1,
    "batch_size": 64,
    "shuffle": True,
    "examples": 3000,
    "test_examples": 2000,
    "epochs": 1,
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train the deep network from the weights of one rule."""
    mx.random.seed(seed)
    net = deep_network(rule=case["rule"], normalize=case["norm"] == "gluon")
    net.hybridize()
    return trained(net, *chosen_images(case, seed, data), case, seed)


STUDY = Study(
    "deep_initialization",
    "Can a network of ten layers be trained from these first weights?",
    [
        {**case, "population_batches": 20 if case["norm"] else 0}
        for case in grid(TRAINING, rule=("0.01", "1.0", "xavier", "he"), norm=(None, "gluon"))
    ],
    run,
)
