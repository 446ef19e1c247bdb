"""The one table of the READMEs: the most telling results, in English and in Chinese."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import benchmark

ROOT = Path(__file__).resolve().parent.parent

#: rows of the README's one table, by language; the numbers go into the braces
MEASURED = {
    "en": (
        ("measured", "here", "to compare"),
        (
            (
                "test accuracy after five epochs, as saved",
                "{saved}, {seeds} seeds",
                "published for the chapter, one run: 0.864",
            ),
            (
                "the chapter's own layer and loop, run here",
                "{chapter}, {chapter_seeds} seeds",
                "by its moving average, as the chapter tests",
            ),
            (
                "seconds an epoch, with one thread or two, whichever is faster",
                "{own:.1f}",
                "Gluon {gluon:.1f}, PyTorch {torch:.1f}, the chapter's code {code:.1f}",
            ),
            (
                "claims held against measurement or algebra",
                "{claims}",
                "{algebra} true by algebra, {supported} supported, {refuted} refuted, "
                "{none} without an effect that matters, {undecided} undecided",
            ),
            ("trainings behind them", "{runs:,}", "{hours:.0f} hours of one core"),
        ),
    ),
    "zh": (
        ("测量的是", "这里", "对照"),
        (
            (
                "五个迭代周期后的测试精度（按保存的网络）",
                "{saved}，{seeds} 个随机种子",
                "这一章公布的（一次运行）：0.864",
            ),
            (
                "这一章自己的层和训练循环，在这里运行",
                "{chapter}，{chapter_seeds} 个随机种子",
                "像这一章那样，用移动平均测试",
            ),
            (
                "一个迭代周期的秒数，一个或两个线程，取快的",
                "{own:.1f}",
                "Gluon {gluon:.1f}，PyTorch {torch:.1f}，这一章的代码 {code:.1f}",
            ),
            (
                "对照测量或代数检验过的论断",
                "{claims}",
                "可由代数证明 {algebra}，得到支持 {supported}，被否定 {refuted}，"
                "无实际影响 {none}，未决 {undecided}",
            ),
            ("为此所做的训练", "{runs:,} 次", "单核共 {hours:.0f} 小时"),
        ),
    ),
}


def measured() -> dict[str, Any]:
    """What stands in the braces of :data:`MEASURED`."""
    from d2l_bn.experiments import load
    from d2l_bn.experiments.claims import court
    from d2l_bn.experiments.judgement import Verdict
    from d2l_bn.experiments.statistics import estimate
    from d2l_bn.experiments.studies import study_names

    def text(runs: list[Any], measure: str) -> str:
        mean, margin = estimate(load.by_seed(runs, measure)).bar
        return f"{mean:.3f} ± {margin:.3f}"

    ours = load.select("population", lr=1.0, weigh_alike="examples")
    theirs = load.select("chapter", norm="chapter")
    names = {"own": "own operators", "gluon": "Gluon", "torch": "PyTorch", "code": "chapter"}
    epoch = {key: seconds_an_epoch(name) for key, name in names.items()}
    verdicts = [judgement.verdict for judgement in court.judge().values()]
    kinds = dict(zip(("algebra", "supported", "refuted", "none", "undecided"), Verdict))
    everything = [run for name in study_names() for run in load.records(name)]
    return {
        "saved": text(ours, "test_accuracy_population"),
        "seeds": len(ours),
        "chapter": text(theirs, "test_accuracy_moving"),
        "chapter_seeds": len(theirs),
        **epoch,
        "claims": len(verdicts),
        **{key: verdicts.count(verdict) for key, verdict in kinds.items()},
        "runs": len(everything),
        "hours": sum(run["seconds"] or 0 for run in everything) / 3600,
    }


def seconds_an_epoch(contestant: str) -> float:
    """With its better number of threads."""
    file = (ROOT / "results/benchmark.json").read_text(encoding="utf-8")
    times = [
        median(result["milliseconds_per_batch"][contestant])
        for result in json.loads(file)["by_threads"].values()
    ]
    return min(times) * benchmark.BATCHES_PER_EPOCH / 1000


def measured_table(language: str = "en") -> str:
    """The most telling results, in one table for who sees the project for the first time."""
    from d2l_bn.figures.markdown_table import table

    head, rows = MEASURED[language]
    numbers = measured()
    return table(list(head), [[cell.format(**numbers) for cell in row] for row in rows])
