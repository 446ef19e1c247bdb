#!/usr/bin/env python3
"""Why batch normalization works: shift, landscape and gradients, measured while LeNet trains.

Five networks, some hundred steps each: without normalization (none), with it (batch), with noise
injected behind it (noisy; very_noisy with four times as much), and with a gradient that takes the
batch's statistics for constants (detached). Some run again at other learning rates, which is the
same as a gradient larger or smaller by that factor. Writes a JSON file after each run; runs that
are already in it are not repeated.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import sys
import time
from collections import defaultdict
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import mxnet as mx
import numpy
from _arguments import ArgumentParser, positive_int, seed_number
from _results import finished
from mxnet import autograd, gluon, init
from mxnet.gluon import nn

import d2l_bn
from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.environment import describe_environment
from d2l_bn.diagnostics import covariate_shift
from d2l_bn.diagnostics import loss_landscape as landscape
from d2l_bn.norms.detached_batch import DetachedBatchNorm
from d2l_bn.norms.noisy_batch import NoisyBatchNorm, without_noise

NOISE = {
    "noisy": {"shift": 0.5, "scale": 1.25, "jitter": 0.1},  # as in the paper
    "very_noisy": {"shift": 2.0, "scale": 2.0, "jitter": 0.4},
}
NETWORKS = {
    "none": None,
    "batch": "gluon",
    "detached": lambda channels, rank: DetachedBatchNorm(channels, rank),
    **{
        name: lambda channels, rank, noise=noise: NoisyBatchNorm(
            nn.BatchNorm(in_channels=channels), **noise
        )
        for name, noise in NOISE.items()
    },
}
LEARNING_RATES = {"sigmoid": 1.0, "relu": 0.1}
# what is measured: the shift of distributions; the landscape, and the shift of gradients
SHIFT = ("none", "batch", "noisy", "very_noisy", "detached")
LANDSCAPE = ("none", "batch")
# network and factor of the learning rate; trained without being measured
CONTROLS = (("none", 3), ("none", 10), ("batch", 0.1))
STEP_FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the learning rate, along the gradient
ACTIVATIONS = ("act1", "act2", "act3", "act4")
CURVATURE_EVERY, POWER_ITERATIONS, RANDOM_DIRECTIONS = 3, 10, 2  # one look in three
RECALIBRATION_BATCHES = 40


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    config = {
        "batch_size": options.batch_size,
        "steps": options.steps,
        "every": options.every,
        "limit": options.limit,
        "synthetic": options.data == "synthetic",
        "optimizer": "sgd",
        "learning_rates": LEARNING_RATES,
        "step_factors": STEP_FACTORS,
        "noise": NOISE,
        "power_iterations": POWER_ITERATIONS,
        "recalibration_batches": RECALIBRATION_BATCHES,
    }
    config = json.loads(json.dumps(config))
    runs = finished(options.out, config, "runs")
    plan = [(network, 1) for network in SHIFT] + list(CONTROLS)
    for seed, activation, (network, factor) in itertools.product(
        options.seeds, LEARNING_RATES, plan
    ):
        key = {"activation": activation, "network": network, "lr_factor": factor, "seed": seed}
        if any(all(run[name] == value for name, value in key.items()) for run in runs):
            continue
        try:
            run, source = train_and_measure(key, config, options.data)
        except KeyboardInterrupt:
            print("stopped; the same command goes on with this run", file=sys.stderr)
            return 130
        runs.append(run)
        write(options.out, config, source, runs)
        print(
            f"seed {seed}, {activation:7} {network:10} lr {run['lr']:<6.3g} {run['outcome']}: "
            f"loss {run['losses'][-1]}, test accuracy {run['test_accuracy']}, "
            f"{run['seconds']:.0f} s",
            flush=True,
        )
    return 0


def parse_arguments(arguments: list[str] | None = None):
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("--seeds", type=seed_number, nargs="+", default=[0, 1, 2], help="a set of runs each")
    add("--steps", type=positive_int, default=160, help="training steps of each run")
    add("--every", type=positive_int, default=20, help="steps from one measurement to the next")
    add("--batch-size", type=positive_int, default=64, help="examples in a batch")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--limit", type=positive_int, help="use this many examples only")
    add("--out", type=Path, default=Path("results/landscape.json"), help="file to write")
    return parser.parse_args(arguments)


def train_and_measure(key: dict, config: dict, data: str) -> tuple[dict, str]:
    """One run. Whether and how often it is measured changes nothing in its training."""
    start, seed = time.perf_counter(), key["seed"]
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        config["batch_size"], data=data, limit=config["limit"], seed=seed
    )
    lr = LEARNING_RATES[key["activation"]] * key["lr_factor"]
    network, measured = key["network"], key["lr_factor"] == 1
    net = d2l_bn.lenet(NETWORKS[network], activation=key["activation"])
    mx.random.seed(seed)
    net.initialize(init.Xavier())
    probe = next(iter(train_iter))[0]  # the same images at each look
    net(probe)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr}, kvstore=None)
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()

    losses, right, columns, finite = [], [], defaultdict(list), True
    for step, (X, y) in enumerate(batches(train_iter, config["steps"])):
        look = measured and step % config["every"] == 0
        if look:
            columns["step"].append(step)
            before = covariate_shift.input_moments(net, probe, ACTIVATIONS)
            if network in LANDSCAPE:
                measure_landscape(columns, net, X, y, lr)
                if step % (CURVATURE_EVERY * config["every"]) == 0:
                    measure_curvature(columns, net, X, y)
        mx.random.seed(1 + step + seed * config["steps"])
        with autograd.record():
            scores = net(X)
            batch_losses = loss_function(scores, y)
        batch_losses.backward()
        trainer.step(len(y))
        losses.append(batch_losses.mean().item())
        right.append((scores.argmax(axis=1).astype(y.dtype) == y).mean().item())
        if not math.isfinite(losses[-1]):
            finite = False
            break
        if look:
            after = covariate_shift.input_moments(net, probe, ACTIVATIONS)
            for name in ACTIVATIONS:
                for column, relative in (("moment_shift", True), ("absolute_shift", False)):
                    shift = covariate_shift.moment_shift(before[name], after[name], relative)
                    columns[f"{column}/{name}"].append(shift)
    run = {
        **key,
        "lr": lr,
        "outcome": "finished" if finite else "diverged",
        "losses": means(losses, config["every"]),
        "accuracies": means(right, config["every"]),
        "test_accuracy": test_accuracy(net, train_iter, test_iter) if finite else None,
        "seconds": time.perf_counter() - start,
        "measurements": dict(columns),
    }
    return as_json(run), train_iter.source


def batches(train_iter, steps: int):
    """The first ``steps`` batches of epoch after epoch, shuffled anew in each."""
    train_iter.epoch = 0
    epochs = itertools.chain.from_iterable(train_iter for _ in itertools.count())
    return itertools.islice(epochs, steps)


def measure_landscape(columns, net, X, y, lr: float) -> None:
    """Append to each column what it is before a training step on (X, y)."""
    walk = landscape.along_gradient(net, X, y, [factor * lr for factor in STEP_FACTORS])
    columns["loss"].append(walk.loss)
    columns["gradient_norm"].append(walk.gradient_norm)
    columns["losses_along_gradient"].append(walk.losses)
    columns["gradient_distances"].append(walk.gradient_distances)
    columns["smoothness"].append(walk.smoothness)
    for name, shift in covariate_shift.gradient_shift(net, X, y, lr).items():
        columns[f"gradient_shift/{name}"].append(shift.relative)
        columns[f"gradient_cosine/{name}"].append(shift.cosine)
    weights = landscape.weights_of(net)
    gradients = landscape.layer_gradients(net, X, y)
    for name, where in landscape.weight_slices(net).items():
        columns[f"layer_gradient_norm/{name}"].append(numpy.linalg.norm(gradients[name]))
        columns[f"layer_weight_norm/{name}"].append(numpy.linalg.norm(weights[where]))


def measure_curvature(columns, net, X, y) -> None:
    """Append the largest eigenvalue of the Hessian, and the root mean square of all."""
    columns["curvature_step"].append(columns["step"][-1])
    columns["largest_eigenvalue"].append(
        landscape.largest_eigenvalue(net, X, y, iterations=POWER_ITERATIONS)
    )
    columns["rms_eigenvalue"].append(rms_eigenvalue(net, X, y))


def rms_eigenvalue(net, X, y) -> float:
    """The root of the mean square of all eigenvalues: |Hv|, v a random direction of length 1."""
    random = numpy.random.default_rng(0)
    squares = []
    for _ in range(RANDOM_DIRECTIONS):
        v = random.normal(size=landscape.weights_of(net).shape)
        v /= numpy.linalg.norm(v)
        squares.append((landscape.hessian_vector(net, X, y, v, step=0.1) ** 2).sum())
    return math.sqrt(numpy.mean(squares))


def test_accuracy(net, train_iter, test_iter) -> float:
    """In prediction mode, without noise, with statistics of the final weights."""
    if any(parameter.grad_req == "null" for parameter in net.collect_params().values()):
        with without_noise(net):
            d2l_bn.recalibrate(net, train_iter, batches=RECALIBRATION_BATCHES)
    return d2l_bn.evaluate(net, test_iter)


def means(values: list[float], size: int) -> list[float]:
    """The mean of each ``size`` values in a row."""
    return [numpy.mean(values[i : i + size]) for i in range(0, len(values), size)]


def as_json(value):
    """Five digits of each number, to keep the file small; None where it is not finite."""
    if isinstance(value, dict):
        return {name: as_json(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(entry) for entry in value]
    if isinstance(value, (float, numpy.floating)):
        return float(f"{value:.5g}") if math.isfinite(value) else None
    return value


def write(path: Path, config: dict, source: str, runs: list[dict]) -> None:
    """Indented, but with a line for each run."""
    head = {
        "made_by": "python scripts/run_landscape.py",
        "config": config,
        "data": source,
        "environment": describe_environment(),
    }
    lines = ",\n".join("    " + json.dumps(run) for run in runs)
    text = json.dumps(head, indent=2)[:-2] + ',\n  "runs": [\n' + lines + "\n  ]\n}\n"
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
