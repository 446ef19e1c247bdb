r"""Train the chapter's LeNet with batch normalization on Fashion-MNIST.

Writes to the folder --out: metrics.json (configuration, versions, figures of each epoch), curve.svg
and curve.png, lenet.params (the weights, for the command predict and net.load_parameters) and
checkpoint (to go on from, with --resume).
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import d2l_bn
from d2l_bn._support import launcher
from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.command_arguments import (
    data_source,
    folder_to_write,
    host_names,
    positive_int,
    positive_number,
    seed_number,
)
from d2l_bn._support.command_line import (
    ArgumentParser,
    Failure,
    UsageError,
    finish_undisturbed,
)
from d2l_bn._support.lock import locked
from d2l_bn.threads import choose_threads, status

#: Names of d2l_bn.training.schedules.SCHEDULES, which is not loaded to parse a command.
SCHEDULES = ["constant", "step", "linear", "cosine", "warmup", "one_cycle"]

if TYPE_CHECKING:
    import mxnet as mx

    from d2l_bn.workers.group import Group

WHY = (
    "tested and saved with statistics of training batches: the moving average lags behind the "
    "weights (lesson 06, test time); --statistics moving keeps it"
)


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--norm", choices=["batch", "gluon", "sync", "none"], default="batch", help="the normalizer"
    )
    add("--epochs", type=positive_int, default=5, help="passes over the training set")
    add("--batch-size", type=positive_int, default=256, help="examples in a batch")
    add("--lr", type=positive_number, default=1.0, help="learning rate")
    add("--schedule", choices=SCHEDULES, default="constant", help="of the learning rate")
    add("--seed", type=seed_number, default=0, help="of the weights and the order of the examples")
    add(
        "--data",
        type=data_source,
        default="auto",
        help="auto, synthetic (drawn, not Fashion-MNIST), or a folder",
    )
    add("--limit", type=positive_int, help="use this many examples only")
    add("--context", choices=["auto", "cpu", "gpu"], default="auto", help="where to compute")
    add("--out", type=folder_to_write, default="out/lenet_bn", help="folder to write to")
    add("--resume", action="store_true", help="go on from the checkpoint in --out")
    add(
        "--statistics",
        choices=["population", "moving"],
        default="population",
        help="in the saved weights: the training set's, or the moving averages",
    )
    add("--workers", type=positive_int, default=1, help="processes, each with a part of each batch")
    add("--hosts", type=host_names, default=(), help="run them there, by ssh: name,name,…")
    add("--quiet", action="store_true", help="print the last line only")


def main(options: argparse.Namespace) -> None:
    """Train, show how it goes, write the results."""
    os.environ.setdefault("MPLBACKEND", "Agg")  # pictures go to files
    if options.hosts and options.workers == 1:
        raise UsageError("--hosts is given, and --workers is 1; say how many run there")
    if options.workers > 1 and not launcher.is_worker():
        launch_workers(options)
        return
    choose_threads()
    context = chosen_context(options.context)
    from d2l_bn.workers.group import current_group

    group = current_group()
    if group.rank:  # worker 0 prints and writes
        options.quiet = True
        train_and_write(options, context, group)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    with locked(options.out):  # to the last file: what a second process writes would mix with it
        train_and_write(options, context, group)


def launch_workers(options: argparse.Namespace) -> None:
    """This command as so many workers; if one of them dies, say how to go on."""
    program, *given = sys.argv
    start = ["-m", "d2l_bn"] if Path(program).name == "__main__.py" else [program]
    try:
        launcher.launch([sys.executable, *start, *given], options.workers, options.hosts)
    except (Failure, KeyboardInterrupt) as stop:
        what = str(stop) or "stopped"
        if (options.out / "checkpoint").exists():
            what = f"{what}; go on, with any number of workers: {command_to_resume()}"
        raise type(stop)(what) from None


def train_and_write(options: argparse.Namespace, context: mx.Context, group: Group) -> None:
    """All the work, in a folder that is this process's alone."""
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        options.batch_size,
        data=options.data,
        limit=options.limit,
        seed=options.seed,
        context=context,
    )
    net = d2l_bn.lenet(None if options.norm == "none" else options.norm)
    net.hybridize()  # what can be compiled is; the from-scratch layer stays Python
    history = train_and_show(options, net, train_iter, test_iter, context, group)
    if group.rank:
        return
    finish_undisturbed()
    write_results(net, history, options.out, train_iter.source)
    if not options.quiet:
        if options.norm != "none":
            print(f"first layer, learned gamma {rounded(net.norm1.gamma)}")
            print(f"first layer, learned beta  {rounded(net.norm1.beta)}")
        print(f"curve, metrics and weights: {options.out}{os.sep}")
    last = history.last
    if not options.quiet and last.test_accuracy_population is not None:
        print(WHY)
    print(
        f"loss {last.loss:.3f}, train acc {last.train_accuracy:.3f}, test acc "
        f"{last.test_accuracy:.3f}, {last.examples_per_second:.0f} examples/sec, "
        f"{train_iter.source}"
    )


