r"""What a cell prints and shows, in Chinese: lines, tables in Markdown and HTML."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html import escape, unescape
from typing import Any

from .translation import translated
from .words import has_words

__all__ = ["translated_bundle", "translated_html", "translated_lines", "translated_markdown"]

Translate = Callable[[str], str]

GAP = re.compile(r"( {2,}|\t+)(?![^\[\n]*\])")  # but not within an array
ESCAPED_BAR = r"(?<!\\)\|"
BREAK = re.compile(r"(<br\s*/?>)")
HTML_PART = re.compile(r"(<script\b.*?</script>|<style\b.*?</style>|<[^>]*>)", re.DOTALL)
WORDS_OF_TAG = re.compile(r'(\s(?:alt|title|aria-label|data-value|data-words)=")([^"]*)(")')


def translated_lines(text: str, translate: Translate = translated) -> str:
    r"""Printed text, line by line; columns stay below each other.

    >>> words = {"layer": "层", "mean": "均值"}
    >>> print(translated_lines("layer   mean\nnorm1   0.1", lambda word: words.get(word, word)))
    层      均值
    norm1   0.1
    >>> print(translated_lines("mean: [ 1.  -1.5]", lambda text: text.replace("mean: ", "均值：")))
    均值：[ 1.  -1.5]
    """
    lines = text.split("\n")
    return "\n".join(_line(line, translate) if has_words(line) else line for line in lines)


def _line(line: str, translate: Translate) -> str:
    cells = GAP.split(line)
    if len(cells) == 1:
        return translate(line)
    made, wanted, width = "", 0, 0  # columns of a terminal: so far wanted, so far used
    for cell, gap in zip(cells[::2], [*cells[1::2], ""]):
        shown = translate(cell) if has_words(cell) or cell.isalpha() else cell  # CAUGHT, too
        wanted, width = wanted + len(cell) + len(gap), width + _columns(shown)
        spaces = max(wanted - width, 1) * " " if gap.strip("\t") else gap
        made, width = made + shown + spaces, width + len(spaces)
    return made.rstrip() if gap == "" else made


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def translated_markdown(text: str, translate: Translate = translated) -> str:
    r"""Markdown: the cells of tables, and what else there is line by line.

    >>> words = {"mean": "均值", "of x": "x 的"}
    >>> translated_markdown("| mean | of x<br>2 |\n|---|---|", lambda w: words.get(w, w))
    '| 均值 | x 的<br>2 |\n|---|---|'
    >>> translated_markdown("| 这一层的移动均值<br>*mean* |", {"*mean*": "*均值*"}.get)
    '| 这一层的移动均值<br>*均值* |'
    >>> translated_markdown("| 均值<br>*mean* (x) |", {"*mean* (x)": "*均值*（x）"}.get)
    '| 均值（x） |'
    """

    def cell(found: str) -> str:
        inside = found.strip()
        if not any(map(has_words, BREAK.split(inside))):
            return found
        shown = _pieces(inside.replace(r"\|", "|"), translate)
        return found.replace(inside, shown.replace("|", r"\|"))

    lines, in_code = text.split("\n"), False
    for number, line in enumerate(lines):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif not in_code and (line.startswith("|") or " | " in line):  # a row may have line breaks
            lines[number] = "|".join(map(cell, re.split(ESCAPED_BAR, line)))
        elif not in_code:
            lines[number] = _pieces(line, translate)
    return "\n".join(lines)


def _pieces(text: str, translate: Translate) -> str:
    """Text between line breaks; said twice in two languages, it is said once."""
    pieces = [
        piece if BREAK.fullmatch(piece) or not has_words(piece) else translate(piece)
        for piece in BREAK.split(text)
    ]
    said = pieces[0].strip("*")
    if len(pieces) > 2 and said and pieces[2].lstrip("*").startswith(said):
        pieces[1:3] = [pieces[2].lstrip("*").removeprefix(said).lstrip("*")]  # (its source)
    return "".join(pieces)


def translated_html(html: str, translate: Translate = translated) -> str:
    r"""HTML: the text between its tags, and what tags say to readers.

    >>> translated_html('<td title="mean">mean</td><script>"mean"</script>', lambda w: "均值")
    '<td title="均值">均值</td><script>"mean"</script>'
    >>> translated_html("<td>均值<br>mean</td>", lambda w: "均值")
    '<td>均值</td>'
    """

    def of_text(text: str) -> str:
        inside = unescape(text).strip()
        if not has_words(inside):
            return text
        return text.replace(text.strip(), escape(translate(inside), quote=False))

    def of_tag(tag: str) -> str:
        return WORDS_OF_TAG.sub(
            lambda found: f"{found[1]}{_attribute(found[2], translate)}{found[3]}", tag
        )

    parts = HTML_PART.split(html)
    parts[::2] = map(of_text, parts[::2])
    parts[1::2] = [
        part if re.match("<(script|style)", part) else of_tag(part) for part in parts[1::2]
    ]
    for at in range(len(parts) - 2, 0, -2):
        if BREAK.fullmatch(parts[at]) and parts[at - 1] and parts[at + 1] == parts[at - 1]:
            del parts[at : at + 2]  # said twice in two languages
    return "".join(parts)


def _attribute(value: str, translate: Translate) -> str:
    said = unescape(value)
    return escape(translate(said)) if has_words(said) else value


KINDS = {
    "text/html": translated_html,
    "text/markdown": translated_markdown,
    "text/plain": translated_lines,
}


def translated_bundle(data: dict[str, Any], translate: Translate = translated) -> dict[str, Any]:
    r"""The formats in which one value is shown.

    Where there is HTML or Markdown, the plain text says the same, or is the name of a class.
    """
    made = dict(data)
    rich = {"text/html", "text/markdown"} & set(data)
    for kind in rich or {"text/plain"} & set(data):
        made[kind] = KINDS[kind](_text(data[kind]), translate)
    if "text/markdown" in rich and _text(data.get("text/plain", "")) == _text(
        data["text/markdown"]
    ):
        made["text/plain"] = made["text/markdown"]
    return made


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)  # a notebook file has lists of lines
