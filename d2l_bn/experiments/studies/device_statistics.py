r"""Statistics of each device's own images, 2 to 16 of them, against those of the whole batch."""

from __future__ import annotations

from functools import partial

from d2l_bn.experiments.lenet_training import lenet_case, network
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.validated_training import part_held_out, trained_and_watched
from d2l_bn.networks.lenet import lenet
from d2l_bn.norms.per_device_batch import PerDeviceBatchNorm

BATCH_SIZE = 64
EXAMPLES = (2, 4, 8, 16)
RATES = (0.03, 0.1, 0.3)  # each arm's own is chosen on validation data


def _case(examples: int | None, lr: float) -> Case:
    case = lenet_case(
        norm="batch",
        activation="relu",
        batch_size=BATCH_SIZE,
        lr=lr,
        examples=9600,  # a quarter of them for validation
        epochs=2,
        population_batches=20,
        test_examples=4000,
    )
    return {**case, "examples_per_device": examples}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train once; ``examples_per_device`` None: all devices share their statistics."""
    net, examples = network(case), case["examples_per_device"]
    if examples is not None:
        net = lenet(partial(PerDeviceBatchNorm, examples=examples), activation=case["activation"])
        net.hybridize()
    return trained_and_watched(net, part_held_out(case, seed, data, parts=4), case, seed)


STUDY = Study(
    "device_statistics",
    "What do statistics of each device's own images cost, at 2, 4, 8 and 16 images a device?",
    [_case(examples, lr) for examples in (*EXAMPLES, None) for lr in RATES],
    run,
    seeds=tuple(range(5)),
)