def chosen_context(name: str) -> mx.Context:
    """The device of ``--context``."""
    context = d2l_bn.try_gpu()  # loads MXNet, or says why it cannot
    import mxnet as mx

    if name == "gpu" and context.device_type != "gpu":
        raise UsageError("--context gpu: this MXNet sees no GPU; use --context cpu")
    return mx.cpu() if name == "cpu" else context


def train_and_show(
    options: argparse.Namespace,
    net: Any,
    train_iter: Any,
    test_iter: Any,
    context: mx.Context,
    group: Group,
) -> d2l_bn.History:
    """Train; if that ends early, what is good so far is written first."""
    from d2l_bn.training.checkpoint import Checkpoint, CheckpointError
    from d2l_bn.training.loop import DivergenceError
    from d2l_bn.training.progress_bar import Progress

    checkpoint = options.out / "checkpoint"
    progress = Progress(train_iter, options.epochs, quiet=options.quiet)
    progress.line(
        f"{train_iter.source}, {context}, threads: {status()}, norm {options.norm}, lr "
        f"{options.lr:g}"
    )
    if options.resume and not checkpoint.exists():
        progress.line(f"there is no {checkpoint} to go on from; this starts anew")
    try:
        return d2l_bn.train(
            net,
            train_iter,
            test_iter,
            epochs=options.epochs,
            lr=options.lr,
            seed=options.seed,
            context=context,
            checkpoint=checkpoint,
            resume=options.resume,
            schedule=None if options.schedule == "constant" else options.schedule,
            recalibrate=False if options.statistics == "moving" else None,
            group=group,
            config={"network": "lenet", "norm": options.norm, "limit": options.limit},
            on_batches=progress.on_batches,
            on_epoch=progress.on_epoch,
        )
    except CheckpointError as error:
        raise UsageError(error) from None
    except (DivergenceError, KeyboardInterrupt) as stop:
        finish_undisturbed()
        progress.close()
        if progress.history is not None:
            saved = Checkpoint.load(checkpoint)
            saved.finish(net)
            write_results(net, saved.history, options.out, train_iter.source)
        if isinstance(stop, DivergenceError):
            raise Failure(f"training diverged: {stop}") from None
        if progress.history is None and not (options.resume and checkpoint.exists()):
            what = "stopped before the end of the first epoch; nothing is kept"
        else:
            what = f"stopped; go on with: {command_to_resume()}"
        raise type(stop)(what) from None
    finally:
        progress.close()


def write_results(net: Any, history: d2l_bn.History, out: Path, source: str) -> None:
    """The weights, the history with the weights' checksum, and its curve as two pictures."""
    digest = d2l_bn.save_weights(net, out / "lenet.params")
    metrics = {**history.to_dict(), "weights": {"file": "lenet.params", "sha256": digest}}
    with replacing(out / "metrics.json") as temporary:
        temporary.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    d2l_bn.figures.save_curves(history, out / "curve", title=f"LeNet on {source}")


def command_to_resume() -> str:
    """The command of this process, with ``--resume``."""
    program, *given = [word for word in sys.argv if word != "--resume"]
    start = ["-m", "d2l_bn"] if Path(program).name == "__main__.py" else [program]
    return shlex.join([sys.executable, *start, *given, "--resume"])


def rounded(parameter: Any) -> str:
    return "[" + ", ".join(f"{value:.3f}" for value in parameter.data().reshape(-1).tolist()) + "]"
