r"""Examples shuffled, sorted by class, easy ones first, hard ones first."""

from __future__ import annotations

from itertools import product

from d2l_bn.data.curriculum import difficulties, easy_first
from d2l_bn.experiments.lenet_training import chosen_images, network, trained
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.technique_case import NORMS, technique_case
from d2l_bn.training.loop import train

ORDERS = ("shuffled", "sorted", "easy_first", "hard_first")


def run(case: Case, seed: int, data: str) -> Measured:
    """Train on the examples in one order; a network that was trained before says what is easy."""
    train_iter, test_iter = chosen_images(case, seed, data)
    if case["order"] == "sorted":
        train_iter = train_iter.in_order("sorted")
    elif case["order"] != "shuffled":
        teacher = network(technique_case(norm="gluon", examples=case["examples"]))
        train(teacher, train_iter, epochs=1, lr=0.1, seed=seed + 100, weigh_alike="batches")
        sign = 1 if case["order"] == "easy_first" else -1
        scores = sign * difficulties(teacher, train_iter)
        train_iter = train_iter.in_order(easy_first(scores, epochs=case["epochs"], seed=seed))
    # all batches: the first twenty of a sorted set would be of one class
    everything = case["norm"] is not None
    return trained(network(case), train_iter, test_iter, case, seed, recalibrate=everything)


STUDY = Study(
    "orders",
    "What does the order of the examples matter, with and without batch normalization?",
    [
        {**technique_case(norm=norm, examples=4000, epochs=2), "order": order}
        for order, norm in product(ORDERS, NORMS)
    ],
    run,
)
