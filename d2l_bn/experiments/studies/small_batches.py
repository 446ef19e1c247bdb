r"""Batches of 1 to 256, each normalizer at the learning rate that is best for it at that size.

A size has as many images as let a network learn at all in the time there is; so compare normalizers
at one size, and never two sizes. The rates are tried with the seeds ``TRIED_WITH``, and chosen by
validation images; the other seeds run at the chosen one.
"""

from __future__ import annotations

from typing import Any

from d2l_bn.experiments.study import Case, Study
from d2l_bn.experiments.validated_training import train_validated, validated_case

EXAMPLES = {1: 1_600, 2: 1_600, 8: 3_200, 32: 6_400, 256: 10_240}
NETWORKS: dict[str, dict[str, Any]] = {
    "BN": {"norm": "batch"},
    "GN": {"norm": "group"},
    "GN+WS": {"norm": "group", "weights": "standardized"},
    "LN": {"norm": "layer"},
    "BN behind convolutions": {"norm": "batch", "places": [1, 2]},
    "BN on fewer images": {"norm": "batch", "examples": 1_600},  # as many as a size of 1 has
}
TRIED_WITH = (0,)
#: (network, size): the rates that were tried, and the one of the best mean validation accuracy
RATES: dict[tuple[str, int], tuple[tuple[float, ...], float]] = {
    ("BN", 2): ((0.001, 0.003, 0.01, 0.03), 0.03),
    ("GN", 2): ((0.003, 0.01, 0.03, 0.1), 0.03),
    ("GN+WS", 2): ((0.003, 0.01, 0.03), 0.01),
    ("BN", 8): ((0.01, 0.03, 0.1), 0.03),
    ("GN", 8): ((0.003, 0.01, 0.03), 0.01),
    ("GN+WS", 8): ((0.01, 0.03, 0.1), 0.03),
    ("BN", 32): ((0.03, 0.1, 0.3), 0.1),
    ("GN", 32): ((0.01, 0.03, 0.1), 0.03),
    ("GN+WS", 32): ((0.03, 0.1, 0.3), 0.03),
    ("BN", 256): ((0.1, 0.3, 1.0), 0.3),
    ("GN", 256): ((0.03, 0.1, 0.3), 0.03),
    ("GN+WS", 256): ((0.1, 0.3, 1.0), 0.3),
    ("LN", 2): ((0.01, 0.03, 0.1), 0.03),
    ("BN behind convolutions", 2): ((0.003, 0.01, 0.03), 0.01),
    ("BN on fewer images", 8): ((0.03, 0.1, 0.3), 0.1),
    ("GN+WS", 1): ((0.003, 0.01), 0.003),
}
CHOSEN = {key: chosen for key, (_, chosen) in RATES.items()}


def cases(seed: int) -> list[Case]:
    """All rates with the seeds that the choice is made by, the chosen one with the others."""
    return [
        _case(network, size, lr)
        for (network, size), (tried, _) in RATES.items()
        for lr in (tried if seed in TRIED_WITH else (CHOSEN[network, size],))
    ]


def _case(network: str, size: int, lr: float) -> Case:
    averages = NETWORKS[network]["norm"] == "batch"
    settings = {"examples": EXAMPLES[size], **NETWORKS[network]}
    return validated_case(
        activation="relu",
        validation_examples=2_000,
        epochs=1,
        test_examples=5_000,
        compiled=size <= 8 or network == "BN",  # what is faster
        batch_size=size,
        lr=lr,
        population_batches=max(8, 512 // size) if averages else 0,
        **settings,
    )


STUDY = Study(
    "small_batches",
    "Which normalizer learns from batches of 1, 2, ... 256, each at its best learning rate?",
    cases,
    train_validated,
    seeds=tuple(range(8)),
)
