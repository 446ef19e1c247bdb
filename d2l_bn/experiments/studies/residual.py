r"""Residual and plain networks of 8, 20 and 32 layers, with and without BN, and without any norm.

Stochastic descent with momentum 0.9, the rate along half a wave of the cosine, 400 steps of 64
images. For each arm and depth the peak rate is chosen by the accuracy on held-out images, over two
seeds; the chosen ones (:data:`CHOSEN`) alone are run with all :data:`SEEDS`. With branches × 0 a
rate that suits one seed ruins the next: there all rates are run with all seeds, and chosen by all.
"""

from __future__ import annotations

from typing import Any

from mxnet import gluon

from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.validated_training import images_in_three, trained_and_validated
from d2l_bn.networks.normalizers import COMPILED
from d2l_bn.networks.residual import resnet
from d2l_bn.training.schedules import Cosine

__all__ = ["ARMS", "CHOSEN", "DEPTHS", "RATES", "STUDY", "residual_network"]

DEPTHS = (8, 20, 32)
#: The arms, by what resnet() is told
ARMS: dict[str, dict[str, Any]] = {
    "plain": {"norm": None, "skip": False},
    "plain, BN": {"norm": "gluon", "skip": False},
    "residual": {"norm": None},
    "residual, BN": {"norm": "gluon"},
    "residual, BN, γ = 0": {"norm": "gluon", "zero_gamma": True},
    "residual, BN first": {"norm": "gluon", "order": "pre"},
    "residual, branches × 0": {"norm": None, "branch_scale": 0.0},
}
#: Peak rates to choose from; by depth where one grid does not serve all
RATES: dict[str, dict[int, tuple[float, ...]]] = {
    "plain": {8: (0.03, 0.1, 0.3), 20: (0.003, 0.01, 0.03), 32: (0.001, 0.003, 0.01)},
    "plain, BN": {8: (0.03, 0.1, 0.3), 20: (0.01, 0.03, 0.1, 0.3), 32: (0.01, 0.03, 0.1, 0.3)},
    "residual": {
        8: (0.003, 0.01, 0.03, 0.1),
        20: (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
        32: (1e-6, 1e-5, 1e-4, 1e-3),
    },
    "residual, BN": {8: (0.03, 0.1, 0.3, 1.0), 20: (0.03, 0.1, 0.3), 32: (0.03, 0.1, 0.3)},
}
OTHERS = dict.fromkeys(DEPTHS, (0.03, 0.1, 0.3))
ONLY_DEEPEST = ("residual, BN, γ = 0", "residual, BN first")
TRAINING = {
    "optimizer": "sgd",
    "optimizer_params": {"momentum": 0.9},
    "schedule": "cosine",
    "batch_size": 64,
    "shuffle": True,
    "examples": 6400,
    "validation_examples": 2000,
    "test_examples": 5000,
    "epochs": 4,
}
OPTIONS = {"skip": True, "order": "post", "zero_gamma": False, "branch_scale": None, "width": 8}
#: The rate of each arm and depth that was best on held-out images
CHOSEN: dict[tuple[str, int], float] = {
    ("plain", 8): 0.03,
    ("plain", 20): 0.01,
    ("plain", 32): 0.003,
    ("plain, BN", 8): 0.1,
    ("plain, BN", 20): 0.03,
    ("plain, BN", 32): 0.03,
    ("residual", 8): 0.03,
    ("residual", 20): 0.01,
    ("residual", 32): 1e-4,
    ("residual, BN", 8): 0.3,
    ("residual, BN", 20): 0.1,
    ("residual, BN", 32): 0.1,
    ("residual, BN, γ = 0", 32): 0.3,
    ("residual, BN first", 32): 0.1,
    ("residual, branches × 0", 8): 0.1,
    ("residual, branches × 0", 20): 0.1,
    ("residual, branches × 0", 32): 0.03,
}
ALL_SEEDS = "residual, branches × 0"
TUNING_SEEDS, SEEDS = 2, 5


def residual_network(case: Case) -> gluon.HybridBlock:
    """The network of a case, hybridized, without values."""
    options = {name: case[name] for name in OPTIONS}
    net = resnet(case["depth"], COMPILED.get(case["norm"], case["norm"]), **options)
    net.hybridize()
    return net


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network; validation and test by statistics of the training images."""
    images = images_in_three(case, seed, data)
    return trained_and_validated(residual_network(case), images, case, seed, schedule=Cosine())


def _case(arm: str, depth: int, lr: float) -> Case:
    options = {**OPTIONS, **ARMS[arm]}
    population = 50 if options["norm"] == "gluon" else 0
    return {
        "arm": arm,
        "depth": depth,
        **options,
        **TRAINING,
        "lr": lr,
        "population_batches": population,
    }


def cases(seed: int) -> list[Case]:
    """All rates with the first seeds, and the chosen ones with all."""
    return [
        _case(arm, depth, lr)
        for arm in ARMS
        for depth in (DEPTHS[-1:] if arm in ONLY_DEEPEST else DEPTHS)
        for lr in RATES.get(arm, OTHERS)[depth]
        if seed < TUNING_SEEDS or arm == ALL_SEEDS or CHOSEN[arm, depth] == lr
    ]


STUDY = Study(
    "residual",
    "How deep a network can be trained: with and without shortcuts, with and without BN?",
    cases,
    run,
    seeds=tuple(range(SEEDS)),
)
