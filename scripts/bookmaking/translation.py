"""Texts and notebooks in the language of an edition: English as they are, others by catalogues."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from .places import BOOK, NOTEBOOKS

CATALOGUES = {"zh": "zh_CN"}


def languages() -> list[str]:
    """English, and what there are catalogues of lessons and of the book's own words for."""
    found = [
        language
        for language, folder in CATALOGUES.items()
        if (BOOK / f"words.{language}.json").is_file()
        and any((NOTEBOOKS / "source" / folder).glob("*.po"))
    ]
    return ["en", *found]


def words(language: str) -> dict[str, Any]:
    """The words of what the book makes itself: buttons, heads of tables."""
    return json.loads((BOOK / f"words.{language}.json").read_text(encoding="utf-8"))


def notebook(made: Any, name: str, language: str) -> Any:
    """A notebook, with outputs or without, in this language."""
    if language == "en":
        return made
    from d2l_bn.language import chinese_notebook

    catalogue = NOTEBOOKS / "source" / CATALOGUES[language] / f"{name}.po"
    return chinese_notebook(copy.deepcopy(made), catalogue)


def exercise(made: Any, name: str, language: str) -> Any:
    """The notebook of an exercise in this language."""
    if language == "en":
        return made
    from d2l_bn.language import chinese_notebook

    return chinese_notebook(made, catalogue(f"exercise_{name}", language))


def page(text: str, name: str, language: str) -> str:
    """A page of Markdown in this language, paragraph by paragraph."""
    if language == "en":
        return text
    from d2l_bn.language import chinese_markdown

    return chinese_markdown(text, catalogue(name, language))


def catalogue(name: str, language: str) -> Path:
    return BOOK / "pages" / CATALOGUES[language] / f"{name}.po"
