r"""What notebook 16 compares: one small training run for each case, several seeds of each.

A *case* is a dict of everything that a run depends on; :data:`PARTS` has those of each question,
and :func:`measure` runs one. ``python scripts/run_techniques.py`` runs those that are not in
``results/techniques.jsonl`` yet.

All networks with batch normalization are tested with population statistics, so that the lag of the
moving average, which is another lesson (row 72), does not get in between.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

from mxnet.gluon import nn

from d2l_bn.data.batches import Batches
from d2l_bn.data.curriculum import difficulties, easy_first
from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.diagnostics.dead_relus import dead_units
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.search import grid_points, random_points
from d2l_bn.networks.deep_network import deep_network
from d2l_bn.networks.lenet import lenet
from d2l_bn.training.early_stopping import EarlyStopping
from d2l_bn.training.ensemble import Ensemble
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.history import History
from d2l_bn.training.loop import DivergenceError, train

__all__ = ["PARTS", "Part", "measure", "small"]

SEEDS = (0, 1, 2)
NORMS = (None, "gluon")
ACTIVATIONS = ("sigmoid", "tanh", "relu", "leaky", "elu")
ORDERS = ("shuffled", "sorted", "easy_first", "hard_first")
TEST_EXAMPLES = 2000  # a standard error of 0.9 points at an accuracy of 0.8
BATCHES = 20  # of the training set, for population statistics
RANGES = {"lr": (1e-3, 10.0), "wd": (1e-6, 1e-1)}
Case = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A question, the cases that answer it, and how one is measured."""

    question: str
    cases: list[Case]
    run: Callable[[Case, str], dict[str, Any]]


def measure(part: str, case: Case, data: str = "auto") -> dict[str, Any]:
    r"""The record of one case: ``part``, ``case``, and what came out.

    >>> case = small(PARTS["activations"].cases[0])
    >>> record = measure("activations", case, data="synthetic")
    >>> record["outcome"], len(record["loss"])
    ('finished', 1)
    """
    return {"part": part, "case": case, **rounded_values(PARTS[part].run(case, data))}


def small(case: Case) -> Case:
    """The same case with few examples, for a look at whether it runs."""
    return {**case, "examples": min(case["examples"], 200), "epochs": 1}


def rounded_values(record: dict[str, Any]) -> dict[str, Any]:
    return {name: rounded(value) for name, value in record.items()}


def activation(case: Case, data: str) -> dict[str, Any]:
    net, (train_iter, test_iter) = lenet_with(case["activation"], case["norm"]), batches(case, data)
    result = trained(net, train_iter, test_iter, case)
    if case["activation"] == "relu":
        layers = ["act1", "act2", "act3", "act4"]
        dead = dead_units(net, train_iter, layers)
        result["dead"] = {name: float(units.mean()) for name, units in dead.items()}
    return result


def learning_rate(case: Case, data: str) -> dict[str, Any]:
    return trained(lenet_with("relu", case["norm"]), *batches(case, data), case)


def initialization(case: Case, data: str) -> dict[str, Any]:
    net = deep_network(rule=case["rule"], normalize=case["norm"] == "gluon")
    net.hybridize()
    return trained(net, *batches(case, data), case)


def order(case: Case, data: str) -> dict[str, Any]:
    train_iter, test_iter = batches(case, data)
    if case["order"] == "sorted":
        train_iter = train_iter.in_order("sorted")
    elif case["order"] != "shuffled":
        teacher = lenet_with("relu", "gluon")
        train(teacher, train_iter, epochs=1, lr=0.1, seed=case["seed"] + 100, recalibrate=BATCHES)
        sign = 1 if case["order"] == "easy_first" else -1
        scores = sign * difficulties(teacher, train_iter)
        always = easy_first(scores, epochs=case["epochs"], seed=case["seed"])
        train_iter = train_iter.in_order(always)
    net = lenet_with("relu", case["norm"])
    # all batches: the first twenty of a sorted set would be of one class
    return trained(net, train_iter, test_iter, case, population_batches=True)


