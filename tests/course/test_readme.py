"""The tables in the README are what the files in results/ say."""

from __future__ import annotations

from pathlib import Path

import readme_results

ROOT = Path(__file__).resolve().parents[2]


def test_tables_are_up_to_date(run):
    status, _, err = run("readme_results.py", "--check")
    assert status == 0, err


def test_a_changed_number_is_noticed():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    loss = f"{readme_results.read_chapter()[0].last.loss:.4f}"
    assert loss in text
    assert readme_results.filled(text.replace(loss, "0.1234")) == text
