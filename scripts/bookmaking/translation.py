"""Texts and notebooks in the language of an edition: English as they are, Chinese by catalogues."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from d2l_bn.language.catalogue import entries

from .places import BOOK, NOTEBOOKS, ROOT

FOLDERS = {"en": "", "zh": "zh_CN"}  # of catalogues


def languages() -> list[str]:
    """Those that have words for what the book makes itself."""
    return [language for language in FOLDERS if (BOOK / f"words.{language}.json").is_file()]


def words(language: str) -> dict[str, Any]:
    """The words of what the book makes itself: buttons, heads of tables."""
    return json.loads((BOOK / f"words.{language}.json").read_text(encoding="utf-8"))


def lesson(notebook: Any, name: str, language: str) -> Any:
    """An executed lesson; what no catalogue has stands in English, and is counted."""
    if language == "en":
        return notebook
    from d2l_bn.language.notebook import chinese_notebook

    made, missed = chinese_notebook(notebook, lesson_cells(name, language), name)
    if missed:
        print(f"  {name}: {len(missed)} texts are not translated ({language})", flush=True)
    return made


def empty_lesson(notebook: Any, name: str, language: str) -> Any:
    """A lesson without outputs, to download."""
    if language == "en":
        return notebook
    from d2l_bn.language.notebook import chinese_cells

    return chinese_cells(notebook, lesson_cells(name, language))[0]


def lesson_cells(name: str, language: str) -> dict[str, str]:
    return found(NOTEBOOKS / "source" / FOLDERS[language] / f"{name}.po")


def exercises(language: str) -> list[Path]:
    """The blank notebooks of the exercises."""
    folder = ROOT / "d2l_bn/exercises/blank"
    return sorted((folder if language == "en" else folder / language).glob("*.ipynb"))


def page(text: str, name: str, language: str) -> str:
    """A page of Markdown, paragraph by paragraph; what no catalogue has stands in English."""
    if language == "en":
        return text
    from d2l_bn.language.markdown import chinese_markdown

    made, missed = chinese_markdown(text, found(BOOK / "pages" / FOLDERS[language] / f"{name}.po"))
    if missed:
        print(f"  {name}: {len(missed)} paragraphs are not translated ({language})", flush=True)
    return made


def html(text: str, language: str) -> str:
    """What the data say, as HTML."""
    if language == "en":
        return text
    from d2l_bn.language.outputs import translated_html

    return translated_html(text)


def markdown(text: str, language: str) -> str:
    """What the data say, as Markdown."""
    if language == "en":
        return text
    from d2l_bn.language.outputs import translated_markdown

    return translated_markdown(text)


def found(path: Path) -> dict[str, str]:
    return entries(path) if path.is_file() else {}
