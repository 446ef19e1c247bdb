"""What the pages show of the data: tables, pictures, a figure."""

from __future__ import annotations

import hashlib
import re
from html import escape
from pathlib import Path
from typing import Any

import build_course_map
import build_glossary
import readme_results

from . import pictures, translation
from .places import NOTEBOOKS, Folder

COLUMNS = ("english", "chinese", "first_edition", "note")
WRAPPED = re.compile(r"(?<=[^\n|])\n(?=[^\n|])")  # a line break within a paragraph
RANDOM = re.compile(r"\b(figure|table)-[0-9a-f]{32}\b")


def raw(html: str) -> str:
    """HTML in a page of Markdown."""
    return f"~~~~{{raw}} html\n{html}\n~~~~"


def lasting(html: str) -> str:
    """The same HTML each time: names of elements from the content, not by chance."""
    name = hashlib.sha256(RANDOM.sub("", html).encode()).hexdigest()[:32]
    return RANDOM.sub(rf"\1-{name}", html)


def figure(name: str, extra: Folder, language: str) -> str:
    """An interactive figure on a page at the top."""
    from d2l_bn import figures

    html = lasting(figures.interactive(name, language=language).html)
    html = pictures.moved_out(html, extra.write, "").replace(' loading="lazy"', "")
    return raw(f'<div class="front-figure">{html}</div>')


def lessons(extra: Folder, language: str) -> str:
    """A card for each lesson: picture, title, what one can after it, time."""
    cards, words = [], translation.words(language)
    for source in build_course_map.lessons(NOTEBOOKS):
        facts = opening(source, language)
        picture = build_course_map.find_picture(source, NOTEBOOKS)
        shown = ""
        if picture:
            name = f"pictures/{picture.name}"
            extra.write(name, picture.read_bytes())
            alt = words["lesson"].format(facts["number"])
            shown = f'<img src="{name}" alt="{alt}" loading="lazy">'
        cards.append(
            f'<li><a href="lessons/{source.stem}.html">{shown}'
            f"<strong>{facts['number']} · {inline(facts['title'])}</strong></a>"
            f"<p>{inline(facts['can'])}</p><p class='time'>{facts['time']}</p></li>"
        )
    return raw(f'<ol class="course-map">{"".join(cards)}</ol>')


def opening(source: Path, language: str) -> dict[str, str]:
    """What a lesson begins with; in English if it is not translated."""
    spoken = language if build_course_map.cells(source, language) else "en"
    return build_course_map.opening(source, spoken)


def inline(text: str) -> str:
    """A line of Markdown as HTML."""
    from markdown_it import MarkdownIt

    return MarkdownIt().renderInline(text)


def repository_table(name: str, language: str) -> str:
    """A table that scripts/readme_results.py makes; its sentences in one line each."""
    return translation.markdown(WRAPPED.sub(" ", readme_results.TABLES[name]()), language)


def court_table(words: dict[str, Any], language: str) -> str:
    """Every claim with its verdict, to be filtered."""
    from d2l_bn.experiments.claims import court
    from d2l_bn.figures import filtered_table

    where, titles = lessons_of_claims(), titles_of_lessons(language)
    head = words["court_head"]
    rows = []
    for name, judgement in court.judge().items():
        claim = judgement.claim
        effects = [f"{test.name}: {test.shown()}" for test in judgement.tests]
        rows.append(
            [
                f"{claim.quote}\n{claim.meaning}".strip(),
                claim.source,
                str(judgement.verdict),
                "\n".join([claim.effect, *effects]),
                titles.get(where.get(name, ""), "–"),
            ]
        )
    html = lasting(filtered_table(head, rows, by=[head[1], head[2], head[4]]).html)
    html = translation.html(html, language)
    for stem, title in titles.items():
        number = title.partition(" ")[0]
        link = f'<a href="lessons/{stem}.html" title="{escape(title)}">{number}</a>'
        html = html.replace(f">{escape(title)}</td>", f">{link}</td>")
    return raw(f'<div class="court">{html}</div>')


def titles_of_lessons(language: str) -> dict[str, str]:
    """From the name of a lesson to its number and title."""
    sources = build_course_map.lessons(NOTEBOOKS)
    openings = {source.stem: opening(source, language) for source in sources}
    return {stem: f"{facts['number']} · {facts['title']}" for stem, facts in openings.items()}


def lessons_of_claims() -> dict[str, str]:
    """For each name that stands in quotes in a lesson, the first lesson that has it."""
    found: dict[str, str] = {}
    for source in build_course_map.lessons(NOTEBOOKS):
        for name in re.findall(r'"(\w+)"', source.read_text(encoding="utf-8")):
            found.setdefault(name, source.stem)
    return found


def glossary(words: dict[str, Any], language: str) -> str:
    """The terms in both languages, with notes in that of the page."""
    lines = [words["glossary_head"], ["---"] * 4]
    for term in build_glossary.read_glossary():
        english, *terms, note = [term[column] or "" for column in COLUMNS]
        shown = english if language == "en" else f'<span lang="en">{english}</span>'
        lines.append([shown, *terms, translation.markdown(note, language)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def machine_choice(words: dict[str, Any]) -> str:
    """Where book.js puts a choice of machines; nothing without it."""
    options = "".join(
        f'<option value="{key}">{name}</option>' for key, name in words["machines"].items()
    )
    return raw(
        f'<p class="machine-choice" hidden><label>{words["my_machine"]} <select>{options}</select>'
        f'</label> <output data-found="{words["machine_found"]}"></output></p>'
    )
