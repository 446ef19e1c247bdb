r"""Test accuracy by three sorts of statistics, after each epoch of the chapter's training."""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import chosen_images, lenet_case, network, trained
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.history import History


def run(case: Case, seed: int, data: str) -> Measured:
    """Test the same weights by each sort of statistics."""
    net, (train_iter, test_iter) = network(case), chosen_images(case, seed, data)
    by_batch = []

    def on_epoch(history: History) -> None:
        by_batch.append(evaluate(net, test_iter, batch_statistics=True))

    outcome, measures = trained(
        net, train_iter, test_iter, case, seed, on_epoch=on_epoch, digits=17
    )
    return outcome, {**measures, "test_accuracy_batch_by_epoch": by_batch}


STUDY = Study(
    "population",
    "By which statistics should a network be tested?",
    [lenet_case(norm="batch", batch_size=256, examples=None, epochs=5, population_batches=100)],
    run,
)
