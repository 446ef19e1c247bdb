#!/usr/bin/env python3
"""Classify test images with the weights that train_lenet_bn.py saved.

Prints the accuracy of each class and of all, and draws images with their predicted class; where
that is wrong, in orange with the true class. metrics.json beside the weights tells which network
they are of, which data they were trained on, and the checksum that the file must have.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in train_lenet_bn.py

import d2l_bn  # noqa: I001  first: it says in one message why MXNet cannot run here, if so
from d2l_bn.data.fashion_mnist import DataError
from d2l_bn.training.checkpoint import CheckpointError
from d2l_bn.training.evaluation import class_accuracies
import numpy
from _arguments import ArgumentParser, fail, positive_int


def parse_arguments() -> argparse.Namespace:
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add(
        "--weights",
        type=Path,
        default=Path("out/lenet_bn/lenet.params"),
        help="the file, or its folder",
    )
    add(
        "--norm", choices=["batch", "gluon", "none"], help="the normalizer; as trained unless given"
    )
    add("--data", help="auto, synthetic or a folder; what it was trained on unless given")
    add("--limit", type=positive_int, help="classify this many images only")
    add("--count", type=positive_int, default=24, help="images in the picture")
    add("--wrong", action="store_true", help="draw misclassified images only")
    add(
        "--out", type=Path, help="picture to write; predictions.png beside the weights unless given"
    )
    add("--show", action="store_true", help="show the picture in a window, too")
    options = parser.parse_args()
    if options.weights.is_dir():
        options.weights /= "lenet.params"
    if not options.weights.is_file():
        parser.error(f"there is no {options.weights}: train first, or give --weights")
    if options.out is None:
        options.out = options.weights.with_name("predictions.png")
    if options.out.suffix not in (".png", ".svg", ".pdf"):
        parser.error(f"--out {options.out}: give a name that ends in .png, .svg or .pdf")
    return options


def main() -> int:
    options = parse_arguments()
    try:
        metrics = read_metrics(options.weights.with_name("metrics.json"))
        net = load_network(options, metrics)
        trained_on = "synthetic" if metrics["config"].get("synthetic") else "auto"
        _, test = d2l_bn.load_fashion_mnist(
            256, data=options.data or trained_on, limit=options.limit
        )
        labels, predicted = d2l_bn.predict(net, test)
        print_accuracies(labels, predicted)
        draw(options, test, labels, predicted)
    except (CheckpointError, DataError, OSError) as error:
        return fail(error)
    except ValueError as error:
        return fail(error, status=2)
    except KeyboardInterrupt:
        return fail("stopped", status=130)
    return 0


def read_metrics(path: Path) -> dict:
    """What train_lenet_bn.py recorded about the weights; without the file, nothing."""
    if not path.exists():
        print(f"there is no {path}: a damaged file of weights may pass unseen", file=sys.stderr)
        return {"config": {}, "weights": {}}
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
        return {"config": dict(metrics["config"]), "weights": dict(metrics["weights"])}
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(
            f"{path} is damaged, or not of train_lenet_bn.py; train again, or delete it"
        ) from None


def load_network(options: argparse.Namespace, metrics: dict) -> object:
    norm = options.norm or metrics["config"].get("norm")
    if norm is None:
        raise ValueError(f"which network is {options.weights} of? Give --norm batch, gluon or none")
    net = d2l_bn.lenet(None if norm == "none" else norm)
    digest = metrics["weights"].get("sha256")
    d2l_bn.load_weights(net, options.weights, sha256=digest, context=d2l_bn.try_gpu())
    return net


def print_accuracies(labels: numpy.ndarray, predicted: numpy.ndarray) -> None:
    for number, share in enumerate(class_accuracies(labels, predicted)):
        examples = int((labels == number).sum())
        accuracy = "  none" if share is None else f"{share:6.3f}"
        print(f"{d2l_bn.CLASS_NAMES[number]:<10} {accuracy} of {examples:5}")
    print(f"{'all':<10} {(labels == predicted).mean():6.3f} of {len(labels):5}")


def draw(
    options: argparse.Namespace, test: object, labels: numpy.ndarray, predicted: numpy.ndarray
) -> None:
    """Write the picture, and show it if asked to."""
    if not options.show:
        os.environ.setdefault("MPLBACKEND", "Agg")  # before matplotlib looks for a display
    from d2l_bn import figures

    chosen = numpy.flatnonzero(labels != predicted) if options.wrong else numpy.arange(len(labels))
    chosen = chosen[: options.count]
    if len(chosen) == 0:
        print("no image is misclassified: there is nothing to draw")
        return
    figure = figures.draw_images(
        test.images[chosen],
        labels[chosen],
        predicted[chosen],
        d2l_bn.CLASS_NAMES,
        title=f"{test.source}: predicted, and where it is wrong, the true class",
    )
    figures.save_images(figure, options.out)
    print(f"{test.source}, {len(chosen)} of {len(labels)} images: {options.out}")
    if options.show:
        import matplotlib.pyplot as plt

        if plt.get_backend().lower() == "agg":
            print("there is no display to show it on", file=sys.stderr)
        else:
            plt.show()


if __name__ == "__main__":
    sys.exit(main())
