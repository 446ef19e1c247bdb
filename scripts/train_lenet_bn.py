#!/usr/bin/env python3
"""Train the chapter's LeNet with batch normalization on Fashion-MNIST.

Writes to the folder --out: metrics.json (configuration, versions, figures of each epoch), curve.svg
and curve.png, lenet.params (the weights, for net.load_parameters) and checkpoint (to go on from,
with --resume).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

# The kernels of this small network are faster on one thread, and then repeatable bit for bit.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import mxnet as mx
from _arguments import positive_int, positive_number, seed_number
from _progress import Progress

import d2l_bn


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="\n".join(__doc__.splitlines()[2:]),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
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
    options = parser.parse_args(arguments)
    if options.context == "gpu" and mx.context.num_gpus() == 0:
        parser.error("--context gpu: this MXNet sees no GPU; use --context cpu")
    if options.out.exists() and not options.out.is_dir():
        parser.error(f"--out {options.out}: this is a file; give a folder")
    if options.recalibrate and options.norm == "none":
        parser.error("--recalibrate: --norm none has no statistics; use --norm batch or gluon")
    return options


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    context = {"auto": d2l_bn.try_gpu, "cpu": mx.cpu, "gpu": mx.gpu}[options.context]()
    checkpoint = options.out / "checkpoint"
    try:
        train_iter, test_iter = d2l_bn.load_fashion_mnist(
            options.batch_size,
            data=options.data,
            limit=options.limit,
            seed=options.seed,
            context=context,
        )
    except d2l_bn.DataError as error:
        return fail(str(error))
    except ValueError as error:
        return fail(str(error), status=2)

    norm = None if options.norm == "none" else options.norm
    net = d2l_bn.lenet(norm)
    net.hybridize()  # what can be compiled is; the from-scratch layer stays Python
    progress = Progress(train_iter, options.epochs, quiet=options.quiet)
    progress.line(f"{train_iter.source}, {context}, norm {options.norm}, lr {options.lr:g}")
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
    except d2l_bn.CheckpointError as error:
        return fail(str(error), status=2)
    except d2l_bn.DivergenceError as error:
        progress.close()
        keep(net, checkpoint, options, train_iter)
        return fail(f"training diverged: {error}")
    except KeyboardInterrupt:
        progress.close()
        keep(net, checkpoint, options, train_iter)
        how = f"go on with: {command_to_resume(options)}" if checkpoint.exists() else "nothing kept"
        return fail(f"stopped; {how}", status=130)
    progress.close()
    write_results(net, history, options.out, train_iter.source)
    if norm is not None and not options.quiet:
        print(f"first layer, learned gamma {rounded(net.norm1.gamma)}")
        print(f"first layer, learned beta  {rounded(net.norm1.beta)}")
    print(history.last)
    print(f"curve, metrics and weights: {options.out}{os.sep}")
    return 0


def write_results(net: object, history: d2l_bn.History, out: Path, source: str) -> None:
    """The history, its curve as two pictures, and the weights."""
    from d2l_bn import figures  # matplotlib takes a second to import

    history.save(out / "metrics.json")
    figures.save_curves(history, out / "curve", title=f"LeNet on {source}")
    d2l_bn.save_weights(net, out / "lenet.params")


def keep(net: object, checkpoint: Path, options: argparse.Namespace, train_iter: object) -> None:
    """Write the results of the epochs that were finished before training stopped early."""
    if checkpoint.exists():
        history = d2l_bn.Checkpoint.load(checkpoint).history
        write_results(net, history, options.out, train_iter.source)


def command_to_resume(options: argparse.Namespace) -> str:
    given = [word for word in sys.argv[1:] if word != "--resume"]
    return " ".join(["python", sys.argv[0], *given, "--resume"])


def rounded(parameter: object) -> str:
    return "[" + ", ".join(f"{value:.3f}" for value in parameter.data().reshape(-1).tolist()) + "]"


def fail(message: str, status: int = 1) -> int:
    print(f"{Path(sys.argv[0]).name}: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
