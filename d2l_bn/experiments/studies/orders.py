r"""Examples shuffled, sorted by class, in batches of one class, easy ones first, hard ones first.

A curriculum is the order of the first epoch only: the two after it are shuffled, so that what is
compared is how the training began, and not what the last batches left behind. Every order is tried
at two rates, to be chosen between on validation images.
"""

from __future__ import annotations

from functools import partial

from d2l_bn.data.batches import Batches
from d2l_bn.data.curriculum import difficulties, easy_first
from d2l_bn.experiments.lenet_training import network
from d2l_bn.experiments.studies.regularization import ordered
from d2l_bn.experiments.study import Case, Measured, Study, grid
from d2l_bn.experiments.technique_case import NORMS, technique_case
from d2l_bn.experiments.validated_training import (
    images_in_three,
    trained_and_validated,
    validated_case,
)
from d2l_bn.training.loop import train

ORDERS = ("shuffled", "sorted", "one class", "easy first", "hard first")
RATES = (0.1, 0.3)
SETTING = {
    "activation": "relu",
    "batch_size": 64,
    "examples": 3200,
    "epochs": 3,
    "validation_examples": 1500,
    "test_examples": 2000,
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train on the examples in one order, and test with statistics of mixed batches."""
    images = images_in_three(case, seed, data)
    order = partial(in_order, order=case["order"], seed=seed)
    return trained_and_validated(network(case), images, case, seed, order=order)


def in_order(batches: Batches, order: str, seed: int) -> Batches:
    """The same examples in another order; a network that was trained before says what is easy."""
    if order == "sorted":
        return batches.in_order("sorted")
    if order in ("easy first", "hard first"):
        teacher = network(technique_case(norm="gluon", examples=batches.num_examples))
        train(teacher, batches, epochs=1, lr=0.1, seed=seed + 100, weigh_alike="batches")
        scores = difficulties(teacher, batches)
        return batches.in_order(easy_first(scores if order == "easy first" else -scores, seed=seed))
    return ordered(batches, order)


STUDY = Study(
    "orders",
    "What does the order of the examples matter, with and without batch normalization?",
    [
        {**case, "order": order}
        for norm in NORMS
        for order in ORDERS
        for case in grid(validated_case(norm=norm, **SETTING), lr=RATES)
    ],
    run,
    seeds=tuple(range(8)),
)
