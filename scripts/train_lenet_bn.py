#!/usr/bin/env python3
"""Train the chapter's LeNet with batch normalization on Fashion-MNIST.

Writes to the folder --out: metrics.json (configuration, versions, figures of each epoch), curve.svg
and curve.png, lenet.params (the weights, for predict.py and net.load_parameters) and checkpoint (to
go on from, with --resume).
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
from pathlib import Path

# The kernels of this small network are faster on one thread, and then repeatable bit for bit.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")  # pictures go to files

import d2l_bn  # noqa: I001  first: it says in one message why MXNet cannot run here, if so
from d2l_bn.data.fashion_mnist import DataError
from d2l_bn.training.checkpoint import Checkpoint, CheckpointError
from d2l_bn.training.loop import DivergenceError
import mxnet as mx
from _arguments import ArgumentParser, fail, positive_int, positive_number, seed_number
from _progress import Progress
from d2l_bn._support.atomic_write import replacing


def parse_arguments() -> argparse.Namespace:
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("--norm", choices=["batch", "gluon", "none"], default="batch", help="the normalizer")
    add("--epochs", type=positive_int, default=5, help="passes over the training set")
    add("--batch-size", type=positive_int, default=256, help="examples in a batch")
    add("--lr", type=positive_number, default=1.0, help="learning rate")
    add("--seed", type=seed_number, default=0, help="of the weights and the order of the examples")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--limit", type=positive_int, help="use this many examples only")
    add("--context", choices=["auto", "cpu", "gpu"], default="auto", help="where to compute")
    add("--out", type=Path, default=Path("out/lenet_bn"), help="folder to write to")
    add("--resume", action="store_true", help="go on from the checkpoint in --out")
    add("--recalibrate", action="store_true", help="also test with statistics of the training set")
    add("--quiet", action="store_true", help="print the last line only")
    options = parser.parse_args()
    if options.context == "gpu" and mx.context.num_gpus() == 0:
        parser.error("--context gpu: this MXNet sees no GPU; use --context cpu")
    if options.recalibrate and options.norm == "none":
        parser.error("--recalibrate: --norm none has no statistics; use --norm batch or gluon")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--out {options.out}: {error.strerror}; give a folder that can be made")
    if not os.access(options.out, os.W_OK):
        parser.error(f"--out {options.out}: this folder cannot be written to; give another")
    return options


def main() -> int:
    options = parse_arguments()
    context = {"auto": d2l_bn.try_gpu, "cpu": mx.cpu, "gpu": mx.gpu}[options.context]()
    try:
        train_iter, test_iter = d2l_bn.load_fashion_mnist(
            options.batch_size,
            data=options.data,
            limit=options.limit,
            seed=options.seed,
            context=context,
        )
        return run(options, train_iter, test_iter, context)
    except (CheckpointError, ValueError) as error:
        return fail(error, status=2)
    except (DataError, OSError) as error:
        return fail(error)
    except KeyboardInterrupt:
        return fail("stopped", status=130)


def run(options: argparse.Namespace, train_iter: object, test_iter: object, context: object) -> int:
    """Train, show how it goes, write the results; what is returned is the exit status."""
    checkpoint = options.out / "checkpoint"
    source = train_iter.source
    net = d2l_bn.lenet(None if options.norm == "none" else options.norm)
    net.hybridize()  # what can be compiled is; the from-scratch layer stays Python
    progress = Progress(train_iter, options.epochs, quiet=options.quiet)
    progress.line(f"{source}, {context}, norm {options.norm}, lr {options.lr:g}")
    if options.resume and not checkpoint.exists():
        progress.line(f"there is no {checkpoint} to go on from; this starts anew")
    try:
        history = d2l_bn.train(
            net,
            train_iter,
            test_iter,
            epochs=options.epochs,
            lr=options.lr,
            seed=options.seed,
            context=context,
            checkpoint=checkpoint,
            resume=options.resume,
            recalibrate=options.recalibrate,
            config={"network": "lenet", "norm": options.norm, "limit": options.limit},
            on_batches=progress.on_batches,
            on_epoch=progress.on_epoch,
        )
    except (DivergenceError, KeyboardInterrupt) as stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave half the results
        progress.close()
        if progress.history is not None:
            saved = Checkpoint.load(checkpoint)
            saved.restore(net)
            write_results(net, saved.history, options.out, source)
        if isinstance(stop, DivergenceError):
            return fail(f"training diverged: {stop}")
        if progress.history is None and not (options.resume and checkpoint.exists()):
            return fail("stopped before the end of the first epoch; nothing is kept", status=130)
        return fail(f"stopped; go on with: {command_to_resume()}", status=130)
    progress.close()
    write_results(net, history, options.out, source)
    if options.norm != "none":
        progress.line(f"first layer, learned gamma {rounded(net.norm1.gamma)}")
        progress.line(f"first layer, learned beta  {rounded(net.norm1.beta)}")
    progress.line(f"curve, metrics and weights: {options.out}{os.sep}")
    last = history.last
    print(
        f"loss {last.loss:.3f}, train acc {last.train_accuracy:.3f}, test acc "
        f"{last.test_accuracy:.3f}, {last.examples_per_second:.0f} examples/sec, {source}"
    )
    return 0


def write_results(net: object, history: d2l_bn.History, out: Path, source: str) -> None:
    """The weights, the history with the weights' checksum, and its curve as two pictures."""
    from d2l_bn import figures  # matplotlib takes a second to import

    digest = d2l_bn.save_weights(net, out / "lenet.params")
    metrics = {**history.to_dict(), "weights": {"file": "lenet.params", "sha256": digest}}
    with replacing(out / "metrics.json") as temporary:
        temporary.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    figures.save_curves(history, out / "curve", title=f"LeNet on {source}")


def command_to_resume() -> str:
    given = [word for word in sys.argv if word != "--resume"]
    return shlex.join([sys.executable, *given, "--resume"])


def rounded(parameter: object) -> str:
    return "[" + ", ".join(f"{value:.3f}" for value in parameter.data().reshape(-1).tolist()) + "]"


if __name__ == "__main__":
    sys.exit(main())
