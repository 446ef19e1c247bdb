#!/usr/bin/env python3
"""Compare speeds of training on this machine, contestants in turn, and print medians and ratios.

Contestants train on the same batches in one process, one after the other, in as many rounds as
asked; the first pass of each is not counted. A table goes to the terminal, everything to --out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.command_arguments import data_source, file_to_write, positive_int
from d2l_bn._support.command_line import ArgumentParser, UsageError, run

BATCHES_PER_EPOCH = 235
RATIOS = [  # (name, contestant, compared with, bound)
    ("chapter's layer and loop / from scratch", "chapter", "from scratch", ">= 8"),
    ("from scratch / Gluon's layer, same loop", "from scratch", "gluon", "<= 1.6"),
    ("from scratch / Gluon's layer, hybridized", "from scratch", "gluon, hybridized", None),
    ("concise, hybridized / PyTorch", "gluon, hybridized", "pytorch", "<= 1.2"),
]


def contestants(train_iter: object) -> dict[str, Callable[[], float]]:
    """From a name to a function that trains for one pass and returns its seconds."""
    from mxnet import init

    import d2l_bn
    from d2l_bn.norms.reference import chapter

    def ours(norm: str, hybridize: bool) -> Callable[[], float]:
        net = d2l_bn.lenet(norm)
        if hybridize:
            net.hybridize()
        return lambda: d2l_bn.train(net, train_iter, epochs=1).last.seconds

    as_it_was = d2l_bn.lenet(lambda channels, rank: chapter.BatchNorm(channels, rank))
    as_it_was.initialize(init.Xavier())
    table = {
        "chapter": lambda: chapter.train_epoch(as_it_was, train_iter, train_iter.batch_size),
        "from scratch": ours("batch", hybridize=True),  # as scripts/train_lenet_bn.py does
        "gluon": ours("gluon", hybridize=False),
        "gluon, hybridized": ours("gluon", hybridize=True),
        "no normalizer": ours(None, hybridize=True),
    }
    try:
        import _pytorch
        import torch
    except ImportError:
        print("PyTorch is not installed: pip install torch to compare with it", file=sys.stderr)
        return table
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    net = _pytorch.lenet()
    table["pytorch"] = lambda: _pytorch.train_epoch(net, train_iter, 1.0)
    return table


def race(options: argparse.Namespace) -> dict[str, object]:
    """Run every contestant --rounds times, in turn; milliseconds a batch."""
    import d2l_bn
    from d2l_bn._support.environment import describe_environment

    start = time.perf_counter()
    train_iter, _ = d2l_bn.load_fashion_mnist(256, data=options.data)
    load_seconds = time.perf_counter() - start
    limit = options.batches * train_iter.batch_size
    train_iter.images, train_iter.labels = train_iter.images[:limit], train_iter.labels[:limit]
    runs = contestants(train_iter)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for round_number in range(options.rounds + 1):
        for name, train in runs.items():
            print(f"\rround {round_number}/{options.rounds}: {name:20}", end="", file=sys.stderr)
            milliseconds = 1e3 * train() / len(train_iter)
            if round_number > 0:
                times[name].append(milliseconds)
    print(file=sys.stderr)
    return {
        "environment": {**describe_environment(), "data": train_iter.source},
        "batches": len(train_iter),
        "rounds": options.rounds,
        "load_seconds": load_seconds,
        "milliseconds_per_batch": times,
    }


def import_seconds(statement: str, repeats: int = 5) -> float:
    """Median time of an import in a fresh process."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    times = [float(subprocess.check_output(command, text=True)) for _ in range(repeats)]
    return statistics.median(times)


def table(result: dict[str, object]) -> str:
    """Medians and ratios as a Markdown table."""
    times = result["milliseconds_per_batch"]
    medians = {name: statistics.median(values) for name, values in times.items()}
    lines = ["| contestant | ms a batch, median (least – most) | s an epoch |", "|---|---|---|"]
    for name, median in medians.items():
        low, high = min(times[name]), max(times[name])
        epoch = median * BATCHES_PER_EPOCH / 1e3
        lines.append(f"| {name} | {median:.1f} ({low:.1f} – {high:.1f}) | {epoch:.1f} |")
    lines += ["", "| ratio | median of the rounds' ratios | aim |", "|---|---|---|"]
    for label, over, under, bound in RATIOS:
        if over in times and under in times:
            ratio = statistics.median(a / b for a, b in zip(times[over], times[under]))
            lines.append(f"| {label} | {ratio:.2f} | {bound or ''} |")
    return "\n".join(lines)


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--batches", type=positive_int, default=40, help="in a pass (235: an epoch)")
    add("--rounds", type=positive_int, default=5, help="that count")
    add("--threads", type=positive_int, nargs="+", default=[1, 2], help="to compare")
    add("--data", type=data_source, default="auto", help="auto, synthetic or a folder")
    add(
        "--out",
        type=file_to_write(".json"),
        default="results/benchmark.json",
        help="file of all that was measured",
    )
    add("--race", action="store_true", help=argparse.SUPPRESS)  # in a subprocess


def main(options: argparse.Namespace) -> None:
    if options.data == "synthetic" and not options.race:
        from d2l_bn.experiments.results_folder import keeps_results

        if keeps_results(options.out):
            raise UsageError(f"{options.out} is where results are kept: name another with --out")
    if options.race:
        print(json.dumps(race(options)))
        return

    results = {"import_seconds": {}, "by_threads": {}}
    for name, use in (("mxnet", "mxnet.np"), ("d2l_bn", "d2l_bn.train")):  # a use imports
        results["import_seconds"][name] = import_seconds(f"import {name}; {use}")
    for threads in options.threads:
        output = subprocess.check_output(
            [sys.executable, __file__, *sys.argv[1:], "--race"],
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            text=True,
        )
        result = results["by_threads"][str(threads)] = json.loads(output.splitlines()[-1])
        print(f"\n{threads} thread{'s' if threads > 1 else ''}\n\n{table(result)}")
        print(f"\nloading the data: {result['load_seconds']:.2f} s")
    seconds = results["import_seconds"]
    print(f"import d2l_bn: {seconds['d2l_bn'] - seconds['mxnet']:.2f} s over import mxnet")
    with replacing(options.out) as temporary:
        temporary.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
