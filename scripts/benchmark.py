#!/usr/bin/env python3
"""Compare speeds of training on this machine, contestants in turn, and print medians and ratios.

Contestants train on the same batches in one process, one after the other, in as many rounds as
asked; the first pass of each is not counted. Then come LeNet's operations one by one, and the
memory of each contestant in a process of its own. Tables go to the terminal, everything to --out.
Threads that wait for each other sleep, as the package has it, unless OMP_WAIT_POLICY says
otherwise.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import _operations

from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.command_arguments import data_source, file_to_write, positive_int
from d2l_bn._support.command_line import ArgumentParser, UsageError, run

BATCHES_PER_EPOCH = 235
RATIOS = [  # (name, contestant, compared with, bound)
    ("the chapter's code / own operators", "chapter", "own operators", ">= 10"),
    ("the chapter's code / array version", "chapter", "array version", None),
    ("own operators / PyTorch", "own operators", "PyTorch", "<= 0.8"),
    ("own operators / Gluon's layer, same loop", "own operators", "Gluon", "<= 0.6"),
    ("array version / Gluon's layer, same loop", "array version", "Gluon", "<= 1.4"),
    ("concise, hybridized / PyTorch", "concise, hybridized", "PyTorch", "<= 1.0"),
]


def contestants(train_iter: object) -> dict[str, Callable[[], Callable[[], float]]]:
    """From a name to what makes a function that trains for one pass and returns its seconds."""
    from mxnet import init
    from mxnet.gluon import nn

    import d2l_bn
    from d2l_bn.networks.lenet import POOLINGS, WEIGHTS
    from d2l_bn.norms.compiled_batch import CompiledBatchNorm
    from d2l_bn.norms.reference import chapter

    class ByArrays(d2l_bn.BatchNorm):
        """The layer without the operators."""

        def function(self, *arguments: object) -> object:
            return d2l_bn.batch_norm(*arguments)

    def in_gluons_layers(norm: object) -> nn.Block:
        with mock.patch.dict(POOLINGS, max=nn.MaxPool2D):
            with mock.patch.dict(WEIGHTS, {None: (nn.Conv2D, nn.Dense)}):
                return d2l_bn.lenet(norm)

    def ours(norm: object, own: bool = True, hybridize: bool = True) -> Callable[[], float]:
        net = d2l_bn.lenet(norm) if own else in_gluons_layers(norm)
        if hybridize:
            net.hybridize()
        return lambda: d2l_bn.train(net, train_iter, epochs=1).last.seconds

    def as_in_the_chapter() -> Callable[[], float]:
        net = in_gluons_layers(chapter.BatchNorm)
        net.initialize(init.Xavier())
        return lambda: chapter.train_epoch(net, train_iter, train_iter.batch_size)

    def in_pytorch() -> Callable[[], float]:
        import _pytorch
        import torch

        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        net = _pytorch.lenet()
        return lambda: _pytorch.train_epoch(net, train_iter, 1.0)

    table = {
        "chapter": as_in_the_chapter,
        "array version": partial(ours, ByArrays, own=False),
        "own operators": partial(ours, "batch"),  # as scripts/train_lenet_bn.py does
        "own operators, compiled": partial(ours, CompiledBatchNorm),
        "Gluon": partial(ours, "gluon", own=False, hybridize=False),
        # with the package's pooling and convolutions:
        "concise, hybridized": partial(ours, "gluon"),
        "no normalizer": partial(ours, None),
    }
    if importlib.util.find_spec("torch"):
        table["PyTorch"] = in_pytorch
    else:
        print("PyTorch is not installed: pip install torch to compare with it", file=sys.stderr)
    return table


def page_faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def some_batches(options: argparse.Namespace) -> object:
    import d2l_bn

    train_iter, _ = d2l_bn.load_fashion_mnist(256, data=options.data)
    limit = options.batches * train_iter.batch_size
    train_iter.images, train_iter.labels = train_iter.images[:limit], train_iter.labels[:limit]
    return train_iter


def race(options: argparse.Namespace) -> dict[str, object]:
    """Run every contestant --rounds times, in turn; milliseconds and page faults a batch."""
    from d2l_bn._support.environment import describe_environment

    start = time.perf_counter()
    train_iter = some_batches(options)
    load_seconds = time.perf_counter() - start
    runs = {name: make() for name, make in contestants(train_iter).items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    faults: dict[str, list[float]] = {name: [] for name in runs}
    for round_number in range(options.rounds + 1):
        for name, train in runs.items():
            print(f"\rround {round_number}/{options.rounds}: {name:24}", end="", file=sys.stderr)
            before = page_faults()
            milliseconds = 1e3 * train() / len(train_iter)
            if round_number > 0:
                times[name].append(milliseconds)
                faults[name].append((page_faults() - before) / len(train_iter))
    print(file=sys.stderr)
    return {
        "environment": {**describe_environment(), "data": train_iter.source},
        "batches": len(train_iter),
        "rounds": options.rounds,
        "load_seconds": load_seconds,
        "milliseconds_per_batch": times,
        "page_faults_per_batch": {name: statistics.median(f) for name, f in faults.items()},
        "operations": _operations.compare(),
    }


def peak_megabytes(options: argparse.Namespace) -> float:
    """What training with --peak takes at its largest moment, over what was there before."""
    train_iter = some_batches(options)
    make = contestants(train_iter)[options.peak]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    make()()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def import_seconds(statement: str, repeats: int = 5) -> float:
    """Median time of an import in a fresh process."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    times = [float(subprocess.check_output(command, text=True)) for _ in range(repeats)]
    return statistics.median(times)


