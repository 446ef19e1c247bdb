"""One Chinese word for one term, in every lesson, exercise and flash card."""

from __future__ import annotations

import json
from pathlib import Path

import build_glossary
import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = build_glossary.read_glossary()
SOURCES = [
    *sorted((ROOT / "notebooks" / "source").glob("*.py")),
    *sorted((ROOT / "exercises" / "source").glob("*/*.py")),
    *(ROOT / name for name in ("README.md", "exercises/README.md")),
]
TERMS = [
    {"english": "dropout", "chinese": "暂退法", "first_edition": "丢弃法"},
    {"english": "axis / axes", "chinese": "轴", "first_edition": ""},
    {"english": "bias correction", "chinese": "偏差修正", "first_edition": ""},
    {"english": "bias", "chinese": "偏置", "first_edition": "偏差"},
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_terms_are_the_glossarys(source):
    found = build_glossary.differing(source.read_text(encoding="utf-8"), GLOSSARY)
    assert found == []


def test_the_flash_cards_have_no_words_of_the_first_edition():
    cards = json.loads((ROOT / "exercises" / "flash_cards.json").read_text(encoding="utf-8"))
    text = "\n".join(card["question_zh"] + card["answer_zh"] for card in cards)
    assert build_glossary.old_words(text, GLOSSARY) == []


def test_the_page_is_what_the_glossary_says():
    made = (ROOT / "notebooks" / "GLOSSARY.md").read_text(encoding="utf-8")
    assert made == build_glossary.page(GLOSSARY)
    names = [term["english"] for term in GLOSSARY]
    assert names == sorted(names, key=str.lower)
    assert len({(term["english"], term["chinese"]) for term in GLOSSARY}) == len(GLOSSARY)


@pytest.mark.parametrize(
    "text",
    [
        "dropout (暂退法)",
        "the *axes* (轴)",
        "two axes (of NCHW, 轴)",
        "it says (“丢弃法”)",
        "# %%\nfloat('1')  # dropout (丢弃法)\n",
        "# %% [markdown]\n# > the source's dropout (丢弃法)\n",
    ],
)
def test_what_agrees_with_the_glossary(text):
    assert build_glossary.differing(text, TERMS) == []


@pytest.mark.parametrize(
    "text, reason",
    [
        ("dropout (丢弃法)", "is not in the glossary"),
        ("# %% [markdown]\n# a long\n# axis (暂退法)\n", "is for dropout"),
        ("dropout (暂退法, 随机失活)", "(随机失活) is not in the glossary"),
    ],
)
def test_what_differs_is_named(text, reason):
    (found,) = build_glossary.differing(text, TERMS)
    assert found.endswith(reason)


def test_old_words():
    assert build_glossary.old_words("丢弃法", TERMS) == ["丢弃法 for 暂退法"]
    assert build_glossary.old_words("暂退法与偏差修正", TERMS) == []
