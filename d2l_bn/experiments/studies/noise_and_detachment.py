r"""Why batch normalization works, each suspect at the learning rate that is best for it.

The networks of the study ``landscape`` with ReLU, 160 steps at several rates, not measured on the
way: without batch normalization, with it, with noise behind it, and with a gradient that takes the
batch's statistics for constants.
"""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import trained
from d2l_bn.experiments.studies.landscape import NOISE, normalizer
from d2l_bn.experiments.study import FINISHED, Case, Measured, Study
from d2l_bn.experiments.validated_training import (
    final_accuracies,
    images_in_three,
    validated_case,
)
from d2l_bn.networks.lenet import lenet
from d2l_bn.norms.noisy_batch import without_noise

RATES = {
    "none": (0.03, 0.1, 0.3),
    "batch": (0.03, 0.1, 0.3),
    "noisy": (0.03, 0.1, 0.3),
    "detached": (0.003, 0.01, 0.03),
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train; then measure on validation and test images, without noise."""
    net = lenet(normalizer(case), activation=case["activation"])
    net.hybridize()
    train_iter, validation, test_iter = images_in_three(case, seed, data)
    outcome, measures = trained(net, train_iter, None, {**case, "population_batches": 0}, seed)
    if outcome == FINISHED:
        sets = {"validation": validation, "test": test_iter}
        with without_noise(net):
            measures.update(final_accuracies(net, train_iter, sets, case["population_batches"]))
    return outcome, measures


def _case(network: str, lr: float) -> Case:
    case = validated_case(
        norm=None,
        activation="relu",
        lr=lr,
        batch_size=64,
        examples=160 * 64,
        epochs=1,
        test_examples=5_000,
        population_batches=0 if network == "none" else 40,
    )
    return {**case, "network": network, "noise": NOISE.get(network)}


STUDY = Study(
    "noise_and_detachment",
    "How do noisy and detached batch normalization train, each at its best learning rate?",
    [_case(network, lr) for network, rates in RATES.items() for lr in rates],
    run,
    seeds=tuple(range(8)),
)
