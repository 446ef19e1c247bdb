r"""The chapter's networks, five epochs on all images, with batches of 256."""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import chosen_images, lenet_case, network, trained
from d2l_bn.experiments.study import Case, Measured, Study

CHAPTER: Case = {"batch_size": 256, "examples": None, "epochs": 5}
NETWORKS: dict[str, tuple[Case, tuple[int, ...]]] = {  # and the seeds that each is trained with
    "batch": ({"norm": "batch", "lr": 1.0}, (0, 1, 2)),
    "gluon": ({"norm": "gluon", "lr": 1.0}, (0,)),
    "none": ({"norm": None, "lr": 0.9}, (0,)),
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train once; every digit is kept."""
    images = chosen_images(case, seed, data)
    return trained(network(case), *images, case, seed, digits=17)


STUDY = Study(
    "chapter",
    "What do the chapter's networks reach?",
    lambda seed: [
        lenet_case(**CHAPTER, **network) for network, seeds in NETWORKS.values() if seed in seeds
    ],
    run,
)
