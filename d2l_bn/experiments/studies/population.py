r"""Test accuracy by three sorts of statistics, after each epoch of the chapter's training.

With each of the two ways of weighing the last, smaller batch: a case without ``weigh_alike`` has
every batch alike. ``test_accuracy_population_by_epoch`` is that of :func:`d2l_bn.train`; ``…/n`` is
by n batches in another order, which tells how much the number of batches matters.
"""

from __future__ import annotations

import time

from d2l_bn.experiments.lenet_training import chosen_images, lenet_case, network, trained
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.networks.batch_norm_layers import kept_averages
from d2l_bn.networks.population import recalibrate
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.history import History

OTHER_ORDER = 1000  # of an epoch that is never reached


def run(case: Case, seed: int, data: str) -> Measured:
    """Test the same weights by each sort of statistics."""
    net, (train_iter, test_iter) = network(case), chosen_images(case, seed, data)
    by_batch: list[float] = []
    by_number: dict[int, list[float]] = {number: [] for number in case.get("numbers", [])}
    seconds: dict[int, list[float]] = {number: [] for number in case.get("numbers", [])}

    def on_epoch(history: History) -> None:
        by_batch.append(evaluate(net, test_iter, batch_statistics=True))
        for number in by_number:
            train_iter.epoch = OTHER_ORDER
            start = time.perf_counter()
            with kept_averages(net):
                recalibrate(net, train_iter, batches=number)
                by_number[number].append(evaluate(net, test_iter))
            seconds[number].append(round(time.perf_counter() - start, 3))

    outcome, measures = trained(
        net, train_iter, test_iter, case, seed, on_epoch=on_epoch, digits=17
    )
    measures["test_accuracy_batch_by_epoch"] = by_batch
    for number, accuracies in by_number.items():
        measures[f"test_accuracy_population_by_epoch/{number}"] = accuracies
        measures[f"seconds_of_test_by_epoch/{number}"] = seconds[number]
    return outcome, measures


def cases(seed: int) -> list[Case]:
    """Ten seeds with every example alike, and three with every batch alike."""
    chapter = {"norm": "batch", "batch_size": 256, "examples": None, "epochs": 5}
    alike = {**chapter, "population_batches": 20, "weigh_alike": "examples"}
    found = [{**lenet_case(**alike), "numbers": [1, 5, 10, 20, 40, 100]}]
    if seed < 3:
        found += [lenet_case(**chapter, population_batches=100)]
    return found


STUDY = Study(
    "population",
    "By which statistics should a network be tested?",
    cases,
    run,
    seeds=tuple(range(10)),
)
