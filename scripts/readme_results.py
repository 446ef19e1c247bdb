#!/usr/bin/env python3
"""Put the tables and the picture of measured results into README.md, from the files in results/.

    python scripts/readme_results.py            # write them
    python scripts/readme_results.py --check    # only say whether README.md is up to date

A table stands between the lines ``<!-- table: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import benchmark
import run_chapter

import d2l_bn
from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.studies import STUDIES
from d2l_bn.networks.normalizers import NORMALIZERS

ROOT = Path(__file__).resolve().parent.parent
PLACE = re.compile(r"(<!-- table: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def chapter_table() -> str:
    """What the chapter's networks reached."""
    return run_chapter.table(read_chapter())


def speed_table() -> str:
    """Milliseconds a batch and their ratios, for each number of threads."""
    results = json.loads((ROOT / "results/benchmark.json").read_text(encoding="utf-8"))
    parts = []
    for threads, result in results["by_threads"].items():
        parts.append(f"With {threads} thread{'s' if threads != '1' else ''}:\n")
        parts.append(benchmark.table(result) + "\n")
    environment = result["environment"]
    parts.append(f"{environment['processor']}, {environment['cores']} cores.")
    return "\n".join(parts)


def normalizers_table() -> str:
    """The normalizers that ``lenet`` knows, and what each takes its statistics over."""
    head = "| normalizer | X of shape (N, C, H, W): statistics over | `norm=` |"
    rows = [f'| {n.title} | {n.index_set} | `"{name}"` |' for name, n in NORMALIZERS.items()]
    return "\n".join([head, "|---|---|---|", *rows])


def runs_table() -> str:
    """What `make results` runs, and how many runs are in the tree."""
    lines = ["| results | made by | runs |", "|---|---|---|"]
    for name, command in COMMANDS.items():
        path = ROOT / "results" / name
        if path.suffix == ".jsonl":
            runs = read_records(path)
        else:
            runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        lines.append(f"| `{name}` | `{command}` | {len(runs)} |")
    return "\n".join(lines)


COMMANDS = {
    **{f"sweeps/{name}.jsonl": f"scripts/sweep.py {name} --full" for name in STUDIES},
    "landscape.json": "scripts/run_landscape.py",
    "inspection.jsonl": "scripts/run_inspection.py",
    "variance_shift.jsonl": "scripts/run_variance_shift.py",
    "weight_decay.jsonl": "scripts/run_weight_decay.py",
    "regularization.jsonl": "scripts/run_regularization.py",
    "recurrent.jsonl": "scripts/run_recurrent.py",
    "techniques.jsonl": "scripts/run_techniques.py",
}
TABLES = {
    "chapter": chapter_table,
    "normalizers": normalizers_table,
    "speed": speed_table,
    "runs": runs_table,
}


def read_chapter() -> dict[tuple, d2l_bn.History]:
    saved = json.loads((ROOT / "results/chapter.json").read_text(encoding="utf-8"))
    histories = map(d2l_bn.History.from_dict, saved["runs"])
    return {(h.config["norm"], h.config["lr"], h.config["seed"]): h for h in histories}


def filled(text: str) -> str:
    """``text`` with every table made anew."""
    return PLACE.sub(lambda place: f"{place[1]}\n{TABLES[place['name']]()}\n\n{place[3]}", text)


def draw() -> None:
    """The curves of the chapter's networks, seed 0, as results/chapter.svg and .png."""
    from d2l_bn import figures

    names = {"batch": "batch norm", "gluon": "Gluon's layer", "none": "no normalizer"}
    runs = {names[norm]: h for (norm, _, seed), h in read_chapter().items() if seed == 0}
    title = "LeNet on Fashion-MNIST, batches of 256, seed 0"
    figures.save_curves(runs, ROOT / "results/chapter", title=title)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")
    options = parser.parse_args(arguments)
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if options.check:
        if text != filled(text):
            print(
                "README.md differs from results/: python scripts/readme_results.py", file=sys.stderr
            )
            return 1
        return 0
    readme.write_text(filled(text), encoding="utf-8")
    draw()
    return 0


if __name__ == "__main__":
    sys.exit(main())
