#!/usr/bin/env python3
"""Test accuracy with three sorts of statistics, after each epoch of the chapter's training.

The same weights are tested with the moving average, with the statistics of the test batch itself
(256 images), and with population statistics, computed anew over 100 training batches. Writes a JSON
file after each seed; seeds that are already in it are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from statistics import mean

os.environ.setdefault("OMP_NUM_THREADS", "1")

from _arguments import positive_int, seed_number
from _results import finished
from mxnet import autograd

import d2l_bn
from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.environment import describe_environment
from d2l_bn.networks.batch_norm_layers import kept_averages

KINDS = ("moving_average", "batch", "population")
SETTINGS = {"network": "lenet", "norm": "batch", "batch_size": 256, "lr": 1.0}


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--seeds", type=seed_number, nargs="+", default=[0, 1, 2], help="a training run each")
    add("--epochs", type=positive_int, default=5, help="passes over the training set")
    add("--population-batches", type=positive_int, default=100, help="for population statistics")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--limit", type=positive_int, help="use this many examples only")
    add("--out", type=Path, default=Path("results/population.json"), help="file to write")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    config = {
        **SETTINGS,
        **{name: getattr(options, name) for name in ("epochs", "population_batches", "limit")},
        "synthetic": options.data == "synthetic",
    }
    rows = finished(options.out, config, "rows")
    for seed in options.seeds:
        if any(row["seed"] == seed for row in rows):
            print(f"seed {seed}: in {options.out} already")
            continue
        try:
            new_rows, source = run_seed(seed, config, options.data)
        except KeyboardInterrupt:
            print(f"stopped in seed {seed}; the same command goes on with it", file=sys.stderr)
            return 130
        rows += new_rows
        write(options.out, config, source, rows)
    print(json.dumps(summarize(rows), indent=2))
    return 0


def run_seed(seed: int, config: dict, data: str) -> tuple[list[dict], str]:
    """Train once; a row for each epoch."""
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        config["batch_size"], data=data, limit=config["limit"], seed=seed
    )
    net, rows = d2l_bn.lenet(config["norm"]), []

    def on_epoch(history: d2l_bn.History) -> None:
        epoch = history.last
        with kept_averages(net), autograd.train_mode():
            with_batch_statistics = d2l_bn.evaluate(net, test_iter)
        rows.append(
            {
                "seed": seed,
                "epoch": epoch.number,
                "loss": epoch.loss,
                "train_accuracy": epoch.train_accuracy,
                "moving_average": epoch.test_accuracy,
                "batch": with_batch_statistics,
                "population": epoch.population_test_accuracy,
            }
        )
        accuracies = ", ".join(f"{kind} {rows[-1][kind]:.4f}" for kind in KINDS)
        print(f"seed {seed}, epoch {epoch.number}: {accuracies}", flush=True)

    d2l_bn.train(
        net,
        train_iter,
        test_iter,
        epochs=config["epochs"],
        lr=config["lr"],
        seed=seed,
        recalibrate=config["population_batches"],
        on_epoch=on_epoch,
    )
    return rows, train_iter.source


def summarize(rows: list[dict]) -> dict:
    """How often population statistics are at least as good, and how much each kind jumps.

    The spread of a run is the best minus the worst test accuracy of its last three epochs.
    """
    seeds = sorted({row["seed"] for row in rows})
    runs = [[row for row in rows if row["seed"] == seed] for seed in seeds]
    as_good = [row["population"] >= row["moving_average"] for row in rows]
    spreads = {kind: [spread(run[-3:], kind) for run in runs] for kind in KINDS}
    return {
        "seeds": seeds,
        "cases": len(rows),
        "population_at_least_moving_average": sum(as_good),
        "mean_accuracy": {kind: mean(row[kind] for row in rows) for kind in KINDS},
        "spread": spreads,
        "mean_spread": {kind: mean(values) for kind, values in spreads.items()},
    }


def spread(rows: list[dict], kind: str) -> float:
    return max(row[kind] for row in rows) - min(row[kind] for row in rows)


def write(path: Path, config: dict, source: str, rows: list[dict]) -> None:
    results = {
        "made_by": "python scripts/run_population.py",
        "config": config,
        "data": source,
        "environment": describe_environment(),
        "summary": summarize(rows),
        "rows": rows,
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
