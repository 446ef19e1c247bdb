r"""A training whose settings may be chosen: by validation images, and judged by test images.

Whoever tries eight learning rates and reports the best test accuracy reports luck as well. So part
of the training images is held out; the rate is chosen by the accuracy on them, and the accuracy on
the test images, which had no say, is what is reported (Melis et al. 2018, arXiv:1707.05589).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mxnet import gluon

from d2l_bn.data.batches import Batches
from d2l_bn.experiments.lenet_training import (
    TEST_BATCH_SIZE,
    chosen_images,
    lenet_case,
    network,
    trained,
)
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import DIVERGED, FINISHED, Case, Measured
from d2l_bn.networks.population import recalibrate
from d2l_bn.training.early_stopping import EarlyStopping
from d2l_bn.training.evaluation import evaluate

__all__ = [
    "final_accuracies",
    "images_in_three",
    "part_held_out",
    "train_validated",
    "trained_and_validated",
    "trained_and_watched",
    "validated_case",
]


def validated_case(**settings: Any) -> Case:
    r"""A case of :func:`~d2l_bn.experiments.lenet_training.lenet_case` with validation images.

    Arguments:
        validation_examples: so many images beside the ``examples``, held out by the seed.
        population_batches: of the training images, for the statistics by which the trained network
            is validated and tested; 0, by its moving averages, or by none where it has none.
        settings: those of a ``lenet_case``.

    >>> case = validated_case(norm="gluon", lr=0.1, examples=640)
    >>> case["validation_examples"], case["population_batches"]
    (2000, 50)
    """
    validation = settings.pop("validation_examples", 2000)
    batches = settings.pop("population_batches", 50 if settings.get("norm") in AVERAGING else 0)
    case = lenet_case(population_batches=batches, **settings)
    return {**case, "validation_examples": validation}


#: Normalizers that predict by averages over batches.
AVERAGING = ("batch", "gluon", "renorm", "mean_only", "variance_only", "frozen")


def train_validated(case: Case, seed: int, data: str) -> Measured:
    r"""Train once; then measure on validation and test images, by the same statistics.

    Returns:
        How it ended, and the measures of :func:`~d2l_bn.experiments.lenet_training.trained` and
        :func:`final_accuracies`.

    >>> case = validated_case(norm=None, examples=128, validation_examples=64, epochs=1)
    >>> outcome, measures = train_validated(case, 0, "synthetic")
    >>> [name for name in measures if not name.endswith("_by_epoch")]
    ['curve', 'test_accuracy_moving', 'validation_accuracy']
    """
    return trained_and_validated(network(case), images_in_three(case, seed, data), case, seed)


def trained_and_validated(
    net: gluon.Block,
    images: tuple[Batches, Batches, Batches],
    case: Case,
    seed: int,
    *,
    order: Callable[[Batches], Batches] | None = None,
    **options: Any,
) -> Measured:
    r"""The same for a network of one's own, and for another order of the examples.

    Arguments:
        images: as :func:`images_in_three` gives them.
        order: the batches to train on, from those that are shuffled; the statistics of the trained
            network are taken over the shuffled ones, as its predictions are.
        options: more of :func:`d2l_bn.train`'s, such as ``schedule``.
    """
    train_iter, validation, test_iter = images
    batches = train_iter if order is None else order(train_iter)
    outcome, measures = trained(
        net, batches, None, {**case, "population_batches": 0}, seed, **options
    )
    if outcome == FINISHED:
        sets = {"validation": validation, "test": test_iter}
        try:
            measures.update(final_accuracies(net, train_iter, sets, case["population_batches"]))
        except ValueError:  # statistics that are not finite: the last step was one too many
            outcome = DIVERGED
    return outcome, measures


def images_in_three(case: Case, seed: int, data: str) -> tuple[Batches, Batches, Batches]:
    """To train on, to choose by and to judge by; the last are the same for all seeds."""
    held_out = min(case["validation_examples"], case["examples"])  # of a small run, half
    both = {**case, "examples": case["examples"] + held_out}
    images, test_iter = chosen_images(both, seed, data)
    train_iter, validation = images.hold_out(held_out)
    validation.batch_size = TEST_BATCH_SIZE
    return train_iter, validation, test_iter


def trained_and_watched(
    net: gluon.Block, images: tuple[Batches, Batches, Batches], case: Case, seed: int
) -> Measured:
    r"""Train to the end, and measure on validation and test images after *each* epoch.

    Arguments:
        images: as :func:`part_held_out` gives them.
    """
    train_iter, validation, test_iter = images
    never = EarlyStopping(validation, patience=case["epochs"])
    return trained(net, train_iter, test_iter, case, seed, early_stopping=never)


def part_held_out(case: Case, seed: int, data: str, parts: int) -> tuple[Batches, Batches, Batches]:
    r"""To train on, to choose by and to judge by, as by :func:`images_in_three`.

    Here the case's own images are divided: one of so many ``parts`` is held out.

    >>> case = lenet_case(examples=200, test_examples=50)
    >>> [batches.num_examples for batches in part_held_out(case, 0, "synthetic", parts=4)]
    [150, 50, 50]
    """
    images, test_iter = chosen_images(case, seed, data)
    train_iter, validation = images.hold_out(len(images.labels) // parts)
    return train_iter, validation, test_iter


def final_accuracies(
    net: gluon.Block, train_iter: Iterable[Any], sets: Mapping[str, Batches], batches: int
) -> dict[str, float]:
    r"""The accuracy on each set, by population statistics if ``batches`` are to be looked at.

    On the test set that by the moving averages is taken, too; the names say which is which.
    """
    found = {"test_accuracy_moving": evaluate(net, sets["test"])}
    if batches:
        recalibrate(net, train_iter, batches=batches)
        found["test_accuracy_population"] = evaluate(net, sets["test"])
    found["validation_accuracy"] = evaluate(net, sets["validation"])
    return {name: rounded(accuracy) for name, accuracy in found.items()}
