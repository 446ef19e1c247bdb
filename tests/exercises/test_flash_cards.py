"""Every flash card points to a section that is there, and the files are what the data say."""

import csv
import importlib.util
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load_script():
    path = ROOT / "scripts" / "build_flash_cards.py"
    spec = importlib.util.spec_from_file_location("build_flash_cards", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load_script()
cards = json.loads(build.DATA.read_text(encoding="utf-8"))


def test_files_and_pointers_are_right(capsys):
    assert build.main(["--check"]) == 0, capsys.readouterr().err


def test_all_the_interview_questions_are_there():
    assert {card["row"] for card in cards} == set(range(18, 33))
    assert all(card["question"] and len(card["answer"]) > 30 for card in cards)
    assert len({card["question"] for card in cards}) == len(cards)


def test_a_pointer_to_nowhere_is_named():
    lost = {**cards[0], "section": "No such section"}
    gone = {**cards[0], "notebook": "99_gone"}
    assert "has no section 'No such section'" in build.problems([lost])[0]
    assert "which is not there" in build.problems([gone])[0]


def test_anki_reads_three_fields():
    with (ROOT / "exercises" / "flash_cards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert [len(row) for row in rows] == [3] * len(cards)
