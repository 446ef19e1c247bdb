r"""The chapter's networks, five epochs on all images, with batches of 256.

``norm: "chapter"`` is the chapter's own layer in its own loop, of
:mod:`d2l_bn.norms.reference.chapter`, from the same first weights and in the same order as
``norm: "batch"`` with the same seed.
"""

from __future__ import annotations

from typing import Any

from mxnet import gluon, init

from d2l_bn.experiments.lenet_training import chosen_images, lenet_case, network, trained
from d2l_bn.experiments.study import FINISHED, Case, Measured, Study
from d2l_bn.networks.lenet import lenet
from d2l_bn.norms.reference import chapter
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.run import seed_generators

CHAPTER: Case = {"batch_size": 256, "examples": None, "epochs": 5, "weigh_alike": "examples"}
NETWORKS: dict[str, tuple[Case, tuple[int, ...]]] = {  # and the seeds that each is trained with
    "batch": ({"norm": "batch", "lr": 1.0, "population_batches": 20}, (0, 1, 2)),
    "gluon": ({"norm": "gluon", "lr": 1.0, "population_batches": 20}, (0, 1, 2)),
    "none": ({"norm": None, "lr": 0.9}, (0, 1, 2)),
    "chapter": ({"norm": "chapter", "lr": 1.0}, (0, 1, 2)),
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train once; every digit is kept."""
    images = chosen_images(case, seed, data)
    if case["norm"] == "chapter":
        return chapters_own(case, seed, *images)
    return trained(network(case), *images, case, seed, digits=17)


def chapters_own(case: Case, seed: int, train_iter: Any, test_iter: Any) -> Measured:
    """The chapter's layer and its loop; accuracy by its moving averages."""
    net = lenet(chapter.BatchNorm)
    seed_generators(seed, 0)
    net.initialize(init.Xavier())
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": case["lr"]})
    rows = []
    for epoch in range(case["epochs"]):
        train_iter.epoch = epoch
        trained = chapter.train_pass(net, train_iter, case["batch_size"], trainer)
        rows.append((*trained, evaluate(net, test_iter)))
    names = ("loss", "train_accuracy", "seconds", "test_accuracy_moving")
    return FINISHED, {f"{name}_by_epoch": list(values) for name, values in zip(names, zip(*rows))}


STUDY = Study(
    "chapter",
    "What do the chapter's networks reach?",
    lambda seed: [
        lenet_case(**CHAPTER, **network) for network, seeds in NETWORKS.values() if seed in seeds
    ],
    run,
)
