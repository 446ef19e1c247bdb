"""Make the flash cards from exercises/flash_cards.json: Markdown to read, CSV for Anki.

    python scripts/build_flash_cards.py            # write flash_cards.md and flash_cards.csv
    python scripts/build_flash_cards.py --check    # only say whether they are as the data say

Every answer points to the section of a notebook that shows it. ``{name}`` in an answer stands for
the verdict on that claim of the course, so that no card says another one than the court.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import sys
from pathlib import Path

from d2l_bn._support.command_line import ArgumentParser, Failure, run

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "exercises" / "flash_cards.json"

PLACE = r"\{(\w+)\}"  # of a verdict

OPENING = """\
# Flash cards

Questions that are asked in interviews, and what follows from them, in English and in Chinese.
Answer aloud, then open. `flash_cards.csv` holds the same cards for Anki: question, answer, where it
is shown.
"""
CARD = """
**{question}** {question_zh}

<details><summary>Answer</summary>

{answer}

{answer_zh}

Shown in [{notebook}](../notebooks/{notebook}.ipynb), section “{section}”.

</details>
"""


def sections(notebook: str, root: Path = ROOT) -> list[str]:
    """The headings of a notebook, without their numbers of #."""
    source = (root / "notebooks" / "source" / f"{notebook}.py").read_text(encoding="utf-8")
    return re.findall(r"^# #+ (.*)$", source, flags=re.MULTILINE)


def problems(cards: list[dict], root: Path = ROOT) -> list[str]:
    """Pointers that lead nowhere."""
    found = []
    for card in cards:
        path = root / "notebooks" / "source" / f"{card['notebook']}.py"
        if not path.exists():
            found.append(f"{card['question']!r} points to {card['notebook']}, which is not there")
        elif card["section"] not in sections(card["notebook"], root):
            found.append(f"{card['notebook']} has no section {card['section']!r}")
    return found


def judged(cards: list[dict]) -> list[dict]:
    """The cards with the verdicts in place of the names of claims."""
    from d2l_bn.experiments.claims import court
    from d2l_bn.experiments.judgement import Verdict

    def verdict(name: re.Match) -> Verdict:
        if name[1] not in court:
            raise Failure(f"{DATA.name}: no claim is named {name[1]!r}")
        return court[name[1]].judge().verdict

    def filled(card: dict) -> dict:
        english = re.sub(PLACE, lambda name: str(verdict(name)), card["answer"])
        chinese = re.sub(PLACE, lambda name: verdict(name).chinese, card["answer_zh"])
        return {**card, "answer": english, "answer_zh": chinese}

    return [filled(card) for card in cards]


def markdown(cards: list[dict]) -> str:
    """To be read where Markdown is shown with its <details>."""
    return OPENING + "".join(CARD.format(**card) for card in cards)


def table(cards: list[dict]) -> str:
    """Question, answer and place, a line for each card."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for card in cards:
        place = f"notebook {card['notebook']}, section “{card['section']}”"
        sides = (f"{card[side]}<br>{card[side + '_zh']}" for side in ("question", "answer"))
        writer.writerow([*sides, place])
    return text.getvalue()


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")


def main(options: argparse.Namespace) -> None:
    cards = judged(json.loads(DATA.read_text(encoding="utf-8")))
    found = problems(cards)
    for suffix, text in ((".md", markdown(cards)), (".csv", table(cards))):
        made = DATA.with_suffix(suffix)
        if not made.exists() or made.read_text(encoding="utf-8") != text:
            if options.check:
                found.append(f"{made.name} differs from {DATA.name}")
            else:
                made.write_text(text, encoding="utf-8")
                print(f"wrote {made.name}")
    if found:
        raise Failure("; ".join(found))


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
