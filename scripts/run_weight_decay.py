#!/usr/bin/env python3
"""Weight decay with and without batch normalization: what it does to weights and to accuracy.

Decay reaches the weights of the two convolutions and the first two dense layers only, which the
batch normalizations make scale invariant. One network is trained a second time without decay, but
with the growing learning rate that stands for it (growing rate). Lengths of weights and gradients
are recorded every 50 steps. Appends a line of JSON for each network; those that are in the file are
not trained again.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from _arguments import ArgumentParser, fail, positive_int, seed_number
from mxnet import np

import d2l_bn
from d2l_bn._support.environment import describe_environment
from d2l_bn.data.batches import Batches
from d2l_bn.diagnostics.scale_invariance import decay_only, weight_norms
from d2l_bn.experiments.record_file import RecordFile, rounded
from d2l_bn.training.running_totals import RunningTotals

LAYERS = ("conv1", "conv2", "dense1", "dense2")
DECAYS = (0.0, 0.01, 0.03)
RUNS = [
    *(("gluon", decay, "decay") for decay in DECAYS),
    ("gluon", 0.03, "growing rate"),
    *((None, decay, "decay") for decay in DECAYS),
]
SETTINGS = {"activation": "relu", "lr": 0.1, "batch_size": 64}
BATCHES = 40  # of the training set, for population statistics


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    size = {"examples": options.examples, "epochs": options.epochs}
    config = {**SETTINGS, **size, "synthetic": options.data == "synthetic"}
    with RecordFile(options.out, describe_environment()) as records:
        done = [
            (r["config"], (r["norm"], r["weight_decay"], r["way"]), r["seed"])
            for r in records.read()
        ]
        for seed, network in itertools.product(options.seeds, RUNS):
            if (config, network, seed) in done:
                continue
            try:
                record = run(config, *network, seed, options.data)
            except KeyboardInterrupt:
                return fail("stopped; the same command goes on", status=130)
            records.append(record)
            print(f"seed {seed}, {network}: test accuracy {record['test_accuracy']}", flush=True)
    return 0


def parse_arguments(arguments: list[str] | None = None):
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("--seeds", type=seed_number, nargs="+", default=[0, 1, 2], help="a network each")
    add("--examples", type=positive_int, default=8000, help="of the training set")
    add("--epochs", type=positive_int, default=4, help="passes over them")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--out", type=Path, default=Path("results/weight_decay.jsonl"), help="file to append to")
    return parser.parse_args(arguments)


def run(
    config: dict, norm: str | None, weight_decay: float, way: str, seed: int, data: str
) -> dict:
    """Train one network, watch its weights, and test it."""
    start = time.perf_counter()
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        config["batch_size"], data=data, limit=config["examples"], seed=seed
    )
    net = d2l_bn.lenet(norm, activation=config["activation"])
    net.hybridize()
    weights = {name: net._children[name].weight for name in LAYERS}
    decay_only(net, weights)
    watched = Watch(weights, train_iter)
    grows = way == "growing rate"
    history = d2l_bn.train(
        net,
        train_iter,
        epochs=config["epochs"],
        lr=config["lr"],
        seed=seed,
        optimizer="growingsgd" if grows else "sgd",
        optimizer_params={"decay" if grows else "wd": weight_decay},
        on_batches=watched.on_batches,
    )
    test_accuracy, population = d2l_bn.evaluate(net, test_iter), None
    if norm is not None:
        d2l_bn.recalibrate(net, train_iter, batches=BATCHES)
        population = d2l_bn.evaluate(net, test_iter)
    return {
        "config": config,
        "norm": norm,
        "weight_decay": weight_decay,
        "way": way,
        "seed": seed,
        "loss": rounded(history["loss"]),
        "train_accuracy": rounded(history["train_accuracy"]),
        "test_accuracy": test_accuracy,
        "population_test_accuracy": population,
        "steps": watched.steps,
        "norms": {name: rounded(values) for name, values in watched.norms.items()},
        "gradients": {name: rounded(values) for name, values in watched.gradients.items()},
        "seconds": round(time.perf_counter() - start, 1),
        "data": train_iter.source,
    }


class Watch:
    """The lengths of weights, and of the mean gradient of the batch before, at every report."""

    def __init__(self, weights: dict, batches: Batches) -> None:
        self._weights, self._batches = weights, batches
        self.steps: list[int] = []
        self.norms = {name: [] for name in weights}
        self.gradients = {name: [] for name in weights}

    def on_batches(self, number: int, tally: RunningTotals) -> None:
        step = (number - 1) * len(self._batches) + tally.batches
        if step in self.steps:  # the end of one epoch and the start of the next
            return
        self.steps.append(step)
        for name, norm in weight_norms(self._weights).items():
            self.norms[name].append(norm)
            gradient = self._weights[name].grad() / self._batches.batch_size  # it is a sum
            self.gradients[name].append(float(np.sqrt(np.square(gradient).sum())))


if __name__ == "__main__":
    sys.exit(main())
