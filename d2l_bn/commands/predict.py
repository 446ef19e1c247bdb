r"""Classify test images with the weights that the command train saved.

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
from typing import TYPE_CHECKING, Any

import d2l_bn
from d2l_bn._support.command_arguments import data_source, file_to_write, positive_int
from d2l_bn._support.command_line import ArgumentParser, Failure, UsageError
from d2l_bn.threads import choose_threads

if TYPE_CHECKING:
    import numpy

picture = file_to_write(".png", ".svg", ".pdf")


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--weights", type=weights, default="out/lenet_bn/lenet.params", help="file, or its folder")
    add(
        "--norm", choices=["batch", "gluon", "none"], help="the normalizer; as trained if not given"
    )
    add(
        "--data",
        type=data_source,
        help="auto, synthetic or a folder; what it was trained on if not given",
    )
    add("--limit", type=positive_int, help="classify this many images only")
    add("--count", type=positive_int, default=24, help="images in the picture")
    add("--wrong", action="store_true", help="draw misclassified images only")
    add(
        "--out",
        type=picture,
        help="picture to write; predictions.png beside the weights if not given",
    )
    add("--show", action="store_true", help="show the picture in a window, too")


def weights(text: str) -> Path:
    """The file of ``--weights``, which may be given by its folder."""
    path = Path(text) / "lenet.params" if os.path.isdir(text) else Path(text)
    if not text or not os.path.isfile(path):
        raise argparse.ArgumentTypeError(f"there is no {path}: train first, or give --weights")
    return path


def main(options: argparse.Namespace) -> None:
    """Classify, print, draw."""
    if options.out is None:
        options.out = picture(str(options.weights.with_name("predictions.png")))
    choose_threads()
    metrics = read_metrics(options.weights.with_name("metrics.json"))
    net = load_network(options, metrics)
    trained_on = "synthetic" if metrics["config"].get("synthetic") else "auto"
    _, test = d2l_bn.load_fashion_mnist(256, data=options.data or trained_on, limit=options.limit)
    labels, predicted = d2l_bn.predict(net, test)
    print_accuracies(labels, predicted)
    draw(options, test, labels, predicted)


def read_metrics(path: Path) -> dict[str, dict[str, Any]]:
    """What the command train recorded about the weights; without the file, nothing."""
    if not path.exists():
        print(f"there is no {path}: a damaged file of weights may pass unseen", file=sys.stderr)
        return {"config": {}, "weights": {}}
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
        return {"config": dict(metrics["config"]), "weights": dict(metrics["weights"])}
    except (KeyError, TypeError, ValueError):
        raise Failure(
            f"{path} is damaged, or not of the command train; train again, or delete it"
        ) from None


def load_network(options: argparse.Namespace, metrics: dict[str, dict[str, Any]]) -> Any:
    norm = options.norm or metrics["config"].get("norm")
    if norm is None:
        raise UsageError(f"which network is {options.weights} of? Give --norm batch, gluon or none")
    net = d2l_bn.lenet(None if norm == "none" else norm)
    digest = metrics["weights"].get("sha256")
    d2l_bn.load_weights(net, options.weights, sha256=digest, context=d2l_bn.try_gpu())
    return net


def print_accuracies(labels: numpy.ndarray, predicted: numpy.ndarray) -> None:
    from d2l_bn.training.evaluation import class_accuracies

    for number, share in enumerate(class_accuracies(labels, predicted)):
        examples = int((labels == number).sum())
        accuracy = "  none" if share is None else f"{share:6.3f}"
        print(f"{d2l_bn.CLASS_NAMES[number]:<10} {accuracy} of {examples:5}")
    print(f"{'all':<10} {(labels == predicted).mean():6.3f} of {len(labels):5}")


def draw(
    options: argparse.Namespace, test: Any, labels: numpy.ndarray, predicted: numpy.ndarray
) -> None:
    """Write the picture, and show it if asked to."""
    import numpy

    if not options.show:
        os.environ.setdefault("MPLBACKEND", "Agg")  # before matplotlib looks for a display
    chosen = numpy.flatnonzero(labels != predicted) if options.wrong else numpy.arange(len(labels))
    chosen = chosen[: options.count]
    if len(chosen) == 0:
        print("no image is misclassified: there is nothing to draw")
        return
    figure = d2l_bn.figures.draw_images(
        test.images[chosen],
        labels[chosen],
        predicted[chosen],
        d2l_bn.CLASS_NAMES,
        title=f"{test.source}: predicted, and where it is wrong, the true class",
    )
    d2l_bn.figures.save_images(figure, options.out)
    print(f"{test.source}, {len(chosen)} of {len(labels)} images: {options.out}")
    if options.show:
        import matplotlib.pyplot as plt

        if plt.get_backend().lower() == "agg":
            print("there is no display to show it on", file=sys.stderr)
        else:
            plt.show()
