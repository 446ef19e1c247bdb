r"""Training far longer than is good, watched on validation data."""

from __future__ import annotations

import numpy

from d2l_bn.experiments.lenet_training import network
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.technique_case import NORMS, technique_case
from d2l_bn.experiments.validated_training import part_held_out, trained_and_watched

WRONG = (0.0, 0.3)  # shares of the training labels


def run(case: Case, seed: int, data: str) -> Measured:
    """To the end, so that what any patience would have done can be read from the curves."""
    images = part_held_out(case, seed, data, parts=3)
    images[0].labels = mislabelled(images[0].labels, case["wrong_labels"], seed)
    return trained_and_watched(network(case), images, case, seed)


def mislabelled(labels: numpy.ndarray, share: float, seed: int) -> numpy.ndarray:
    r"""A copy in which this share has another label, each of the nine others alike.

    >>> labels = numpy.zeros(1000, "uint8")
    >>> int((mislabelled(labels, 0.3, seed=0) > 0).sum())
    300
    """
    random = numpy.random.default_rng([seed, 1])
    changed = random.permutation(len(labels))[: round(share * len(labels))]
    labels = labels.copy()
    labels[changed] = (labels[changed] + random.integers(1, 10, len(changed))) % 10
    return labels


STUDY = Study(
    "early_stopping",
    "When should training have stopped?",
    [
        {**technique_case(norm=norm, examples=1500, epochs=25), "wrong_labels": wrong}
        for wrong in WRONG
        for norm in NORMS
    ],
    run,
    seeds=tuple(range(8)),
)
