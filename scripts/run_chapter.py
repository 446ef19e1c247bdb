#!/usr/bin/env python3
"""Train the chapter's networks on Fashion-MNIST and collect what they reached in one JSON file.

Five runs of five epochs with batches of 256: this package's layer with seeds 0, 1 and 2 and Gluon's
layer with seed 0, learning rate 1.0; and no normalizer with seed 0, learning rate 0.9. It takes ten
to fifteen minutes on two cores. Stop it whenever you like: the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in train_lenet_bn.py

from _arguments import positive_int

import d2l_bn
from d2l_bn._support.atomic_write import replacing
from d2l_bn.data.fashion_mnist import DataError
from d2l_bn.training.checkpoint import CheckpointError
from d2l_bn.training.progress_bar import Progress

RUNS = [  # (norm, learning rate, seed)
    ("batch", 1.0, 0),
    ("batch", 1.0, 1),
    ("batch", 1.0, 2),
    ("gluon", 1.0, 0),
    ("none", 0.9, 0),
]
BATCH_SIZE = 256


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="\n".join(__doc__.splitlines()[2:]),
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=positive_int, default=5, help="passes over the training set")
    add("--data", default="auto", help="auto, synthetic (drawn, not Fashion-MNIST), or a folder")
    add("--limit", type=positive_int, help="use this many examples only")
    add("--out", type=Path, default=Path("results/chapter.json"), help="file to write")
    add("--work", type=Path, default=Path("out/chapter"), help="folder for the checkpoints")
    add("--quiet", action="store_true", help="print the table only")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    try:
        finished = read_finished(options)
        for norm, lr, seed in RUNS:
            if (norm, lr, seed) not in finished:
                finished[norm, lr, seed] = run(norm, lr, seed, options)
                write(finished, options.out)
    except (DataError, CheckpointError, ValueError) as error:
        print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        return 130
    print(table(finished))
    return 0


def run(norm: str, lr: float, seed: int, options: argparse.Namespace) -> d2l_bn.History:
    """One training run, from its checkpoint if there is one."""
    train_iter, test_iter = d2l_bn.load_fashion_mnist(
        BATCH_SIZE, data=options.data, limit=options.limit, seed=seed
    )
    progress = Progress(train_iter, options.epochs, quiet=options.quiet)
    progress.line(f"norm {norm}, lr {lr:g}, seed {seed}: {train_iter.source}")
    net = d2l_bn.lenet(None if norm == "none" else norm)
    net.hybridize()
    try:
        return d2l_bn.train(
            net,
            train_iter,
            test_iter,
            epochs=options.epochs,
            lr=lr,
            seed=seed,
            checkpoint=options.work / f"{norm}-{lr:g}-{seed}.checkpoint",
            resume=True,
            config={"network": "lenet", "norm": norm, "limit": options.limit},
            on_batches=progress.on_batches,
            on_epoch=progress.on_epoch,
        )
    finally:
        progress.close()


def read_finished(options: argparse.Namespace) -> dict[tuple[str, float, int], d2l_bn.History]:
    """The runs that the results file has; refuses a file that other settings made."""
    if not options.out.exists():
        return {}
    saved = json.loads(options.out.read_text(encoding="utf-8"))
    asked = (options.epochs, options.limit, options.data == "synthetic")
    finished = {}
    for history in map(d2l_bn.History.from_dict, saved["runs"]):
        config = history.config
        made = (config["epochs"], config["limit"], config["synthetic"])
        if made != asked:
            raise ValueError(
                f"{options.out} was made with (epochs, limit, synthetic) = {made}, and this is "
                f"{asked}; give another --out, or delete the file"
            )
        finished[config["norm"], config["lr"], config["seed"]] = history
    return finished


def write(finished: dict[tuple, d2l_bn.History], path: Path) -> None:
    """All runs so far, in the order of RUNS."""
    runs = [finished[key].to_dict() for key in RUNS if key in finished]
    result = {"made_by": "python scripts/run_chapter.py", "runs": runs}
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def table(finished: dict[tuple, d2l_bn.History]) -> str:
    """What each run reached, as a Markdown table."""
    lines = [
        "| run | epochs | loss | train acc | test acc | s an epoch |",
        "|---|---|---|---|---|---|",
    ]
    for (norm, lr, seed), history in finished.items():
        last = history.last
        seconds = sum(history["seconds"]) / len(history)
        lines.append(
            f"| norm {norm}, lr {lr:g}, seed {seed} | {len(history)} | {last.loss:.4f} "
            f"| {last.train_accuracy:.4f} | {last.test_accuracy:.4f} | {seconds:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
