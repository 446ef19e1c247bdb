r"""Run a study of the laboratory; without a name, list them.

A study is a set of cases, each with several seeds; a record is appended to its file after each run.
Runs that are in the file already are not made again: a study that was stopped goes on with the same
command. At full size, on Fashion-MNIST, the records go to results/ of a checkout; --examples makes
small runs, to see within minutes what a study does. Each core has a process of its own, with one
thread: no run waits for another, as threads do that share one. --workers 1 leaves the others free.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import d2l_bn
from d2l_bn._support.command_arguments import (
    data_source,
    folder_to_write,
    positive_int,
    seed_number,
)
from d2l_bn._support.command_line import ArgumentParser
from d2l_bn.threads import available

STUDIES = Path(d2l_bn.__file__).parent / "experiments" / "studies"


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    names = [*sorted(path.stem for path in STUDIES.glob("[a-z]*.py")), "all"]
    add("study", nargs="?", choices=names, metavar="STUDY", help=", ".join(names))
    add("--examples", type=positive_int, help="run small: so many images, one epoch or a few steps")
    add("--seeds", type=seed_number, nargs="+", help="other ones than the study's")
    processes = "processes, one for each core, each with one thread"
    add("--workers", type=positive_int, default=available(), help=processes)
    add(
        "--data",
        type=data_source,
        default="auto",
        help="auto, synthetic (drawn, not Fashion-MNIST), or a folder",
    )
    add("--out", type=folder_to_write, help="folder of records (default: results or out/studies)")


def main(options: argparse.Namespace) -> None:
    """Make what is missing of one study, or of all."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before MXNet is imported; workers inherit it
    if options.study is None:
        _list()
        return
    from d2l_bn.experiments.studies import study_names

    for name in study_names() if options.study == "all" else [options.study]:
        try:
            _run(name, options)
        except KeyboardInterrupt as stop:
            raise type(stop)("stopped; the same command goes on") from None


def _list() -> None:
    from d2l_bn.experiments.load import record_count
    from d2l_bn.experiments.studies import find_study, study_names

    for name in study_names():
        study = find_study(name)
        print(f"{name:22} {record_count(name):3} of {len(study.plan()):3} runs  {study.question}")


def _run(name: str, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from d2l_bn.experiments.record_file import read_records
    from d2l_bn.experiments.runner import run_study
    from d2l_bn.experiments.studies import find_study

    study = find_study(name)
    print(f"{name}: {study.question}")
    with tqdm(unit=" runs", disable=None) as bar:

        def on_plan(runs: int, missing: int) -> None:
            bar.reset(total=runs)
            bar.initial = runs - missing  # what was done before says nothing of the speed
            bar.update(runs - missing)

        path = run_study(
            study,
            options.out,
            data=options.data,
            examples=options.examples,
            seeds=options.seeds,
            workers=options.workers,
            on_plan=on_plan,
            on_record=lambda record: bar.update(),
        )
    records = read_records(path)
    diverged = sum(record["outcome"] == "diverged" for record in records)
    print(f"{path}: {len(records)} runs, {diverged} diverged")
