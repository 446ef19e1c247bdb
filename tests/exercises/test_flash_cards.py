"""Every flash card points to a section that is there, and the files are what the data say."""

import csv
import json
import re
from pathlib import Path

import build_flash_cards as build
import pytest

from d2l_bn.experiments.claims import court

ROOT = Path(__file__).resolve().parents[2]


cards = json.loads(build.DATA.read_text(encoding="utf-8"))


def test_files_and_pointers_are_right(run):
    status, _, err = run("build_flash_cards.py", "--check")
    assert status == 0, err


def test_all_the_interview_questions_are_there():
    assert {card["row"] for card in cards} == set(range(18, 33))
    assert all(card["question"] and len(card["answer"]) > 30 for card in cards)
    assert len({card["question"] for card in cards}) == len(cards)
    for card in cards:  # and in Chinese, with the same formulas
        assert re.search("[\u4e00-\u9fff]{2}", card["question_zh"] + card["answer_zh"])
        for symbol in ("γ", "√", "m/(m − 1)", "x̂·dγ", "axis=(0, 2, 3)"):
            assert (symbol in card["answer"]) == (symbol in card["answer_zh"]), card["question"]


def test_a_pointer_to_nowhere_is_named():
    lost = {**cards[0], "section": "No such section"}
    gone = {**cards[0], "notebook": "99_gone"}
    assert "has no section 'No such section'" in build.problems([lost])[0]
    assert "which is not there" in build.problems([gone])[0]


def test_a_verdict_on_a_card_is_the_courts():
    """In both languages; and a name that is no claim is named."""
    asked = {name for card in cards for name in re.findall(build.PLACE, card["answer"])}
    assert len(asked) >= 10 and asked <= set(court)
    for card, shown in zip(cards, build.judged(cards)):
        assert re.findall(build.PLACE, card["answer"]) == re.findall(build.PLACE, card["answer_zh"])
        for name in re.findall(build.PLACE, card["answer"]):
            verdict = court[name].judge().verdict
            assert str(verdict) in shown["answer"] and verdict.chinese in shown["answer_zh"]
    with pytest.raises(build.Failure, match="no claim is named 'nobody_said_so'"):
        build.judged([{**cards[0], "answer": "{nobody_said_so}"}])


def test_anki_reads_three_fields():
    with (ROOT / "exercises" / "flash_cards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert [len(row) for row in rows] == [3] * len(cards)