def table(result: dict[str, object]) -> str:
    """Medians and ratios as a Markdown table."""
    times, faults = result["milliseconds_per_batch"], result["page_faults_per_batch"]
    medians = {name: statistics.median(values) for name, values in times.items()}
    lines = [
        "| contestant | ms a batch, median (least – most) | s an epoch | page faults a batch |",
        "|---|---|---|---|",
    ]
    for name, median in medians.items():
        spread = f"{median:.1f} ({min(times[name]):.1f} – {max(times[name]):.1f})"
        epoch = median * BATCHES_PER_EPOCH / 1e3
        lines.append(f"| {name} | {spread} | {epoch:.1f} | {faults[name]:.0f} |")
    lines += ["", "| ratio | median of the rounds' ratios | aim |", "|---|---|---|"]
    for label, over, under, bound in RATIOS:
        if over in times and under in times:
            ratio = statistics.median(a / b for a, b in zip(times[over], times[under]))
            lines.append(f"| {label} | {ratio:.2f} | {bound or ''} |")
    return "\n".join(lines)


def best_table(results: dict[str, object]) -> str:
    """Each contestant at the number of threads at which it is fastest, and its memory."""
    by_threads = results["by_threads"]
    lines = ["| contestant | at its best | threads | MB at most |", "|---|---|---|---|"]
    for name in next(iter(by_threads.values()))["milliseconds_per_batch"]:
        medians = {
            threads: statistics.median(result["milliseconds_per_batch"][name])
            for threads, result in by_threads.items()
        }
        best = min(medians, key=medians.get)
        memory = results["peak_megabytes"].get(name)
        shown = "" if memory is None else f"{memory:.0f}"
        lines.append(f"| {name} | {medians[best]:.1f} ms | {best} | {shown} |")
    return "\n".join(lines)


def build_seconds() -> float | None:
    """How long `make setup` compiles the operators; None without a compiler."""
    from d2l_bn.norms.kernels import build

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        with mock.patch.object(build, "folder", lambda: Path(folder)):
            try:
                build.build()
            except build.BuildError:
                return None
    return time.perf_counter() - start


def once(results: dict[str, object]) -> str:
    """What is waited for once: in the set-up, at the start, before training."""
    imports, one = results["import_seconds"], next(iter(results["by_threads"].values()))
    build = results.get("build_seconds")
    words = [] if build is None else [f"compiling the operators, once, {build:.0f} s"]
    words.append(f"`import mxnet` {imports['mxnet']:.1f} s")
    words.append(f"and of the package {imports['d2l_bn'] - imports['mxnet']:.2f} s more")
    words.append(f"reading the data {one['load_seconds']:.1f} s")
    return f"Waited for besides: {', '.join(words)}."


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
    add("--peak", help=argparse.SUPPRESS)  # in a subprocess


def main(options: argparse.Namespace) -> None:
    if options.race or options.peak:
        print(json.dumps(race(options) if options.race else peak_megabytes(options)))
        return
    if options.data == "synthetic":
        from d2l_bn.experiments.results_folder import keeps_results

        if keeps_results(options.out):
            raise UsageError(f"{options.out} is where results are kept: name another with --out")

    def in_subprocess(threads: int, *more: str) -> Any:
        output = subprocess.check_output(
            [sys.executable, __file__, *sys.argv[1:], *more],
            env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "OMP_NUM_THREADS": str(threads)},
            text=True,
        )
        return json.loads(output.splitlines()[-1])

    results = {"import_seconds": {}, "by_threads": {}, "peak_megabytes": {}}
    for name, use in (("mxnet", "mxnet.np"), ("d2l_bn", "d2l_bn.train")):  # a use imports
        results["import_seconds"][name] = import_seconds(f"import {name}; {use}")
    for threads in options.threads:
        result = results["by_threads"][str(threads)] = in_subprocess(threads, "--race")
        print(f"\n{threads} thread{'s' if threads > 1 else ''}\n\n{table(result)}")
        print(f"\n{_operations.table(result['operations'])}")
        print(f"\nloading the data: {result['load_seconds']:.2f} s")
    for name in result["milliseconds_per_batch"]:
        results["peak_megabytes"][name] = in_subprocess(1, "--peak", name)
    print(f"\n{best_table(results)}\n")
    results["build_seconds"] = build_seconds()
    print(once(results))
    with replacing(options.out) as temporary:
        temporary.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
