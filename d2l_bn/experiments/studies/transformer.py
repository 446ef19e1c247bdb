r"""Normalizers in a small transformer that learns to sort, each at the rate that validation chose.

The problems are made from the seed; no image is read. Three questions. What becomes of
batch normalization, and of layer normalization, if each batch has problems of one length: two
blocks, 400 steps of 64 problems. Is RMS normalization as good as layer normalization: 800 steps.
And does the place decide whether the learning rate must be warmed up: six blocks, 300 steps.
"""

from __future__ import annotations

from typing import NamedTuple

from d2l_bn.experiments.sequence_training import train_sorter
from d2l_bn.experiments.study import Case, Measured, Study


class Arm(NamedTuple):
    """What is compared: all of a case but its learning rate."""

    depth: int
    steps: int
    norm: str | None
    place: str = "pre"
    warmup: bool = True
    batches: str = "mixed"


RATES, MORE = (0.003, 0.01, 0.03), (0.001, 0.003, 0.01, 0.03)
#: the rates of each arm, and the one that is best on validation problems, over the first seeds
ARMS: dict[Arm, tuple[tuple[float, ...], float]] = {
    Arm(2, 400, "layer"): (RATES, 0.01),
    Arm(2, 400, "batch"): (RATES, 0.01),
    Arm(2, 400, "layer", batches="by length"): (MORE, 0.003),
    Arm(2, 400, "batch", batches="by length"): ((0.0003, *MORE), 0.001),
    Arm(2, 800, "layer"): (RATES, 0.01),
    Arm(2, 800, "rms"): (RATES, 0.01),
    Arm(6, 300, "layer", "post", warmup=False): (MORE, 0.003),
    Arm(6, 300, "layer", "post"): (MORE, 0.01),
    Arm(6, 300, "layer", warmup=False): (MORE, 0.003),
    Arm(6, 300, "layer"): (MORE, 0.01),
    Arm(6, 300, None): ((*MORE, 0.1), 0.03),
}
CHOSEN = {arm: best for arm, (_, best) in ARMS.items()}
PEAK = 0.01  # all arms but those of 800 steps are run at it with all seeds
TUNING_SEEDS, SEEDS = 2, 5


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network to sort, and test it."""
    return train_sorter(case, seed)


def case_of(arm: Arm, lr: float) -> Case:
    """The case of an arm at a learning rate."""
    return {
        "features": 32,
        "heads": 2,
        "depth": arm.depth,
        "norm": arm.norm,
        "place": arm.place,
        "warmup": arm.warmup,
        "lr": lr,
        "steps": arm.steps,
        "batch_size": 64,
        "batches": arm.batches,
        "shortest": 2,
        "longest": 8,
        "test_examples": 1050,
    }


def cases(seed: int) -> list[Case]:
    """All rates with the first seeds, and the best one and :data:`PEAK` with all."""
    return [
        case_of(arm, lr)
        for arm, (rates, _) in ARMS.items()
        for lr in rates
        if seed < TUNING_SEEDS or lr == CHOSEN[arm] or (lr == PEAK and arm.steps < 800)
    ]


STUDY = Study(
    "transformer",
    "Which normalizer does a small transformer need, where, and with what batches?",
    cases,
    run,
    seeds=tuple(range(SEEDS)),
    makes_data=True,
)
