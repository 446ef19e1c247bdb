#!/usr/bin/env python3
"""Look into networks before and after training: gradients, saturation, shapes, γ and β.

For each activation, with and without batch normalization, and each seed a LeNet is trained.
Measured are the gradient of every layer and the share of activations at a flat end, at the start
and at the end; how bell-shaped the inputs and the outputs of the activations are; whether γ and β
have become the deviation and the mean that they could restore; and the test accuracy on images that
are darker, inverted or noisy. Appends a line of JSON for each network.
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
from mxnet import autograd, np
from scipy import stats

import d2l_bn
from d2l_bn._support.environment import describe_environment
from d2l_bn.data.batches import Batches
from d2l_bn.diagnostics.activation_stats import ActivationStats
from d2l_bn.diagnostics.loss_landscape import layer_gradients
from d2l_bn.experiments.record_file import RecordFile, rounded
from d2l_bn.networks.batch_norm_layers import batch_norms, kept_averages
from d2l_bn.networks.population import population_statistics

NETWORKS = [
    {"activation": activation, "norm": norm, "lr": lr}
    for (activation, lr), norm in itertools.product(
        (("sigmoid", 1.0), ("relu", 0.1)), (None, "gluon")
    )
]
BATCH = 64
STATISTICS = 50  # batches of the training set, for population statistics
IMAGES = {  # of bytes, 0 to 255
    "as they are": lambda images: images,
    "darker": lambda images: images // 2,
    "inverted": lambda images: 255 - images,
    "noisy": lambda images: numpy.clip(
        images + numpy.random.default_rng(0).normal(0, 64, images.shape), 0, 255
    ).astype("uint8"),
}


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    size = {"examples": options.examples, "epochs": options.epochs, "batch_size": BATCH}
    with RecordFile(options.out, describe_environment()) as records:
        done = [(r["network"], r["size"], r["seed"]) for r in records.read()]
        for seed, network in itertools.product(options.seeds, NETWORKS):
            if (network, size, seed) in done:
                continue
            try:
                record = run(network, size, seed, options.data)
            except KeyboardInterrupt:
                return fail("stopped; the same command goes on", status=130)
            records.append(record)
            print(f"seed {seed}, {network}: {record['test_accuracy']}", flush=True)
    return 0


def parse_arguments(arguments: list[str] | None = None):
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("--seeds", type=seed_number, nargs="+", default=[0, 1, 2], help="four networks for each")
    add("--examples", type=positive_int, default=12_000, help="training images")
    add("--epochs", type=positive_int, default=3, help="passes over them")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--out", type=Path, default=Path("results/inspection.jsonl"), help="file to append to")
    return parser.parse_args(arguments)


def run(network: dict, size: dict, seed: int, data: str) -> dict:
    """Train one network, and everything that is seen of it."""
    begin = time.perf_counter()
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        BATCH, data=data, limit=size["examples"], seed=seed
    )
    normalized = network["norm"] is not None
    net = d2l_bn.lenet(network["norm"], activation=network["activation"])
    options = {"lr": network["lr"], "seed": seed}
    X, y = next(iter(train_iter))
    d2l_bn.train(net, [(X, y)], epochs=1, **{**options, "lr": 1e-12})  # initialized, not moved
    start = look(net, X, y)
    d2l_bn.train(net, train_iter, epochs=size["epochs"], **options)
    if normalized:
        d2l_bn.recalibrate(net, train_iter, batches=STATISTICS)
    end = look(net, X, y)
    return {
        "network": network,
        "size": size,
        "seed": seed,
        "start": start,
        "end": end,
        "restored": restored(net, train_iter) if normalized else None,
        "test_accuracy": {
            name: rounded(d2l_bn.evaluate(net, changed(test_iter, change)))
            for name, change in IMAGES.items()
        },
        "test_accuracy_with_their_statistics": {
            name: rounded(with_statistics_of(net, changed(test_iter, change)))
            for name, change in IMAGES.items()
        }
        if normalized
        else None,
        "seconds": round(time.perf_counter() - begin, 1),
        "data": train_iter.source,
    }


def look(net, X: np.ndarray, y: np.ndarray) -> dict:
    """Gradients and activations on one batch, in training mode."""
    gradients = layer_gradients(net, X, y)
    names = [f"act{i}" for i in (1, 2, 3, 4)]
    before = {name: list(net._children)[list(net._children).index(name) - 1] for name in names}
    values = {}

    def keep(name):
        return lambda block, inputs, output: values.__setitem__(name, output.asnumpy().ravel())

    handles = [
        getattr(net, layer).register_forward_hook(keep(layer))
        for layer in {*names, *before.values()}
    ]
    with ActivationStats(net, names, every=1) as seen, autograd.record():
        net(X)
    for handle in handles:
        handle.detach()
    return {
        "gradient_norm": {
            name: rounded(float(numpy.linalg.norm(gradient)))
            for name, gradient in gradients.items()
            if not name.startswith("norm")
        },
        "saturated": {name: rounded(seen[name].saturated[-1]) for name in names},
        # 0 for a normal distribution
        "excess_kurtosis": {
            name: {
                "input": rounded(float(stats.kurtosis(values[before[name]]))),
                "output": rounded(float(stats.kurtosis(values[name]))),
            }
            for name in names
        },
    }


def restored(net, train_iter: Batches) -> dict:
    """γ and β of each channel against the σ and μ that would restore the layer's input."""
    result = {}
    for name, population in population_statistics(net, train_iter, batches=STATISTICS).items():
        layer = batch_norms(net)[name]
        gamma, beta = (p.data().asnumpy().ravel() for p in (layer.gamma, layer.beta))
        deviation = numpy.sqrt(population.variance("biased"))
        result[name] = {
            "scale_correlation": rounded(float(numpy.corrcoef(gamma, deviation)[0, 1])),
            "shift_correlation": rounded(float(numpy.corrcoef(beta, population.mean)[0, 1])),
            "scale_within_10_percent": rounded(
                float((abs(gamma - deviation) < 0.1 * deviation).mean())
            ),
        }
    return result


def changed(test_iter: Batches, change) -> Batches:
    return Batches(change(test_iter.images), test_iter.labels, 256)


def with_statistics_of(net, batches: Batches) -> float:
    """Test accuracy with the statistics of these images in the place of the training set's."""
    with kept_averages(net):
        d2l_bn.recalibrate(net, batches)
        return d2l_bn.evaluate(net, batches)


if __name__ == "__main__":
    sys.exit(main())
