#!/usr/bin/env python3
"""Run a study: a grid of configurations, each with several seeds, a line of results for each run.

Without --full, each run is cut to one epoch of --limit examples, to see within minutes what the
study does. A sweep that was stopped goes on where it was with the same command. On two cores,
--workers 2 halves the time of a long sweep (a worker takes three seconds to start); two threads in
one process, by OMP_NUM_THREADS=2, gain nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before MXNet is imported; workers inherit it

from _arguments import ArgumentParser, fail, positive_int
from tqdm import tqdm

from d2l_bn.data.fashion_mnist import DataError
from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.studies import STUDIES
from d2l_bn.experiments.trial import Trial, sweep

RESULTS = Path(__file__).resolve().parent.parent / "results" / "sweeps"


def parse_arguments(arguments: list[str] | None = None):
    parser = ArgumentParser(__doc__)
    add = parser.add_argument
    add("study", choices=[*STUDIES, "all"], help="which one; all of them, one after the other")
    add("--full", action="store_true", help="at full size, into results/sweeps")
    add("--limit", type=positive_int, default=2000, help="examples in a run without --full")
    add("--workers", type=positive_int, default=1, help="processes, each with one thread")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--out", type=Path, help="folder of the results (default: results/sweeps or out/sweeps)")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    folder = options.out or (RESULTS if options.full else Path("out/sweeps"))
    for name in STUDIES if options.study == "all" else [options.study]:
        study, path = STUDIES[name], folder / f"{name}.jsonl"
        trials = study.trials if options.full else study.small(options.limit)
        print(f"{name}: {study.question}")
        try:
            run(trials, path, options)
        except (DataError, OSError, ValueError) as error:
            return fail(error)
        except KeyboardInterrupt:
            return fail(f"stopped; the same command goes on with {path}", status=130)
        print(summary(path, trials))
    return 0


def run(trials: list[Trial], path: Path, options) -> None:
    done = [Trial(**record["trial"]) for record in read_records(path)]
    cost = {True: 0.0, False: 0.0}
    for trial in trials:
        cost[trial in done] += trial.cost
    form = "{l_bar}{bar}| {n_fmt}/{total_fmt} examples, {elapsed} so far, {remaining} left"
    with tqdm(total=sum(cost.values()), unit_scale=True, bar_format=form) as bar:
        bar.initial = cost[True]  # what was done before says nothing of the speed
        bar.update(cost[True])
        sweep(
            trials,
            path,
            data=options.data,
            workers=options.workers,
            on_record=lambda record: bar.update(Trial(**record["trial"]).cost),
        )


def summary(path: Path, trials: list[Trial]) -> str:
    records = [record for record in read_records(path) if Trial(**record["trial"]) in trials]
    diverged = sum(record["outcome"] == "diverged" for record in records)
    seconds = sum(record["seconds"] for record in records)
    return f"{path}: {len(records)} runs, {diverged} diverged, {seconds / 60:.1f} minutes in all"


if __name__ == "__main__":
    sys.exit(main())
