"""What the book's tables say of records, claims and terms is Chinese in the Chinese edition."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("sphinx")

from _translation_checks import SENTENCE
from bookmaking import tables, translation

from d2l_bn.language.translation import forget_missed, missed

WORDS = translation.words("zh")
RESULTS = ("claims", "chapter", "normalizers", "speed", "runs")
# of programs, and what says that it is English
SILENT = re.compile(
    r'<script.*?</script>|<span lang="en">.*?</span>|<[^>]*>|`[^`]*`|\([^()]*\)', re.DOTALL
)
MADE = {
    **{name: lambda name=name: tables.repository_table(name, "zh") for name in RESULTS},
    "court": lambda: tables.court_table(WORDS, "zh"),
    "glossary": lambda: tables.glossary(WORDS, "zh"),
}


@pytest.mark.parametrize("name", MADE)
def test_no_text_of_a_table_is_without_a_translation(name):
    forget_missed()
    made = MADE[name]()
    assert missed() == []
    shown = SILENT.sub("|", made)
    assert [found[0] for found in SENTENCE.finditer(shown)] == []


def test_every_lesson_of_the_court_is_named_and_linked():
    for language, title in (("en", "Weight decay with batch normalization"), ("zh", "权重衰减")):
        made = tables.court_table(translation.words(language), language)
        assert re.search(f'data-value="14 · [^"]*{title}"', made)
        assert '<a href="lessons/14_weight_decay.html" title="14 · ' in made
        assert not re.search(r">\d+ · [^<]*</td>", made)


def test_a_sentence_over_two_lines_is_translated_whole():
    wrapped = tables.WRAPPED.sub(" ", "a sentence of\ntwo lines\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    assert wrapped == "a sentence of two lines\n\n| a | b |\n|---|---|\n| 1 | 2 |"
