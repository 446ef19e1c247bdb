"""A figure is drawn with all its words in Chinese, and with a font that has the characters."""

from __future__ import annotations

import matplotlib

matplotlib.use("Agg")

import sys
import warnings

import pytest
from matplotlib import pyplot as plt
from matplotlib.font_manager import FontProperties, findfont, get_font

from d2l_bn import figures
from d2l_bn.figures import chinese
from d2l_bn.figures.chinese import chinese_font, in_chinese, words_of
from d2l_bn.figures.explorables import interactive
from d2l_bn.figures.explorables.folder import languages, names, texts
from d2l_bn.figures.show import png
from d2l_bn.language.catalogue import PLACEHOLDER
from d2l_bn.language.choice import VARIABLE

WORDS = {
    "the title": "标题",
    "over all": "总标题",
    "x axis": "横轴",
    "y axis": "纵轴",
    "with BN": "有 BN",
    "without": "没有",
    "a line": "一条线",
    "a note $x^2$": "注释 $x^2$",
    "bar": "色条",
}
needs_font = pytest.mark.skipif(chinese_font() is None, reason="no font with Chinese characters")


@pytest.fixture
def figure():
    left, right = figures.new_axes(2)
    fig = left.figure
    left.bar(["with BN", "without"], [-1, 2], label="a line")
    left.set(title="the title", xlabel="x axis", ylabel="y axis")
    left.legend()
    right.annotate("a note $x^2$", (0, 0))
    fig.colorbar(right.imshow([[0, 1], [2, 3]])).set_label("bar")
    fig.suptitle("over all")
    yield fig
    plt.close("all")


@needs_font
def test_every_word_is_drawn_in_chinese_and_back(figure):
    english, before = words_of(figure), png(figure)[0]
    assert set(WORDS) <= set(english)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a character that no font has
        with in_chinese(figure, lambda text: WORDS.get(text, text)):
            shown, drawn = words_of(figure), png(figure)[0]
    assert set(WORDS.values()) <= set(shown) and not set(WORDS) & set(shown)
    assert "−1.0" in shown  # numbers stay, with their minus sign
    assert drawn != before
    assert words_of(figure) == english and png(figure)[0] == before


@needs_font
def test_the_font_has_what_chinese_textbooks_write():
    font = get_font(findfont(FontProperties(family=chinese_font())))
    assert all(font.get_char_index(ord(char)) for char in "批量归一化：损失，精度。“1 a”（−）")


def test_without_a_font_it_stays_english_with_one_note(figure, monkeypatch, capsys):
    monkeypatch.setattr(chinese, "chinese_font", lambda: None)
    chinese._note_once.cache_clear()
    png(figure)  # the layout comes to rest
    before = png(figure)[0]
    for _ in range(2):
        with in_chinese(figure, lambda text: "汉"):
            assert png(figure)[0] == before
    assert capsys.readouterr().out.count("没有找到中文字体") == 1


@needs_font
def test_show_puts_the_second_language_into_the_metadata(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, **more: shown.append((data, more)))
    show = sys.modules["d2l_bn.figures.show"]  # the function has its name
    monkeypatch.setattr(show, "_in_notebook", lambda: True)
    monkeypatch.setenv(VARIABLE, "en,zh")
    figures.show(figures.draw_lines({"test accuracy": [1, 2]}), alt="not in a catalogue")
    (data, more) = shown.pop()
    ours = more["metadata"]["d2l_bn"]
    assert "not in a catalogue" in data["text/html"] and set(ours["zh"]) == set(data)
    assert {"not in a catalogue", "test accuracy"} <= set(ours["texts"])
    assert ours["zh"]["image/png"] != data["image/png"]  # the legend

    monkeypatch.setenv(VARIABLE, "zh")
    figures.show(figures.draw_lines({"test accuracy": [1, 2]}), alt="not in a catalogue")
    assert shown.pop()[0]["image/png"] == ours["zh"]["image/png"]


def test_interactive_figures_speak_the_readers_language(monkeypatch):
    name = "lagging_average"
    assert interactive(name).texts == texts(name, "en")
    monkeypatch.setenv(VARIABLE, "zh")
    assert interactive(name).texts == texts(name, "zh")
    monkeypatch.setenv(VARIABLE, "en,zh")
    data, metadata = interactive(name)._repr_mimebundle_()
    assert texts(name, "zh")["alt"] in metadata["d2l_bn"]["zh"]["text/html"]
    assert texts(name, "en")["alt"] in data["text/html"]


@pytest.mark.parametrize("name", names())
def test_every_interactive_figure_says_the_same_in_both(name):
    assert languages(name) == ["en", "zh"]
    english, translated = texts(name, "en"), texts(name, "zh")
    assert set(english) == set(translated)
    for key, text in english.items():
        if translated[key]:  # empty: what only the English needs, such as a meaning in English
            assert placeholders(text) == placeholders(translated[key]), key


def placeholders(text):
    return {found[2] for found in PLACEHOLDER.finditer(text) if found[2]}
