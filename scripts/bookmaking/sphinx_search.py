"""The search in Chinese: the glossary's terms are words, and English ones lose their endings."""

from __future__ import annotations

import csv
from typing import Any

from .places import BUILD, NOTEBOOKS, write

WORDS = BUILD / "search_words.txt"


def words() -> list[str]:
    """The Chinese terms of the glossary, also those of the first edition."""
    with open(NOTEBOOKS / "glossary.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    found = {line[column] for line in lines for column in ("chinese", "first_edition")}
    return sorted(term for term in found if term and " " not in term)


def prepare(app: Any, config: Any) -> None:
    if not config.language.startswith("zh"):
        return
    import jieba
    from sphinx.search.zh import SearchChinese

    jieba.setLogLevel("WARNING")
    write(WORDS, "".join(f"{word}\n" for word in words()))
    config.html_search_options = {"dict": str(WORDS)}
    # Sphinx 9.0 brings the English stemmer and calls it by the name of the language
    SearchChinese.language_name = "English"


def setup(app: Any) -> dict[str, Any]:
    app.connect("config-inited", prepare)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
