#!/usr/bin/env python3
"""Put the tables of measured results into both READMEs, and draw the picture, from results/.

    python scripts/readme_results.py            # write them
    python scripts/readme_results.py --check    # only say whether they are up to date

A table stands between the lines ``<!-- table: NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import _measured_table
import _operations
import benchmark

from d2l_bn._support.command_line import ArgumentParser, Failure, run

if TYPE_CHECKING:  # the others are imported where they are used: --help needs no MXNet
    import d2l_bn

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
PLACE = re.compile(r"(<!-- table: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


#: of a study's runs: a name, the study, the fields of its cases, and the published test accuracy
CHAPTER: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    (
        "batch normalization, lr 1",
        "population",
        {"lr": 1.0, "weigh_alike": "examples"},
        "0.864",
    ),
    ("the chapter's own layer and loop", "chapter", {"norm": "chapter"}, "0.864"),
    ("Gluon's layer", "chapter", {"norm": "gluon"}, "0.871"),
    ("none, lr 0.9", "chapter", {"norm": None}, "0.764"),
)


def chapter_table() -> str:
    """What the chapter's networks reached: means over seeds, with their 95 % intervals."""
    from d2l_bn.experiments import load
    from d2l_bn.experiments.statistics import estimate
    from d2l_bn.figures.markdown_table import table

    def text(values: dict[int, float]) -> str:
        mean, margin = estimate(values).bar
        return f"{mean:.3f}" + (f" ± {margin:.3f}" if len(values) > 1 else "")

    rows = []
    for name, study, fields, published in CHAPTER:
        runs = load.select(study, **fields)
        measures = ["loss", "train_accuracy", "test_accuracy_moving"]
        if "test_accuracy_population_by_epoch" in runs[0]["measures"]:
            measures.append("test_accuracy_population")
        means = [text(load.by_seed(runs, measure)) for measure in measures]
        rows.append([name, len(runs), *means, *[""] * (4 - len(means)), published])
    head = ["network", "seeds", "loss", "train acc", "test acc, moving average"]
    return table([*head, "test acc, as saved", "published"], rows)


def speed_table() -> str:
    """Milliseconds a batch and their ratios, for each number of threads."""
    results = json.loads((ROOT / "results/benchmark.json").read_text(encoding="utf-8"))
    parts = []
    for threads, result in results["by_threads"].items():
        parts.append(f"With {threads} thread{'s' if threads != '1' else ''}:\n")
        parts.append(benchmark.table(result) + "\n")
    parts.append("Each at its best number of threads, and what training takes of memory:\n")
    parts.append(benchmark.best_table(results) + "\n")
    one = results["by_threads"].get("1", result)
    parts.append("LeNet's operations at a batch of 256, one thread, medians:\n")
    parts.append(_operations.table(one["operations"]) + "\n")
    environment = result["environment"]
    parts.append(f"{environment['processor']}, {environment['cores']} cores.")
    parts.append("\n" + benchmark.once(results))
    return "\n".join(parts)


def normalizers_table() -> str:
    """The normalizers that ``lenet`` knows, and what each takes its statistics over."""
    from d2l_bn.networks.normalizers import NORMALIZERS

    head = "| normalizer | X of shape (N, C, H, W): statistics over | `norm=` |"
    rows = [f'| {n.title} | {n.index_set} | `"{name}"` |' for name, n in NORMALIZERS.items()]
    return "\n".join([head, "|---|---|---|", *rows])


def runs_table() -> str:
    """What `make results` runs, and how many runs are in the tree."""
    from d2l_bn.experiments import load
    from d2l_bn.experiments.studies import find_study, study_names
    from d2l_bn.figures.markdown_table import table

    studies = {name: load.records(name) for name in study_names()}
    rows = [[f"`{n}`", find_study(n).question, len(runs)] for n, runs in studies.items()]
    runs = [run for runs in studies.values() for run in runs]
    hours = sum(run["seconds"] or 0 for run in runs) / 3600
    return f"""{table(["study", "question", "runs"], rows)}

{len(runs):,} runs; their own times add up to {hours:.0f} hours of one core, on machines that did
much else meanwhile."""


def claims_table() -> str:
    """How many claims of each source have which verdict, and how many of them by luck."""
    from d2l_bn.experiments.claims import court
    from d2l_bn.experiments.claims.sources import SOURCES
    from d2l_bn.experiments.judgement import Verdict, discoveries
    from d2l_bn.figures.markdown_table import table

    judged = court.judge()
    rows = []
    for source in SOURCES:
        found = [j.verdict for j in judged.values() if j.claim.source == source]
        rows.append([source, *map(found.count, Verdict)])
    rows.append(["all", *(sum(column) for column in zip(*(row[1:] for row in rows)))])
    p_values = {name: j.p for name, j in judged.items() if not j.claim.exact}
    decided = [name for name in p_values if judged[name].verdict is not Verdict.UNDECIDED]
    kept = discoveries(p_values).intersection(decided)
    return f"""{table(["claims of", *map(str, Verdict)], rows)}

Of the {len(p_values)} that are measured, {len(decided)} are decided by intervals of 95 %, and
{len(kept)} of these also at a false discovery rate of 5 % over the whole court."""


TABLES = {
    "measured": _measured_table.measured_table,
    "measured_zh": partial(_measured_table.measured_table, "zh"),
    "claims": claims_table,
    "chapter": chapter_table,
    "normalizers": normalizers_table,
    "speed": speed_table,
    "runs": runs_table,
}


def read_chapter() -> dict[str, d2l_bn.History]:
    """The chapter's network with batch normalization and without, one run each."""
    from d2l_bn.experiments import load

    runs = {
        "batch norm": load.select("population", lr=1.0, weigh_alike="examples", seed=0),
        "no normalizer": load.select("chapter", norm=None, seed=0),
    }
    return {name: load.history(run) for name, (run,) in runs.items()}


def filled(text: str) -> str:
    """``text`` with every table made anew."""
    return PLACE.sub(lambda place: f"{place[1]}\n{TABLES[place['name']]()}\n\n{place[3]}", text)


def draw() -> None:
    """The curves of the chapter's networks, seed 0, as results/chapter.svg and .png."""
    from d2l_bn import figures

    title = "LeNet on Fashion-MNIST, batches of 256, seed 0"
    figures.save_curves(read_chapter(), ROOT / "results/chapter", title=title)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")


def main(options: argparse.Namespace) -> None:
    for name in READMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        if not options.check:
            (ROOT / name).write_text(filled(text), encoding="utf-8")
        elif text != filled(text):
            raise Failure(f"{name} differs from results/: python scripts/readme_results.py")
    if not options.check:
        draw()


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
