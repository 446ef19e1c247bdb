"""Texts are found whole, with placeholders, by their parts; what is not known stays, noted."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2l_bn.language.catalogue import Catalogue, pattern
from d2l_bn.language.choice import MARKER, VARIABLE, language, second_languages
from d2l_bn.language.translation import translated

ZH = Catalogue(
    {
        "the loss": "损失",
        "the accuracy": "精度",
        "with BN": "有 BN",
        "after batch {0}: {error}": "第 {0} 批之后：{error}",
        "{0} of {1} runs": "{1} 次运行中的 {0} 次",
        "Right: {what} is {shown}.": "对：{what}是 {shown}。",
        "Not yet: {what} is not {shown}.": "还不对：{what}不是 {shown}。",
        "Count axis 0. Then axis 1.": "先数轴 0，再数轴 1。",
        "Try once more.": "再试一次。",
        "a slope of $x^{2}$": "$x^{2}$ 的斜率",
        "bars:\nof {0} seeds": "误差线：\n{0} 个随机种子",
    }
)
FOUND = {
    "the loss": "损失",
    "The loss": "损失",
    "the  loss": "损失",
    "after batch 1,250: the loss": "第 1,250 批之后：损失",
    "after batch -3.5e-07: with BN": "第 -3.5e-07 批之后：有 BN",
    "3 of 10 runs": "10 次运行中的 3 次",
    "the loss: 0.25": "损失：0.25",
    "norm1: the loss": "norm1：损失",
    "with BN (n = 6)": "有 BN (n = 6)",
    "**the loss**": "**损失**",
    "the loss (the accuracy)": "损失（精度）",
    "the loss; the accuracy": "损失；精度",
    "Right: the loss is 3. Count axis 0. Then axis 1.": "对：损失是 3。先数轴 0，再数轴 1。",
    "Not yet: the loss is not 0.5. Count axis 0. Then axis 1. Try once more.": (
        "还不对：损失不是 0.5。先数轴 0，再数轴 1。再试一次。"
    ),
    "a slope of $x^{2}$": "$x^{2}$ 的斜率",
    "bars:\nof 8 seeds": "误差线：\n8 个随机种子",
    "the loss\nthe accuracy": "损失\n精度",
    "norm1": "norm1",
    "(32, 6, 24, 24)": "(32, 6, 24, 24)",
    "X.mean(axis=(0, 1)) = 3": "X.mean(axis=(0, 1)) = 3",
}


@pytest.mark.parametrize("text", FOUND)
def test_a_text_is_found(text):
    missing: dict[str, None] = {}
    assert translated(text, ZH, missing) == FOUND[text]
    assert not missing


def test_what_no_catalogue_has_stays_and_is_noted():
    missing: dict[str, None] = {}
    assert translated("the gain of the loss", ZH, missing) == "the gain of the loss"
    assert translated("after batch 3: the gain", ZH, missing) == "第 3 批之后：the gain"
    assert list(missing) == ["the gain of the loss", "the gain"]


def test_a_number_is_no_word_and_a_formula_no_placeholder():
    assert pattern("{0} runs").fullmatch("many runs") is None
    assert pattern("x^{2}").fullmatch("x^3") is not None  # outside a formula it is one
    assert pattern("$x^{2}$").fullmatch("$x^3$") is None


@given(st.text())
def test_a_text_without_an_entry_is_unchanged(text):
    assert translated(text, Catalogue({}), {}) == text


@given(st.floats(), st.integers(0), st.sampled_from(["{:.3g}", "{:.2f}", "{:+.4f}", "{:.1e}"]))
def test_numbers_survive(number, count, how):
    shown = how.format(number)
    assert translated(f"after batch {count:,}: {shown}", ZH) == f"第 {count:,} 批之后：{shown}"
    assert translated(f"{shown} of {count} runs", ZH) == f"{count} 次运行中的 {shown} 次"


@given(st.lists(st.sampled_from([text for text in FOUND if "\n" not in text]), max_size=4))
def test_lines_are_translated_one_by_one(lines):
    assert translated("\n".join(lines), ZH, {}) == "\n".join(FOUND[line] for line in lines)


def test_the_reader_chooses(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert (language(), second_languages()) == ("en", ())
    (tmp_path / MARKER).write_text("zh\n")
    assert language() == "zh"
    monkeypatch.setenv(VARIABLE, "en, zh")
    assert (language(), second_languages()) == ("en", ("zh",))
    monkeypatch.setenv(VARIABLE, "fr")
    with pytest.raises(ValueError, match=f"{VARIABLE} is 'fr'; expected en or zh"):
        language()


def test_in_english_nothing_is_loaded_and_nothing_replaced():
    program = """
import sys
before = sys.stdout
import d2l_bn
from d2l_bn import figures
figures.show(figures.draw_lines({"a": [1, 2]}), alt="a line")
assert sys.stdout is before
assert not {"polib", "d2l_bn.language.live", "d2l_bn.figures.chinese"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_command_speaks_chinese(run, monkeypatch):
    monkeypatch.setenv(VARIABLE, "zh")
    status, out, _ = run("d2l-bn exercise")
    assert status == 0 and len(out.splitlines()) == 7
    assert all(re.search("[\u4e00-\u9fff]", line) for line in out.splitlines())
    assert not hasattr(sys.stdout, "_begun")  # and gives the output back


def test_what_stands_in_quotes_is_translated_if_all_of_it_is_known():
    zh = Catalogue({"A first.": "甲。", "A second.": "乙。", "Alive: {names}.": "活着：{names}。"})
    assert translated("Alive: “A first.”, “A second.”.", zh) == "活着：“甲。”、“乙。”。"
    assert translated("“A first.”, “Something else.”", zh) == "“A first.”, “Something else.”"
