r"""The same examples in batches of 1 to 256; the rate grows with the batch (Wu & He 2018)."""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import lenet_case, train_lenet
from d2l_bn.experiments.study import Case, Study

NETWORKS = (
    {"norm": "batch"},
    {"norm": "group"},
    {"norm": "group", "weights": "standardized"},
    {"norm": "layer"},
    {"norm": "instance"},
    {"norm": "renorm"},
)


def _case(size: int, network: dict[str, str]) -> Case:
    averages = network["norm"] in ("batch", "renorm") and size > 1
    return lenet_case(
        activation="relu",
        examples=6000,
        epochs=1,
        test_examples=5000,
        compiled=True,
        batch_size=size,
        lr=size / 640,  # 0.05 for 32, 0.4 for 256
        population_batches=max(8, 512 // size) if averages else 0,
        **network,
    )


STUDY = Study(
    "small_batches",
    "Which normalizer learns from the same examples in batches of 1, 2, ... 256?",
    # last what takes longest: steps of one example
    [_case(size, network) for size in (2, 4, 8, 32, 256, 1) for network in NETWORKS],
    train_lenet,
)
