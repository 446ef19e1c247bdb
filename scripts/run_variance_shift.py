#!/usr/bin/env python3
"""Dropout before, behind or after all batch normalizations: the variance shift and what it costs.

For each place, rate and seed a network is trained. With the same weights, the test accuracy is then
taken with three sorts of statistics: the moving averages, those of the training set with dropout at
work (training), and without (prediction). The shift of each layer is measured with the first two.
Appends a line of JSON for each network; those that are in the file are not trained again.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from _arguments import ArgumentParser, fail, positive_int, seed_number

import d2l_bn
from d2l_bn._support.environment import describe_environment
from d2l_bn.diagnostics.variance_shift import variance_shift, without_dropout
from d2l_bn.experiments.record_file import RecordFile, rounded

PLACES = {  # the layers with a dropout right behind them
    "before each BN": ("conv1", "conv2", "dense1", "dense2"),
    "behind each BN": ("pool1", "pool2", "act3", "act4"),
    "behind the last BN": ("act4",),
}
RATES = (0.1, 0.3, 0.5)
BATCHES = 40  # of the training set, to measure with


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    config = {
        "norm": "gluon",
        "activation": options.activation,
        "lr": options.lr,
        "batch_size": 64,
        "examples": options.examples,
        "epochs": options.epochs,
        "synthetic": options.data == "synthetic",
    }
    networks = [("none", 0.0), *itertools.product(PLACES, RATES)]
    with RecordFile(options.out, describe_environment()) as records:
        done = [(r["config"], r["places"], r["rate"], r["seed"]) for r in records.read()]
        for seed, (places, rate) in itertools.product(options.seeds, networks):
            if (config, places, rate, seed) in done:
                continue
            try:
                record = run(config, places, rate, seed, options.data)
            except KeyboardInterrupt:
                return fail("stopped; the same command goes on", status=130)
            records.append(record)
            print(f"seed {seed}, {places}, rate {rate}: {record['test_accuracy']}", flush=True)
    return 0


def parse_arguments(arguments: list[str] | None = None):
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("--seeds", type=seed_number, nargs="+", default=[0, 1, 2], help="a network each")
    add("--activation", choices=["relu", "sigmoid"], default="relu", help="of the network")
    add("--lr", type=float, default=0.1, help="learning rate")
    add("--examples", type=positive_int, default=10_000, help="of the training set")
    add("--epochs", type=positive_int, default=3, help="passes over them")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--out", type=Path, default=Path("results/variance_shift.jsonl"), help="file to append to")
    return parser.parse_args(arguments)


def run(config: dict, places: str, rate: float, seed: int, data: str) -> dict:
    """Train one network, measure the shift, and test it with each sort of statistics."""
    start = time.perf_counter()
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        config["batch_size"], data=data, limit=config["examples"], seed=seed
    )
    dropout = dict.fromkeys(PLACES.get(places, ()), rate)
    net = d2l_bn.lenet(config["norm"], activation=config["activation"], dropout=dropout)
    net.hybridize()
    history = d2l_bn.train(net, train_iter, epochs=config["epochs"], lr=config["lr"], seed=seed)

    some = list(itertools.islice(train_iter, BATCHES))
    lagging = variance_shift(net, some)
    test_accuracy = {"moving average": d2l_bn.evaluate(net, test_iter)}
    d2l_bn.recalibrate(net, some)  # now the stored statistics are of the weights of now
    shifts = variance_shift(net, some)
    test_accuracy["training"] = d2l_bn.evaluate(net, test_iter)
    with without_dropout(net):
        d2l_bn.recalibrate(net, some)
    test_accuracy["prediction"] = d2l_bn.evaluate(net, test_iter)
    return {
        "config": config,
        "places": places,
        "rate": rate,
        "seed": seed,
        "train_accuracy": history.last.train_accuracy,
        "test_accuracy": rounded_values(test_accuracy),
        "layers": {
            name: rounded_values(
                {
                    "measured": float(shift.ratio),
                    "expected": float(shift.expected_ratio),
                    "with_moving_average": float(lagging[name].stored_ratio),
                }
            )
            for name, shift in shifts.items()
        },
        "seconds": round(time.perf_counter() - start, 1),
        "data": train_iter.source,
    }


def rounded_values(numbers: dict[str, float]) -> dict[str, float]:
    return dict(zip(numbers, rounded(numbers.values())))


if __name__ == "__main__":
    sys.exit(main())
