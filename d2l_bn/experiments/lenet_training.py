r"""A case of training the LeNet: what most studies vary one thing of."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from mxnet import init
from mxnet.gluon import nn

from d2l_bn.data.batches import Batches
from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import DIVERGED, FINISHED, Case, Measured
from d2l_bn.networks.lenet import lenet
from d2l_bn.networks.normalizers import COMPILED
from d2l_bn.training.history import History
from d2l_bn.training.loop import DivergenceError, train
from d2l_bn.training.running_totals import RunningTotals

__all__ = ["chosen_images", "lenet_case", "network", "train_lenet", "trained"]

TEST_BATCH_SIZE = 256  # of no influence on the result
#: The fields of a case that go to lenet().
NETWORK = ("norm", "weights", "places", "placement", "activation", "use_bias", "dropout")
SHAPES = {"conv1": (6, 1, 5, 5), "conv2": (16, 6, 5, 5), "dense1": (120, 256), "dense2": (84, 120)}
DEFAULTS: Case = {
    "norm": "gluon",
    "weights": None,
    "places": [1, 2, 3, 4],
    "placement": "before",
    "activation": "sigmoid",
    "use_bias": True,
    "dropout": {},
    "init": "xavier",
    "optimizer": "sgd",
    "optimizer_params": {},
    "lr": 1.0,
    "batch_size": 64,
    "examples": 20_000,
    "epochs": 3,
    "shuffle": True,
    "population_batches": 0,
    "test_examples": None,
    "compiled": False,
}
COLUMNS = {  # from the name of a measure to that of a history's column
    "loss_by_epoch": "loss",
    "train_accuracy_by_epoch": "train_accuracy",
    "test_accuracy_moving_by_epoch": "test_accuracy_moving",
    "test_accuracy_population_by_epoch": "test_accuracy_population",
    "validation_accuracy_by_epoch": "validation_accuracy",
    "seconds_by_epoch": "seconds",
}


def lenet_case(**settings: Any) -> Case:
    r"""One way to train the LeNet: the network, the descent and the data.

    Arguments:
        norm, weights, places, placement, activation, use_bias, dropout: for
            :func:`d2l_bn.networks.lenet.lenet`.
        init: ``'xavier'``, or the standard deviation of a normal distribution for the weights.
        optimizer, optimizer_params, lr, batch_size, epochs: for :func:`d2l_bn.train`.
        examples: so many training images, chosen by the seed; ``None``, all of them.
        shuffle: visit them in a new order in each epoch.
        population_batches: test each epoch a second time, with statistics of so many batches.
        test_examples: so many test images; ``None``, all of them.
        compiled: take the normalizer of the same results that is compiled, if there is one
            (``d2l_bn.networks.normalizers.COMPILED``): faster where batches are small.

    ``weigh_alike`` of :func:`d2l_bn.train` may be given, too. A case without it has ``"batches"``:
    each step divides by the size of its own batch.

    Raises:
        TypeError: a setting of another name.
        ValueError: another ``init``.

    >>> lenet_case(norm="group", lr=0.5)["epochs"]
    3
    """
    unknown = set(settings) - set(DEFAULTS) - {"weigh_alike"}
    if unknown:
        raise TypeError(
            f"a case has no {', '.join(sorted(unknown))}; expected some of {', '.join(DEFAULTS)}"
        )
    case = {**DEFAULTS, **settings}
    if case["init"] != "xavier" and not isinstance(case["init"], (int, float)):
        raise ValueError(
            f"init is {case['init']!r}; expected 'xavier' or the deviation of a normal "
            "distribution, such as 0.01"
        )
    return {**case, "places": list(case["places"])}  # JSON has lists only


def train_lenet(case: Case, seed: int, data: str) -> Measured:
    r"""Train once.

    Returns:
        How it ended and :func:`trained`'s measures.

    >>> outcome, measures = train_lenet(lenet_case(examples=128, epochs=1), 0, "synthetic")
    >>> outcome, len(measures["loss_by_epoch"]), measures["curve"][-1][0]
    ('finished', 1, 2)
    """
    return trained(network(case), *chosen_images(case, seed, data), case, seed)


def network(case: Case) -> nn.Block:
    """The network of a case, hybridized; its weights come with the training."""
    options = {name: case[name] for name in NETWORK}
    if case["compiled"]:
        options["norm"] = COMPILED.get(case["norm"], case["norm"])
        if case["weights"] == "standardized":
            options["weights"] = "compiled_standardized"
    net = lenet(**options)
    if options["weights"] == "compiled_standardized":
        for name, shape in SHAPES.items():  # a graph cannot tell them from the images
            getattr(net, name).weight.shape = shape
    if case["init"] != "xavier":  # train() gives Xavier's to those without values
        net.initialize(init.Normal(case["init"]))
    net.hybridize()
    return net


def chosen_images(case: Case, seed: int, data: str) -> tuple[Batches, Batches]:
    """Training images, chosen and ordered by the seed, and test images, the same for all seeds."""
    images, _ = _images(data, case["examples"], seed)
    _, test_iter = _images(data, case["test_examples"], 0)
    train_iter = Batches(
        images.images,
        images.labels,
        case["batch_size"],
        shuffle=case["shuffle"],
        seed=seed,
        source=images.source,
        synthetic=images.synthetic,
    )
    return train_iter, test_iter


@functools.lru_cache(maxsize=8)
def _images(data: str, limit: int | None, seed: int) -> tuple[Batches, Batches]:
    return load_fashion_mnist(TEST_BATCH_SIZE, data=data, limit=limit, seed=seed)


def trained(
    net: nn.Block,
    train_iter: Iterable[Any],
    test_iter: Iterable[Any] | None,
    case: Case,
    seed: int,
    *,
    on_epoch: Callable[[History], None] | None = None,
    digits: int = 5,
    **options: Any,
) -> Measured:
    r"""Train as ``case`` says, with further ``options`` of :func:`d2l_bn.train`.

    Returns:
        How it ended; and the columns of the history, a value for each finished epoch, with a
        ``curve``: a row (steps so far, loss, accuracy of the examples since the row before) for
        every 50 steps.
    """
    curve, history, outcome = _Curve(), History(), FINISHED
    settings = {name: case[name] for name in ("epochs", "lr", "optimizer", "optimizer_params")}
    settings["recalibrate"] = case["population_batches"] or False
    settings["weigh_alike"] = case.get("weigh_alike", "batches")
    settings["on_batches"] = curve.on_batches

    def keep(now: History) -> None:
        history.resume(now)
        if on_epoch is not None:
            on_epoch(now)

    try:
        train(net, train_iter, test_iter, seed=seed, on_epoch=keep, **{**settings, **options})
    except DivergenceError:
        outcome = DIVERGED
    measures = {name: rounded(history[column], digits) for name, column in COLUMNS.items()}
    measures = {name: values for name, values in measures.items() if values[:1] != [None]}
    if curve.rows:
        measures["curve"] = rounded(curve.rows, digits)
    return outcome, measures


class _Curve:
    """Turns the sums since the start of an epoch into means since the last report."""

    def __init__(self) -> None:
        self.rows: list[list[float]] = []
        self._steps = 0  # in the epochs before
        self._last = (0, 0, 0.0, 0.0)  # batches, examples, sum of losses, correct

    def on_batches(self, number: int, totals: RunningTotals) -> None:
        if totals.batches == 0:  # a new epoch
            self._steps += self._last[0]
            self._last = (0, 0, 0.0, 0.0)
            return
        n = totals.examples
        now = (totals.batches, n, totals.loss * n, totals.accuracy * n)
        _, examples, loss, correct = (new - old for new, old in zip(now, self._last))
        self._last = now
        if examples:
            self.rows.append([self._steps + totals.batches, loss / examples, correct / examples])
