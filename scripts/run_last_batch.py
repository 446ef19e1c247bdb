#!/usr/bin/env python3
"""What the last, smaller batch of an epoch does to the test accuracy.

An epoch has 234 batches of 256 images and one of 96. Before that last one, the network is tested.
Then the step is made twice from the same weights: with the gradient divided by 256, as the chapter
divides it, and by 96, the mean that d2l_bn.train takes; the network is tested after each. Training
goes on from the second. The layer is Gluon's, which is fast; a stop loses the running seed only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in train_lenet_bn.py

import mxnet as mx
from _arguments import positive_int, seed_number
from mxnet import autograd, gluon, init, npx

import d2l_bn
from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.environment import describe_environment
from d2l_bn.data.fashion_mnist import DataError
from d2l_bn.training.checkpoint import Checkpoint

BATCH_SIZE, LR = 256, 1.0


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="\n".join(__doc__.splitlines()[2:]),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=positive_int, default=5, help="passes over the training set")
    add("--seeds", type=seed_number, nargs="+", default=[0, 1, 2], help="a run for each")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--limit", type=positive_int, help="use this many examples only")
    add("--out", type=Path, default=Path("results/last_batch.json"), help="file to write")
    return parser.parse_args(arguments)


def run(seed: int, options: argparse.Namespace) -> dict[str, object]:
    """One training run: three test accuracies for each epoch."""
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        BATCH_SIZE, data=options.data, limit=options.limit, seed=seed
    )
    net = d2l_bn.lenet("gluon")
    net.hybridize()
    mx.random.seed(seed)
    net.initialize(init.Xavier())
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": LR}, kvstore=None)
    epochs = []
    for number in range(1, options.epochs + 1):
        for batch, (X, y) in enumerate(train_iter, start=1):
            if batch < len(train_iter):
                step(net, trainer, X, y, divisor=len(y))
            if batch % 50 == 0:
                npx.waitall()  # bounds the engine's queue
        record = {"images": len(y), "before": d2l_bn.evaluate(net, test_iter)}
        moment = Checkpoint.of(net, trainer, d2l_bn.History())
        for name, divisor in (("divided_by_256", BATCH_SIZE), ("divided_by_its_size", len(y))):
            moment.restore(net, trainer)
            step(net, trainer, X, y, divisor)
            record[name] = d2l_bn.evaluate(net, test_iter)
        epochs.append(record)
        print(f"seed {seed}, epoch {number}: {record}", flush=True)
    return {"seed": seed, "settings": settings(options), "epochs": epochs}


def step(net: gluon.Block, trainer: gluon.Trainer, X: object, y: object, divisor: int) -> None:
    """One step of training, along the gradient of the summed loss divided by ``divisor``."""
    with autograd.record():
        losses = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y)
    losses.backward()
    trainer.step(divisor)


def settings(options: argparse.Namespace) -> dict[str, object]:
    return {
        "norm": "gluon",
        "lr": LR,
        "batch_size": BATCH_SIZE,
        "epochs": options.epochs,
        "limit": options.limit,
        "synthetic": options.data == "synthetic",
    }


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    result = {"made_by": "python scripts/run_last_batch.py", "environment": {}, "runs": []}
    if options.out.exists():
        result = json.loads(options.out.read_text(encoding="utf-8"))
    if any(made["settings"] != settings(options) for made in result["runs"]):
        message = "was made with other settings; give another --out, or delete the file"
        print(f"{Path(sys.argv[0]).name}: {options.out} {message}", file=sys.stderr)
        return 1
    for seed in options.seeds:
        if seed not in [made["seed"] for made in result["runs"]]:
            try:
                result["runs"].append(run(seed, options))
            except (DataError, ValueError) as error:
                print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
                return 1
            result["environment"] = describe_environment()
            with replacing(options.out) as temporary:
                temporary.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
