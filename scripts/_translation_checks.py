"""What is wrong with a translation: what must stay and does not, what must not and does."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from d2l_bn.language.catalogue import PLACEHOLDER
from d2l_bn.language.words import CHINESE

GLOSSARY = Path(__file__).resolve().parent.parent / "notebooks" / "glossary.csv"

NAMES = {  # which no textbook translates
    *(
        "autograd",
        "git",
        "glibc",
        "hub",
        "keepdims",
        "leaky",
        "ln",
        "ms",
        "musl",
        "nbgrader",
        "ngshare",
        "pyenv",
    ),
    *("reshape", "softmax", "tanh", "uv", "wheel"),
}

FENCE = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)", re.MULTILINE | re.DOTALL)
DISPLAY = re.compile(r"\$\$.*?\$\$", re.DOTALL)
CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
FORMULA = re.compile(r"(?<![\\$])\$(?!\$)[^$]+\$")
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)")
TAG = re.compile(r"</?[a-z]+[^>]*>|<!--.*?-->", re.DOTALL)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
NUMBER_OF_LESSON = re.compile(r"^# (\d+)", re.MULTILINE)
# of MyST: ::::{div} class, :::{card}, :link: page
DIRECTIVE = re.compile(r"^:{3,}(?:\{div\}.*|\{[\w-]+\})?|^:[\w-]+: .*$", re.MULTILINE)
TEXT_OF_FORMULA = re.compile(r"\\text(?:bf|it|rm)?\{[^{}]*\}")

ITALIC = re.compile(r"(?<![*\w])\*(?!\*)[^*\n]+(?:\n[^*\n]+)?\*(?![*\w])")  # titles of papers
ADDRESS = re.compile(r"(?:https?://|doi:|arXiv:)\S+|[\w.-]+/[\w./-]+")
# a term in English, within brackets; a sentence of a Chinese source with words in English
TERM = re.compile(r"(?:[（(]|(?<=[，、；：]))[A-Za-z][A-Za-z ,/'’-]*(?=[)），；、：])")
QUOTE = re.compile(rf"“[^”]*{CHINESE.pattern}[^”]*”")
CITATION = re.compile(
    r"\bet al\b|\b(?:van|de|von) (?=[A-Z])|(?:[A-Z][a-z]+ )+(?:and|of|for|on|in) (?=[A-Z])"
)
LOWER_CASE = re.compile(r"(?<![\w.-])[a-z]{2,}(?![A-Za-z0-9_]|-\d)")  # not the top of top-1
SENTENCE = re.compile(r"\b[A-Z]?[a-z]+(?: [a-z]+){2,}\b")
CHINESE_CHAR = CHINESE.pattern
ASCII_MARK = re.compile(rf"{CHINESE_CHAR}[*`]* *[,;:?!] *[*`]*{CHINESE_CHAR}")
BROKEN_BOLD = re.compile(rf"[。，：；！？）”]\*\*(?={CHINESE_CHAR})|(?<={CHINESE_CHAR})\*\*[（“《]")


@lru_cache(maxsize=1)
def names() -> set[str]:
    """English words that Chinese texts use: in the terms of the glossary, and names of things."""
    with open(GLOSSARY, encoding="utf-8", newline="") as file:
        terms = [line["chinese"] for line in csv.DictReader(file)]
    return {word for term in terms for word in LOWER_CASE.findall(term)} | NAMES


def remarks(english: str, chinese: str) -> list[str]:
    """What is wrong with the translation of a piece of Markdown; empty if nothing is."""
    before, _ = _taken_apart(english)
    after, rest = _taken_apart(_without_sources(english, chinese))
    found = []
    for kind in before:
        gone, new = before[kind] - after[kind], after[kind] - before[kind]
        if gone or new:
            found.append(f"{kind}: missing {_listed(gone)}, added {_listed(new)}")
    for kind in (ITALIC, ADDRESS, TERM, QUOTE, CITATION):
        rest = kind.sub(" ", rest)
    left = [word for word in LOWER_CASE.findall(rest) if word not in names()]
    if left:
        found.append(f"English left over: {' '.join(left)}")
    if ASCII_MARK.search(rest):
        found.append(f"ASCII punctuation: {ASCII_MARK.search(rest)[0]}")
    return found + _emphasis(english, chinese)


def remarks_on_text(english: str, chinese: str) -> list[str]:
    """The same for a text of the package: its placeholders must be there, words may stay names."""
    before, after = (
        Counter(found[2] for found in PLACEHOLDER.finditer(text) if found[2])
        for text in (english, chinese)
    )
    found = []
    plural = set(re.findall(r"[a-z]\{(\w+)\}", english))  # cell{s}
    if set(before) - plural != set(after) - plural:
        found.append(
            f"placeholders: {_listed(before - after)} missing, {_listed(after - before)} new"
        )
    formulas = [Counter(map(_plain_formula, FORMULA.findall(text))) for text in (english, chinese)]
    if formulas[0] != formulas[1]:
        found.append(f"formulas differ: {_listed(formulas[0] - formulas[1])}")
    if english != chinese and SENTENCE.search(ADDRESS.sub(" ", ITALIC.sub(" ", _bare(chinese)))):
        found.append(f"English left over: {SENTENCE.search(_bare(chinese))[0]}")
    if ASCII_MARK.search(chinese):
        found.append(f"ASCII punctuation: {ASCII_MARK.search(chinese)[0]}")
    return found


def _bare(text: str) -> str:
    for kind in (CODE, FORMULA, TERM, PLACEHOLDER):
        text = kind.sub(" ; ", text)
    return text


def _taken_apart(text: str) -> tuple[dict[str, Counter], str]:
    """The parts that must stay the same, by their kinds, and the text without them."""
    parts = {
        "headings": Counter(HEADING.findall(FENCE.sub("", text))),
        "number": Counter(NUMBER_OF_LESSON.findall(FENCE.sub("", text))),
    }
    for name, kind, plain in (
        ("fences", FENCE, str),
        ("directives", DIRECTIVE, str),
        ("display formulas", DISPLAY, _plain_formula),
        ("code", CODE, _one_line),
        ("formulas", FORMULA, _plain_formula),
    ):
        parts[name] = Counter(plain(found[0]) for found in kind.finditer(text))
        text = kind.sub(" ", text)
    parts["links"] = Counter(LINK.findall(text))
    parts["tags"] = Counter(re.match(r"</?[a-z]+|<!--", tag)[0] for tag in TAG.findall(text))
    return parts, TAG.sub(" ", LINK.sub("]", text))


def _without_sources(english: str, chinese: str) -> str:
    """Without the lines in which a Chinese source is quoted, in the English text as well."""
    return "\n".join(
        line
        for line in chinese.split("\n")
        if not (line.startswith("> ") and CHINESE.search(line[:10]) and line[:10] in english)
    )


def _plain_formula(formula: str) -> str:
    """Without spaces, and without the words in it, which may be translated."""
    return re.sub(r"\s+", "", TEXT_OF_FORMULA.sub(r"\\text{}", formula))


def _one_line(code: str) -> str:
    return " ".join(code.split())


def _emphasis(english: str, chinese: str) -> list[str]:
    """Bold must stay, and must not break: CommonMark wants no punctuation inside next to a word."""
    bold = [
        len(re.findall(r"\*\*", CODE.sub("", FENCE.sub("", text)))) for text in (english, chinese)
    ]
    found = (
        []
        if bool(bold[0]) == bool(bold[1])
        else [f"bold: {bold[0] // 2} there, {bold[1] // 2} here"]
    )
    return found


def _listed(counted: Counter) -> str:
    return ", ".join(sorted(map(repr, counted.elements()))) or "nothing"
