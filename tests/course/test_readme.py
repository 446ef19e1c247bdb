"""The tables in the README are what the files in results/ say."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def readme_results(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    yield importlib.import_module("readme_results")
    for name in ("readme_results", "benchmark"):
        sys.modules.pop(name, None)


def test_tables_are_up_to_date(readme_results):
    assert readme_results.main(["--check"]) == 0


def test_a_changed_number_is_noticed(readme_results):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    loss = f"{readme_results.read_chapter()[0].last.loss:.4f}"
    assert loss in text
    assert readme_results.filled(text.replace(loss, "0.1234")) == text
