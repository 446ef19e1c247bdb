"""The Chinese edition is whole: nothing untranslated, stale or half English."""

from __future__ import annotations

from pathlib import Path

import build_catalogues
import build_notebooks
import nbclient
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


def test_every_text_is_translated_and_no_translation_is_stale(catalogues):
    found = [line for kept in catalogues.values() for line in build_catalogues.problems(kept)]
    assert not found, "\n".join(["python scripts/build_catalogues.py --check", *found])


def test_no_catalogue_without_a_source(catalogues):
    folders = {kept.path.parent for kept in catalogues.values()}
    files = {path for folder in folders for path in folder.glob("*.po")}
    assert files == {kept.path for kept in catalogues.values() if kept.path.exists()}


def test_a_notebook_in_the_chinese_folder_is_chinese_without_any_setting(monkeypatch):
    monkeypatch.chdir(NOTEBOOKS / "zh")
    assert Path(MARKER).exists() and language() == "zh"


LIVE = [
    "import d2l_bn\nfrom d2l_bn.exercises.predictions import predictions\n"
    "check = predictions('two_momentums')",
    "check('average', None)",
    "print('test accuracy:', 0.5)\nprint('epoch', end='')",
    "from d2l_bn.figures.markdown_table import table\ntable(['layer', 'mean'], [['norm1', 1]])",
    "from d2l_bn import figures\n"
    "figures.show(figures.draw_lines({'with BN': [1, 2]}), alt='Zebras at work')",
    "figures.interactive('lagging_average')",
    "from d2l_bn.language import missed\nmissed()",
]


def test_a_live_session_is_chinese(tmp_path):
    """In the folder's language, without a setting, as a student opens it."""
    (tmp_path / MARKER).write_text("zh\n")
    cells = [nbformat.v4.new_code_cell(cell) for cell in LIVE]
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    _, asked, printed, shown, figure, moving, missed = (cell.outputs for cell in notebook.cells)
    assert "还没有预测" in asked[0].text
    assert printed[0].text == "测试精度：0.5\n迭代周期"
    assert shown[0].data["text/markdown"].startswith("| 层 | 均值 |")
    assert figure[0].metadata["image/png"]["alt"] == "Zebras at work"  # in no catalogue
    assert "移动平均" in moving[0].data["text/html"]
    assert missed[0].data["text/plain"] == "['Zebras at work']"


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
