#!/usr/bin/env python3
"""Make notebooks/GLOSSARY.md from notebooks/glossary.csv, and look for terms that differ from it.

    python scripts/build_glossary.py             # write it, name the terms that differ
    python scripts/build_glossary.py --check     # write nothing

A lesson gives the Chinese of a term once, in parentheses behind it: ``the learning rate (学习率)``.
What stands in “quotation marks”, in a quoted line (``# >``) or in a cell of code is left alone.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from d2l_bn._support.command_line import ArgumentParser, Failure, run

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# Terms, in English and Chinese

The Chinese terms of this course are those of the Chinese book (动手学深度学习), second edition,
where it has the term; where its first edition has another word, it is named. One family of words
is the first edition's all the same: 归一化, for normalization, which the second calls 规范化.

| English | Chinese | first edition | note |
|---|---|---|---|
"""
HAN = "\u4e00-\u9fff"
BEHIND = 80  # characters in front of the parenthesis in which the English term stands


def read_glossary(root: Path = ROOT) -> list[dict[str, str]]:
    """The lines of the glossary: english, chinese, first_edition, note."""
    with open(root / "notebooks" / "glossary.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def page(glossary: list[dict[str, str]]) -> str:
    """The glossary as a table in Markdown."""
    columns = ("english", "chinese", "first_edition", "note")
    lines = ("| " + " | ".join(term[c] or "" for c in columns) + " |" for term in glossary)
    return HEAD + "\n".join(lines) + "\n"


def prose(text: str) -> str:
    """The Markdown of a py:percent source, without quotations, in one line."""
    cells = re.split(r"^# %%", text, flags=re.MULTILINE)
    markdown = [cell for cell in cells if cell.startswith(" [markdown]")] if cells[1:] else cells
    lines = "\n".join(markdown).splitlines()
    kept = (line.removeprefix("#").strip() for line in lines if not line.startswith("# >"))
    return re.sub(rf'“[^”]*”|"[^"{HAN}]*[{HAN}][^"]*"', "“”", re.sub(r"\s+", " ", " ".join(kept)))


def in_parentheses(text: str) -> Iterator[tuple[str, str]]:
    """Each Chinese term in parentheses, with the words in front of it."""
    for match in re.finditer(rf"\(([^()]*[{HAN}][^()]*)\)", prose(text)):
        before = match.string[max(0, match.start() - BEHIND) : match.start()]
        for part in re.split(r"[,;、，；]", match[1]):
            if re.search(f"[{HAN}]", part):
                yield f"{before} {match[1]}", part.strip()


def words(text: str) -> set[str]:
    """The stems of its English words, so that plurals and other forms agree."""
    return {word[:5].lower().removesuffix("s") for word in re.findall(r"[A-Za-z]+", text)}


def differing(text: str, glossary: list[dict[str, str]]) -> list[str]:
    """The Chinese terms of a text that are not the glossary's for the English before them."""
    found = []
    for before, chinese in in_parentheses(text):
        terms = [term["english"] for term in glossary if term["chinese"] == chinese]
        names = " / ".join(terms).split(" / ") if terms else []
        if not any(words(name) <= words(before) for name in names):
            meant = f"is for {' or '.join(names)}" if names else "is not in the glossary"
            found.append(f"… {before[: -len(chinese)][-30:].strip()} ({chinese}) {meant}")
    return found


def old_words(text: str, glossary: list[dict[str, str]]) -> list[str]:
    """Words in a Chinese text that only the first edition has."""
    now = "\n".join(term["chinese"] for term in glossary)
    old = {term["first_edition"]: term["chinese"] for term in glossary}
    return [f"{word} for {new}" for word, new in old.items() if word not in now and word in text]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")


def main(options: argparse.Namespace) -> None:
    glossary, made = read_glossary(), ROOT / "notebooks" / "GLOSSARY.md"
    problems = []
    if not options.check:
        made.write_text(page(glossary), encoding="utf-8")
    elif not made.exists() or made.read_text(encoding="utf-8") != page(glossary):
        problems.append("GLOSSARY.md differs from glossary.csv")
    for source in sorted((ROOT / "notebooks" / "source").glob("*.py")):
        text = source.read_text(encoding="utf-8")
        problems += [f"{source.name}: {found}" for found in differing(text, glossary)]
    if problems:
        raise Failure("\n".join(problems))


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
