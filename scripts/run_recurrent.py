#!/usr/bin/env python3
"""Normalizers inside a recurrent network: none, batch, layer and weight normalization.

Each reads garments two rows at a time, from three seeds and from initial weights of the loop that
are a quarter of Xavier's, Xavier's own, and four times those. Batch normalization is trained once
with one layer for all steps, and once with a layer for each step; both are tested a second time
with population statistics. Appends a line of JSON for each network; those that are in the file are
not trained again.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from _arguments import ArgumentParser, fail, positive_int, positive_number, seed_number
from mxnet import init

import d2l_bn
from d2l_bn._support.environment import describe_environment
from d2l_bn.experiments.record_file import RecordFile, rounded
from d2l_bn.networks.row_reader import NORMS, RowReader
from d2l_bn.training.history import History
from d2l_bn.training.loop import DivergenceError

SETTINGS = {"hidden": 64, "batch_size": 128, "lr": 0.3}
BATCHES = 10  # of the training set, for population statistics


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    size = {"examples": options.examples, "epochs": options.epochs}
    config = {**SETTINGS, **size, "synthetic": options.data == "synthetic"}
    with RecordFile(options.out, describe_environment()) as records:
        done = [(r["config"], r["seed"], r["scale"], r["norm"]) for r in records.read()]
        for seed, scale, norm in itertools.product(options.seeds, options.scale, NORMS):
            if (config, seed, scale, norm) in done:
                continue
            try:
                record = run(config, seed, scale, norm, options.data)
            except KeyboardInterrupt:
                return fail("stopped; the same command goes on", status=130)
            records.append(record)
            accuracy = record["test_accuracy"][-1:] or [record["outcome"]]
            print(f"seed {seed}, scale {scale:g}, {norm}: test accuracy {accuracy[0]}", flush=True)
    return 0


def parse_arguments(arguments: list[str] | None = None):
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("--seeds", type=seed_number, nargs="+", default=[0, 1, 2], help="networks of each kind")
    scales = {"type": positive_number, "nargs": "+", "default": [0.25, 1.0, 4.0]}
    add("--scale", **scales, help="of the loop's initial weights, in units of Xavier's")
    add("--examples", type=positive_int, default=3000, help="of the training and of the test set")
    add("--epochs", type=positive_int, default=3, help="passes over them")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--out", type=Path, default=Path("results/recurrent.jsonl"), help="file to append to")
    return parser.parse_args(arguments)


def run(config: dict, seed: int, scale: float, norm: str | None, data: str) -> dict:
    """Train one network, and test it after each epoch."""
    start = time.perf_counter()
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        config["batch_size"], data=data, limit=config["examples"], seed=seed
    )
    net, history, outcome = RowReader(norm, config["hidden"]), History(), "finished"
    population = None
    net.dense.initialize(init.Xavier(magnitude=3 * scale**2))  # 3 is the default

    def keep(so_far: History) -> None:
        history.epochs[:] = so_far.epochs

    try:
        d2l_bn.train(
            net,
            train_iter,
            test_iter,
            epochs=config["epochs"],
            lr=config["lr"],
            seed=seed,
            on_epoch=keep,
        )
        if norm in ("batch", "batch_per_step"):
            d2l_bn.recalibrate(net, train_iter, batches=BATCHES)
            population = d2l_bn.evaluate(net, test_iter)
    except DivergenceError:
        outcome = "diverged"
    return {
        "config": config,
        "seed": seed,
        "scale": scale,
        "norm": norm,
        "outcome": outcome,
        **{
            column: rounded(history[column])
            for column in ("loss", "train_accuracy", "test_accuracy")
        },
        "population_test_accuracy": population,
        "seconds": round(time.perf_counter() - start, 1),
        "data": train_iter.source,
    }


if __name__ == "__main__":
    sys.exit(main())
