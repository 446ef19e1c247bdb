"""All that Sphinx reads for a language: pages of Markdown with what the data say, and the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from . import api, cards, places, tables, translation
from .lessons import with_bar, write_lessons
from .places import BOOK, BORROWED, ROOT, Folder

PLACE = re.compile(r"^<!-- place: (?P<name>\w+) ?(?P<argument>\w*) -->$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)\s]+)\)")

#: files that the borrowed pages link to, and the pages in their place
TARGETS = {
    "INSTRUCTORS.md": "instructors",
    "../exercises/README.md": "exercises/index",
    "../notebooks/README.md": "map",
    "flash_cards.md": "cards",
    "GLOSSARY.md": "glossary",
}
TREE = (
    ("map", "install", "run", "package"),
    ("lessons/*",),
    ("exercises/index", "cards", "court"),
    ("measured", "glossary", "api/index", "instructors", "changelog"),
)


def write_all(executed: dict[str, Any], language: str) -> None:
    """Write what has changed of the sources of a language, and remove what is no more."""
    folder, extra = Folder(places.source(language)), Folder(places.extra(language))
    words = translation.words(language)
    makers = {
        "figure": lambda name: tables.figure(name, extra, language),
        "lessons": lambda _: tables.lessons(extra, language),
        "glossary": lambda _: tables.glossary(words, language),
        "court": lambda _: tables.court_table(words, language),
        "verdicts": lambda _: tables.repository_table("claims", language),
        "table": lambda name: tables.repository_table(name, language),
        "contents": lambda _: contents(words),
        "cards": lambda _: cards.page(words, language),
        "deck": lambda _: cards.link(words),
        "machine_choice": lambda _: tables.machine_choice(words),
        "public_names": lambda _: api.public_names(),
        "rooms": lambda _: api.rooms(),
    }
    for path in sorted((BOOK / "pages").glob("*.md")):
        text = translation.page(path.read_text(encoding="utf-8"), path.stem, language)
        name = "api/index" if path.stem == "api" else path.stem
        folder.write(f"{name}.md", filled(text, makers))
    for name, origin in BORROWED.items():
        text = (ROOT / origin).read_text(encoding="utf-8")
        text = translation.page(text, name.replace("/", "_"), language)
        text = linked(text, name)
        if name == "exercises/index":
            text += exercises_in_order()
        folder.write(f"{name}.md", text)
    write_exercises(folder, extra, language)
    write_lessons(executed, folder, extra, language)
    api.write_api(folder)
    extra.write("downloads/flash_cards.apkg", cards.deck(words, language))
    folder.remove_others()
    extra.remove_others()


def contents(words: dict[str, Any]) -> str:
    """The tree of pages beside each page, under its captions."""
    return "\n\n".join(
        "\n".join(["```{toctree}", ":hidden:", ":glob:", f":caption: {caption}", "", *found, "```"])
        for caption, found in zip(words["captions"], TREE)
    )


def exercises_in_order() -> str:
    """The list of the exercises for the side of the page, by their numbers."""

    def number(path: Path) -> int:
        return int(re.search(r"# Exercise (\d+)", path.read_text(encoding="utf-8"))[1])

    names = [path.stem for path in sorted(translation.exercises("en"), key=number)]
    return "\n".join(["", "```{toctree}", ":hidden:", "", *names, "```", ""])


def filled(text: str, makers: dict[str, Callable[[str], str]]) -> str:
    """A page with what the data say in its places."""
    return PLACE.sub(lambda place: makers[place["name"]](place["argument"]), text)


def linked(text: str, page: str) -> str:
    """A borrowed page with its links to files made links to pages.

    Raises:
        ValueError: a file that the book does not have.
    """
    up = "../" * page.count("/")

    def target(found: re.Match) -> str:
        if found[1] not in TARGETS:
            raise ValueError(f"{page}: no page of the book is {found[1]}; name it in TARGETS")
        return f"]({up}{TARGETS[found[1]]})"

    return LINK.sub(target, text)


def write_exercises(folder: Folder, extra: Folder, language: str) -> None:
    """The blank notebooks, as pages and to download."""
    words = translation.words(language)
    for path in translation.exercises(language):
        notebook = nbformat.read(path, as_version=4)
        extra.write(f"downloads/exercises/{path.name}", nbformat.writes(notebook) + "\n")
        target = f"../downloads/exercises/{path.name}"
        link = f'<a href="{target}" download>{words["download_exercise"]}</a>'
        check = f"<code>d2l-bn check {path.stem} {path.name}</code>"
        commands = f"{link}<span>{words['check_by']} {check}</span>"
        with_bar(notebook, f'<p class="lesson-bar">{commands}</p>')
        folder.write(f"exercises/{path.name}", nbformat.writes(notebook) + "\n")
