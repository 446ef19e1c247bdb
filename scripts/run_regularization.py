#!/usr/bin/env python3
"""Few examples, many epochs: which of BN, dropout and weight decay lessens overfitting?

A network is trained on a small set for each variant and seed, and tested on a large one, with the
moving averages and with statistics of the training set. The last variants change the order of the
examples and nothing else: the same batches in each epoch (fixed), or batches of one class
each (one class). Appends a line of JSON for each network; those that are in the file are not
trained again.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy
from _arguments import ArgumentParser, fail, positive_int, seed_number
from mxnet import np

import d2l_bn
from d2l_bn._support.environment import describe_environment
from d2l_bn.data.batches import Batches
from d2l_bn.diagnostics.batch_noise import score_spread
from d2l_bn.experiments.record_file import RecordFile, rounded
from d2l_bn.norms.ghost_batch import GhostBatchNorm

DROPOUT = {"act4": 0.5}  # behind the last normalization
WEIGHT_DECAY = 0.005  # of all parameters, as MXNet does it
VARIANTS = {
    "none": {},
    "BN": {"norm": "gluon"},
    "dropout": {"dropout": DROPOUT},
    "L2": {"wd": WEIGHT_DECAY},
    "BN, dropout": {"norm": "gluon", "dropout": DROPOUT},
    "BN, L2": {"norm": "gluon", "wd": WEIGHT_DECAY},
    "BN of 8": {"norm": 8},
    "BN of 4": {"norm": 4},
    "none, fixed": {"order": "fixed"},
    "BN, fixed": {"norm": "gluon", "order": "fixed"},
    "none, one class": {"order": "one class"},
    "BN, one class": {"norm": "gluon", "order": "one class"},
}
MORE_SEEDS = ("none", "BN", "none, fixed", "BN, fixed")  # a small difference needs them
SETTINGS = {"activation": "relu", "lr": 0.03, "momentum": 0.9, "batch_size": 32}
TEST_EXAMPLES = 5000
SPREAD_SIZES, SPREAD_EXAMPLES = (4, 8, 16, 32, 64, 128), 256


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    size = {"examples": options.examples, "epochs": options.epochs}
    config = {**SETTINGS, **size, "synthetic": options.data == "synthetic"}
    plan = [
        *itertools.product(options.seeds, VARIANTS),
        *itertools.product(options.more_seeds, MORE_SEEDS),
    ]
    with RecordFile(options.out, describe_environment()) as records:
        done = [(r["config"], r["seed"], r["variant"]) for r in records.read()]
        for seed, variant in plan:
            if (config, seed, variant) in done:
                continue
            try:
                record = run(config, variant, seed, options.data)
            except KeyboardInterrupt:
                return fail("stopped; the same command goes on", status=130)
            records.append(record)
            print(
                f"seed {seed}, {variant}: accuracy {record['final_train_accuracy']:.3f} in "
                f"training, {record['test_accuracy']:.3f} in the test",
                flush=True,
            )
    return 0


def parse_arguments(arguments: list[str] | None = None):
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("--seeds", type=seed_number, nargs="+", default=[0, 1, 2], help="a network each")
    add("--more-seeds", type=seed_number, nargs="*", default=[3, 4], help="for the fixed batches")
    add("--examples", type=positive_int, default=1024, help="of the training set")
    add("--epochs", type=positive_int, default=15, help="passes over them")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--out", type=Path, default=Path("results/regularization.jsonl"), help="file to append to")
    return parser.parse_args(arguments)


def run(config: dict, variant: str, seed: int, data: str) -> dict:
    """Train one network and test it; if it is the plain BN, also measure its batch noise."""
    start, choice = time.perf_counter(), VARIANTS[variant]
    shuffled, _ = d2l_bn.load_fashion_mnist(
        config["batch_size"], data=data, limit=config["examples"], seed=seed
    )
    _, test_iter = d2l_bn.load_fashion_mnist(256, data=data, limit=TEST_EXAMPLES)
    train_iter = ordered(shuffled, choice.get("order"))
    norm = choice.get("norm")
    net = d2l_bn.lenet(
        ghosts(norm) if isinstance(norm, int) else norm,
        activation=config["activation"],
        dropout=choice.get("dropout"),
    )
    net.hybridize()
    history = d2l_bn.train(
        net,
        train_iter,
        epochs=config["epochs"],
        lr=config["lr"],
        seed=seed,
        optimizer_params={"momentum": config["momentum"], "wd": choice.get("wd", 0.0)},
    )
    record = {
        "config": config,
        "variant": variant,
        "seed": seed,
        "loss": rounded(history["loss"]),
        "train_accuracy": rounded(history["train_accuracy"]),
        "final_train_accuracy": d2l_bn.evaluate(net, shuffled),
        "test_accuracy": d2l_bn.evaluate(net, test_iter),
    }
    if norm is not None:
        if variant == "BN":
            X = np.array(test_iter.images[:SPREAD_EXAMPLES, None] / 255, dtype="float32")
            sizes = [size for size in SPREAD_SIZES if size <= len(X) // 2]
            record["score_spread"] = {size: round(score_spread(net, X, size), 5) for size in sizes}
        d2l_bn.recalibrate(net, shuffled)  # in mixed batches, whatever the order was
        record["population_test_accuracy"] = d2l_bn.evaluate(net, test_iter)
    record["seconds"] = round(time.perf_counter() - start, 1)
    return {**record, "data": train_iter.source}


def ghosts(size: int):
    """Batch normalization with the statistics of so many examples."""
    return lambda channels, rank: GhostBatchNorm(channels, size)


def ordered(batches: Batches, order: str | None) -> Batches:
    """The same examples, in one of three orders."""
    if order == "fixed":
        once = batches.order(0)
        return batches.in_order(lambda epoch: once)
    if order == "one class":
        return batches.in_order(lambda epoch: one_class_batches(batches, epoch))
    return batches


def one_class_batches(batches: Batches, epoch: int) -> numpy.ndarray:
    """Batches of one class, in random order; at the end, mixed, what does not fill one."""
    mixed, size = batches.order(epoch), batches.batch_size
    full, rest = [], []
    for label in range(10):
        members = mixed[batches.labels[mixed] == label]
        cut = len(members) // size * size
        full += numpy.split(members[:cut], range(size, cut, size)) if cut else []
        rest.append(members[cut:])
    random = numpy.random.default_rng([batches.seed, epoch])
    parts = [full[i] for i in random.permutation(len(full))]
    return numpy.concatenate([*parts, random.permutation(numpy.concatenate(rest))])


if __name__ == "__main__":
    sys.exit(main())
