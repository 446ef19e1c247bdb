"""The tables in the README are what the files in results/ say."""

from __future__ import annotations

from pathlib import Path

import readme_results

from d2l_bn.experiments import load
from d2l_bn.experiments.statistics import estimate

ROOT = Path(__file__).resolve().parents[2]


def test_tables_are_up_to_date(run):
    status, _, err = run("readme_results.py", "--check")
    assert status == 0, err


def test_a_changed_number_is_noticed():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    accuracy = estimate(load.by_seed("population", "test_accuracy", **readme_results.CHAPTER[0][2]))
    number = f"{accuracy.mean:.3f} ± {accuracy.margin:.3f}"
    assert number in text
    assert readme_results.filled(text.replace(number, "0.123 ± 0.456")) == text
