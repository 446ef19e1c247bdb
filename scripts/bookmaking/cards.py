"""The flash cards: as a page to flip through, and as a deck for Anki."""

from __future__ import annotations

import hashlib
import json
import tempfile
from html import escape
from pathlib import Path
from typing import Any

import build_flash_cards

from .places import BUILD
from .tables import raw

DECK, MODEL = 1_503_021_670, 1_503_021_671  # Anki knows decks by number; these must never change


def cards(language: str) -> list[dict[str, str]]:
    """Question, answer, lesson and section, with the court's verdicts; by lesson."""
    data = json.loads(build_flash_cards.DATA.read_text(encoding="utf-8"))
    end = "_zh" if language == "zh" else ""
    return [
        {
            "question": card[f"question{end}"],
            "answer": card[f"answer{end}"],
            "notebook": card["notebook"],
            "section": card["section"],
        }
        for card in sorted(build_flash_cards.judged(data), key=lambda card: card["notebook"])
    ]


def page(words: dict[str, Any], language: str) -> str:
    """Every card as a question to open; book.js shows one at a time."""
    shown = [
        f'<details class="card" data-lesson="{card["notebook"][:2]}">'
        f"<summary>{escape(card['question'])}</summary><div><p>{escape(card['answer'])}</p>"
        f'<p class="where"><a href="lessons/{card["notebook"]}.html">'
        f"{words['lesson'].format(int(card['notebook'][:2]))}</a></p></div></details>"
        for card in cards(language)
    ]
    texts = escape(json.dumps(words["cards"], ensure_ascii=False))
    return raw(f'<div class="cards" data-words="{texts}">\n{chr(10).join(shown)}\n</div>')


def link(words: dict[str, Any]) -> str:
    """Where the deck is."""
    return raw(f'<p><a href="downloads/flash_cards.apkg" download>{words["deck"]}</a></p>')


def deck(words: dict[str, Any], language: str) -> bytes:
    """A package that Anki imports; made once for the same cards, since its bytes hold the time."""
    import genanki

    contents = cards(language)
    digest = hashlib.sha256(json.dumps([contents, words["title"]]).encode()).hexdigest()[:16]
    made = BUILD / "decks" / f"{digest}.apkg"
    if made.is_file():
        return made.read_bytes()
    model = genanki.Model(
        MODEL + (language == "zh") * 2,
        "d2l_bn",
        fields=[{"name": name} for name in ("Question", "Answer", "Where")],
        templates=[
            {
                "name": "Card",
                "qfmt": "{{Question}}",
                "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}<p><small>{{Where}}</small></p>",
            }
        ],
    )
    found = genanki.Deck(DECK + (language == "zh") * 2, words["title"])
    for card in contents:
        where = f"{card['notebook']}: {card['section']}"
        fields = [escape(text) for text in (card["question"], card["answer"], where)]
        found.add_note(genanki.Note(model, fields, guid=genanki.guid_for(card["question"])))
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "deck.apkg")
        genanki.Package(found).write_to_file(package)
        content = package.read_bytes()
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_bytes(content)
    return content
