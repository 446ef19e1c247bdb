"""Printed lines, tables and HTML in Chinese; a whole notebook."""

from __future__ import annotations

import io

import nbformat
import pytest

from d2l_bn.language import notebook
from d2l_bn.language.catalogue import Catalogue
from d2l_bn.language.live import TranslatedLines
from d2l_bn.language.notebook import chinese_notebook
from d2l_bn.language.outputs import (
    translated_bundle,
    translated_html,
    translated_lines,
    translated_markdown,
)

WORDS = {"layer": "层", "mean": "均值", "the loss": "损失", "all": "全部", "supported": "支持"}


def translate(text):
    return WORDS.get(text, f"?{text}?")


def test_columns_stay_below_each_other():
    assert translated_lines("layer     mean    x1\nnorm1     0.25    1", translate) == (
        "层        均值    x1\nnorm1     0.25    1"
    )
    assert translated_lines("  the loss\n\n", translate) == "  损失\n\n"


def test_a_table_in_markdown():
    text = "| layer | of $a|b$ |\n|---|---|\n| norm1 | the loss<br>0.5 |"
    assert translated_markdown(text, translate).splitlines()[0].startswith("| 层 |")
    assert translated_markdown(text, translate).splitlines()[1:] == [
        "|---|---|",
        "| norm1 | 损失<br>0.5 |",
    ]
    assert translated_markdown(r"| a \| b | layer |", translate) == r"| a \| b | 层 |"
    assert translated_markdown("```python\nlayer\n```\nlayer", translate) == (
        "```python\nlayer\n```\n层"
    )


def test_what_is_said_in_two_languages_is_said_once():
    both = Catalogue({"the loss falls": "损失下降"})
    said = "| 损失下降<br>*the loss falls* | 1 |"
    assert translated_markdown(said, lambda text: both.find(text.strip("*")) or text) == (
        "| 损失下降 | 1 |"
    )


def test_html_words_and_no_scripts():
    html = (
        '<table title="mean"><th>layer</th><td data-value="all"> the loss &amp; x</td></table>'
        "<script>const mean = 'the loss'</script>"
    )
    made = translated_html(html, lambda text: WORDS.get(text, "损失 & x"))
    assert made == (
        '<table title="均值"><th>层</th><td data-value="全部"> 损失 &amp; x</td></table>'
        "<script>const mean = 'the loss'</script>"
    )


def test_the_kinds_of_one_value_agree():
    table = "| layer |\n|---|\n| norm1 |"
    made = translated_bundle({"text/markdown": table, "text/plain": table}, translate)
    assert made["text/markdown"] == made["text/plain"] == "| 层 |\n|---|\n| norm1 |"
    assert translated_bundle({"image/png": "layer"}, translate) == {"image/png": "layer"}


def test_a_stream_translates_whole_lines():
    stream = io.StringIO()
    lines = TranslatedLines(stream, translate)
    print("the", end=" ", file=lines)
    assert stream.getvalue() == ""
    print("loss\nlayer\nme", end="", file=lines)
    assert stream.getvalue() == "损失\n层\n"
    print("an", end="", file=lines, flush=True)
    assert stream.getvalue() == "损失\n层\n均值"


def output(kind, **fields):
    return nbformat.v4.new_output(kind, **fields)


@pytest.fixture
def executed(monkeypatch):
    monkeypatch.setattr(notebook, "catalogue", lambda lesson: Catalogue(WORDS))
    cell = nbformat.v4.new_code_cell("x = 'the loss'  # the loss")
    cell.outputs = [
        output("stream", name="stdout", text="the loss: 0.5\na gain\n"),
        output("stream", name="stderr", text="the loss"),
        output("execute_result", data={"text/markdown": "| layer |\n|---|"}),
        output(
            "display_data",
            data={"text/html": "<img>", "image/png": "EN", "text/plain": "Figure: mean"},
            metadata={
                "image/png": {"alt": "mean"},
                "d2l_bn": {
                    "zh": {"text/html": "<img zh>", "image/png": "ZH", "text/plain": "均值"},
                    "texts": ["mean", "a label", "0.5"],
                },
            },
        ),
    ]
    markdown = [nbformat.v4.new_markdown_cell(text) for text in ("# A loss", "$x$", "A gain.")]
    return nbformat.v4.new_notebook(cells=[markdown[0], cell, *markdown[1:]])


def test_an_executed_notebook(executed):
    english = nbformat.writes(executed)
    made, missed = chinese_notebook(executed, {"# A loss": "# 损失"})
    assert nbformat.writes(executed) == english  # the English one stays as it is
    nbformat.validate(made)
    assert [cell.source for cell in made.cells] == [
        "# 损失",
        "x = 'the loss'  # the loss",
        "$x$",
        "A gain.",
    ]
    printed, error, table, figure = made.cells[1].outputs
    assert printed.text == "损失：0.5\na gain\n" and error.text == "the loss"
    assert table.data["text/markdown"] == "| 层 |\n|---|"
    assert figure.data == {"text/html": "<img zh>", "image/png": "ZH", "text/plain": "均值"}
    assert figure.metadata == {"image/png": {"alt": "均值"}}
    assert missed == ["A gain.", "a gain", "a label"]
