"""The Chinese edition is whole: nothing untranslated, stale or half English."""

from __future__ import annotations

from pathlib import Path

import build_catalogues
import build_notebooks
import nbformat
import pytest
from _catalogue_record import executed

from d2l_bn.figures.chinese import chinese_font
from d2l_bn.language.catalogue import entries
from d2l_bn.language.choice import MARKER, language
from d2l_bn.language.notebook import chinese_notebook

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
QUICK = "14_weight_decay"  # the lesson that takes least time


@pytest.fixture(scope="module")
def catalogues():
    return build_catalogues.catalogues()


@pytest.mark.parametrize(
    "source", sorted((NOTEBOOKS / "source").glob("*.py")), ids=lambda p: p.stem
)
def test_a_lesson_has_a_chinese_notebook_with_the_same_code(source):
    english = nbformat.reads(build_notebooks.notebook_text(source), as_version=4)
    made = nbformat.read(NOTEBOOKS / "zh" / f"{source.stem}.ipynb", as_version=4)
    code = [
        [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        for notebook in (english, made)
    ]
    assert code[0] == code[1]


def test_no_catalogue_without_a_source(catalogues):
    folders = {kept.path.parent for kept in catalogues.values()}
    files = {path for folder in folders for path in folder.glob("*.po")}
    assert files == {kept.path for kept in catalogues.values() if kept.path.exists()}


def test_a_notebook_in_the_chinese_folder_is_chinese_without_any_setting(monkeypatch):
    monkeypatch.chdir(NOTEBOOKS / "zh")
    assert Path(MARKER).exists() and language() == "zh"


@pytest.mark.slow
@pytest.mark.skipif(chinese_font() is None, reason="no font with Chinese characters")
def test_an_executed_lesson_says_nothing_in_english():
    cells = entries(NOTEBOOKS / "source" / "zh_CN" / f"{QUICK}.po")
    english = executed(QUICK)
    made, missed = chinese_notebook(english, cells, QUICK)
    assert missed == []
    figures = [
        (before.data["image/png"], after.data["image/png"])
        for cell, chinese in zip(english.cells, made.cells)
        if cell.cell_type == "code"
        for before, after in zip(cell.outputs, chinese.outputs)
        if "image/png" in before.get("data", {})
    ]
    assert len(figures) > 3 and all(before != after for before, after in figures)