def stopping(case: Case, data: str) -> dict[str, Any]:
    """To the end, so that what any patience would have done can be read from the curves."""
    train_iter, test_iter = batches(case, data)
    train_iter, validation = train_iter.hold_out(case["examples"] // 3)
    never = EarlyStopping(validation, patience=case["epochs"])
    net = lenet_with("relu", case["norm"])
    return trained(net, train_iter, test_iter, case, early_stopping=never)


def ensemble(case: Case, data: str) -> dict[str, Any]:
    """Networks that differ by the seed of their first weights and of the order alone."""
    train_iter, test_iter = batches(case, data)
    members = []
    for number in range(case["members"]):
        net = lenet_with("relu", "gluon")
        train_iter.seed = 10 * case["seed"] + number
        options = {"epochs": case["epochs"], "lr": case["lr"], "seed": train_iter.seed}
        train(net, train_iter, recalibrate=BATCHES, **options)
        members.append(net)
    return {
        "outcome": "finished",
        "alone": [evaluate(net, test_iter) for net in members],
        "together": [evaluate(Ensemble(members[: k + 1]), test_iter) for k in range(len(members))],
    }


def search(case: Case, data: str) -> dict[str, Any]:
    train_iter, test_iter = batches(case, data)
    train_iter, validation = train_iter.hold_out(case["examples"] // 4)
    watched = EarlyStopping(validation, patience=case["epochs"])
    net = lenet_with("relu", None)
    options = {"early_stopping": watched, "optimizer_params": {"wd": case["wd"], "momentum": 0.9}}
    return trained(net, train_iter, test_iter, case, **options)


def lenet_with(activation: str, norm: str | None) -> nn.HybridSequential:
    """The LeNet, hybridized."""
    net = lenet(norm, activation=activation)
    net.hybridize()
    return net


def trained(
    net: nn.Block,
    train_iter: Batches,
    test_iter: Batches,
    case: Case,
    population_batches: int = BATCHES,
    **options: Any,
) -> dict[str, Any]:
    """Train as ``case`` says; columns of the history, shorter if the run diverged."""
    history = History()
    normalized = case.get("norm") is not None

    def on_epoch(now: History) -> None:
        history.resume(now)

    outcome = "finished"
    try:
        train(
            net,
            train_iter,
            test_iter,
            epochs=case["epochs"],
            lr=case["lr"],
            seed=case["seed"],
            recalibrate=normalized and population_batches,
            on_epoch=on_epoch,
            **options,
        )
    except DivergenceError:
        outcome = "diverged"
    tested = history["population_test_accuracy" if normalized else "test_accuracy"]
    return {
        "outcome": outcome,
        "loss": history["loss"],
        "train_accuracy": history["train_accuracy"],
        "test_accuracy": tested,
        "moving_average_test_accuracy": history["test_accuracy"] if normalized else None,
        "validation_accuracy": history["validation_accuracy"],
    }


def batches(case: Case, data: str) -> tuple[Batches, Batches]:
    """``examples`` training images, chosen and ordered by the seed, and test images."""
    train_iter, _ = _images(data, case["examples"], case["seed"])
    _, test_iter = _images(data, min(case["examples"], TEST_EXAMPLES), 0)
    chosen = Batches(
        train_iter.images,
        train_iter.labels,
        case["batch_size"],
        shuffle=True,
        seed=case["seed"],
        source=train_iter.source,
    )
    return chosen, test_iter


@functools.lru_cache(maxsize=8)
def _images(data: str, limit: int, seed: int) -> tuple[Batches, Batches]:
    return load_fashion_mnist(256, data=data, limit=limit, seed=seed)


def _cases(examples: int, epochs: int, **choices: Any) -> list[Case]:
    common = {"examples": examples, "epochs": epochs, "batch_size": 64}
    return [{**dict(zip(choices, values)), **common} for values in product(*choices.values())]


def _search_cases() -> list[Case]:
    return [
        {"strategy": strategy, "trial": number, **rounded_values(point), **common}
        for common in _cases(3000, 1, seed=SEEDS)
        for strategy, points in (
            ("grid", grid_points(RANGES, per_axis=3)),
            ("random", random_points(RANGES, count=9, seed=common["seed"])),
        )
        for number, point in enumerate(points)
    ]


PARTS: dict[str, Part] = {
    "orders": Part(
        "What does the order of the examples matter, with and without batch normalization?",
        _cases(4000, 2, order=ORDERS, norm=NORMS, lr=(0.1,), seed=SEEDS),
        order,
    ),
    "learning_rates": Part(
        "Which learning rates are too small and which too large?",
        _cases(4000, 1, lr=(1e-6, 1e-5, 1e-3, 0.1, 1.0, 1e6), norm=NORMS, seed=SEEDS),
        learning_rate,
    ),
    "activations": Part(
        "Which activation trains best, at which learning rate, and how many ReLUs die?",
        _cases(3000, 2, lr=(0.1, 1.0), activation=ACTIVATIONS, norm=NORMS, seed=SEEDS),
        activation,
    ),
    "initialization": Part(
        "Can a network of ten layers be trained from these first weights?",
        _cases(3000, 1, rule=("0.01", "1.0", "xavier", "he"), norm=NORMS, lr=(0.1,), seed=SEEDS),
        initialization,
    ),
    "early_stopping": Part(
        "When should training have stopped?",
        _cases(1500, 25, norm=NORMS, lr=(0.1,), seed=SEEDS),
        stopping,
    ),
    "ensembles": Part(
        "How much better are five networks together than alone?",
        _cases(4000, 2, members=(5,), norm=("gluon",), lr=(0.1,), seed=SEEDS),
        ensemble,
    ),
    "search": Part("Does random search find better settings than a grid?", _search_cases(), search),
}
