r"""Fine-tuning with few images of new classes: batch normalization at work, or frozen.

Five classes, drawn by the seed, train a residual network of 20 layers. It gets a new last layer for
the other five, and 200 steps with four or 32 images of each, two or ten at a time. Its batch
normalizations

* normalize each batch by its own statistics, and predict by moving averages (``"moving"``);
* or are frozen: they keep the statistics of the first five classes, and train γ and β
  (``"frozen"``), or not even these (``"frozen, γ and β too"``).

For each arm, number and batch size the rate is chosen by held-out images of the new classes.
(Whoever has four images of a class has none to choose by; this is the same for all arms.)
"""

from __future__ import annotations

import functools

import mxnet as mx
import numpy
from mxnet import gluon, np

from d2l_bn.data.batches import Batches
from d2l_bn.experiments.lenet_training import TEST_BATCH_SIZE, chosen_images, trained
from d2l_bn.experiments.study import FINISHED, Case, Measured, Study, grid
from d2l_bn.experiments.validated_training import final_accuracies
from d2l_bn.networks.freezing import freeze
from d2l_bn.networks.residual import resnet
from d2l_bn.training.loop import train
from d2l_bn.training.schedules import Cosine
from d2l_bn.training.weights import weights_of

__all__ = ["STATISTICS", "STUDY", "parts_by_class"]

STATISTICS = ("moving", "frozen", "frozen, γ and β too")
IMAGES = (4, 32)  # of each new class
RATES = {2: (0.001, 0.003, 0.01, 0.03), 10: (0.003, 0.01, 0.03, 0.1)}  # by the batch size
CLASSES, NEW = 10, 5
PRETRAINING = {"depth": 20, "pretraining_epochs": 3, "pretraining_lr": 0.1}
FINE_TUNING = {
    "optimizer": "sgd",
    "optimizer_params": {"momentum": 0.9},
    "schedule": "cosine",
    "steps": 200,
    "shuffle": True,
    "examples": 12_000,  # of all classes
    "validation_examples": 1000,
    "test_examples": 6000,
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Fine-tune a copy of the seed's network."""
    old, few, validation, test = parts_by_class(case, seed, data)
    weights = _pretrained(seed, data, *(case[name] for name in (*PRETRAINING, "examples")))
    net = _network(case["depth"], seed)
    few.batch_size = min(case["batch_size"], few.num_examples)
    epochs = max(1, round(case["steps"] / len(few)))
    net(next(iter(few))[0])  # shapes
    for name, parameter in net._collect_params_with_prefix().items():
        if not name.startswith("output"):
            parameter.set_data(np.array(weights[name]))
    if case["statistics"].startswith("frozen"):
        freeze(net, affine=case["statistics"] != "frozen")
    outcome, measures = trained(
        net, few, None, {**case, "epochs": epochs, "population_batches": 0}, seed, schedule=Cosine()
    )
    measures = {"loss": measures["loss_by_epoch"][-1:]}
    if outcome == FINISHED:
        sets = {"validation": validation, "test": test}
        measures.update(final_accuracies(net, few, sets, batches=0))
    return outcome, measures


def parts_by_class(case: Case, seed: int, data: str) -> tuple[Batches, Batches, Batches, Batches]:
    """Images of the old classes; of the new ones few, those to choose by, and those of the test."""
    classes = numpy.random.default_rng([seed, CLASSES]).permutation(CLASSES)
    images, test = chosen_images({**case, "batch_size": 64}, seed, data)
    old, new = (_of_classes(images, some) for some in (classes[NEW:], classes[:NEW]))
    rest, validation = new.hold_out(min(case["validation_examples"], new.num_examples // 2))
    order = numpy.random.default_rng([seed, NEW]).permutation(rest.num_examples)
    of_class = [order[rest.labels[order] == label] for label in range(NEW)]
    few = rest.in_order(None)
    chosen = numpy.concatenate([indices[: case["images"]] for indices in of_class])
    few.images, few.labels = rest.images[chosen], rest.labels[chosen]
    tested = _of_classes(test, classes[:NEW])
    validation.batch_size = tested.batch_size = TEST_BATCH_SIZE
    return old, few, validation, tested


def _of_classes(batches: Batches, classes: numpy.ndarray) -> Batches:
    """The examples of these classes, which get the labels 0, 1, …"""
    number = numpy.full(CLASSES, -1)
    number[classes] = range(len(classes))
    part = batches.in_order(None)
    here = number[batches.labels] >= 0
    part.images, part.labels = batches.images[here], number[batches.labels[here]]
    return part


def _network(depth: int, seed: int) -> gluon.HybridBlock:
    mx.random.seed(seed)
    net = resnet(depth, "gluon", num_classes=NEW)
    net.initialize(mx.init.Xavier())
    net.hybridize()
    return net


@functools.lru_cache(maxsize=2)
def _pretrained(
    seed: int, data: str, depth: int, epochs: int, lr: float, examples: int
) -> dict[str, numpy.ndarray]:
    """The weights of the network for the old classes, with population statistics."""
    case = {**FINE_TUNING, "examples": examples, "images": 1}
    old, *_ = parts_by_class(case, seed, data)
    net = _network(depth, seed)
    train(
        net,
        old,
        epochs=epochs,
        lr=lr,
        seed=seed,
        optimizer_params={"momentum": 0.9},
        schedule=Cosine(),
        recalibrate=50,
    )
    return weights_of(net)


STUDY = Study(
    "fine_tuning",
    "With few images of new classes: should batch normalization be frozen?",
    [
        case
        for batch_size, rates in RATES.items()
        for case in grid(
            {**PRETRAINING, **FINE_TUNING, "batch_size": batch_size},
            statistics=STATISTICS,
            images=IMAGES,
            lr=rates,
        )
    ],
    run,
    seeds=tuple(range(6)),
)
