r"""A text in Chinese: looked up whole, then by its sentences, its label and its ends."""

from __future__ import annotations

import re

from .catalogue import Catalogue
from .catalogue import catalogue as whole_catalogue
from .words import has_words

__all__ = ["forget_missed", "missed", "translated"]

_missed: dict[str, None] = {}  # in the order in which they came

SENTENCE_END = re.compile(r"(?:(?<=[.?!…])|(?<=[.?!]\))) +")
SEPARATORS = ((" · ", " · "), ("; ", "；"), (": ", "："), (", ", "，"), (" and ", "和"))
LABEL = re.compile(r"(?P<label>.*?[^:]):(?P<rest>(?: .*)?)", re.DOTALL)
# what may stand around words without being part of them
AROUND = re.compile(
    r"(?P<before>[\s\d.,(“✓✗≈·]*)(?P<text>.*?)(?P<after>(?: \(n = \d+\))?[\s\d.,:)”✓✗≈?·]*)", re.S
)
QUOTES = re.compile(r"“[^”]+”(?:, “[^”]+”)*")
EMPHASIZED = re.compile(r"(\*{1,2})([^*]+)\1")
BRACKET = re.compile(r"(?P<text>.+) \((?P<inside>.+)\)", re.DOTALL)


def translated(
    text: str, catalogue: Catalogue | None = None, missing: dict[str, None] = _missed
) -> str:
    r"""The text in Chinese; unchanged, and noted for :func:`missed`, if no catalogue has it.

    Arguments:
        text: words in English, numbers and names included.
        catalogue: to look into; by default that of the whole package.
        missing: takes the texts that it does not have.

    >>> zh = Catalogue({"the loss": "损失", "Right: {what} is {0}.": "对：{what}是 {0}。"})
    >>> translated("the loss: 0.25", zh), translated("Right: the loss is 0.25.", zh)
    ('损失：0.25', '对：损失是 0.25。')
    """
    return _Lookup(whole_catalogue() if catalogue is None else catalogue, missing)(text)


def missed() -> list[str]:
    r"""The texts that were asked for and that no catalogue has."""
    return list(_missed)


def forget_missed() -> None:
    r"""Begin a new list of :func:`missed`."""
    _missed.clear()


class _Lookup:
    """The ways to find a text, in the order in which they are tried.

    First ``surely``: every word of it must be known. Else a word that is not, which may be a name,
    stays as it is.
    """

    def __init__(self, catalogue: Catalogue, missing: dict[str, None], surely: bool = True) -> None:
        self.catalogue, self.missing, self.surely = catalogue, missing, surely

    def __call__(self, text: str) -> str:
        ways = (_Lookup(self.catalogue, self.missing, surely) for surely in (True, False))
        found = next(
            (found for found in (way.find(text) for way in ways) if found is not None), None
        )
        if found is None:
            self.missing.setdefault(text)
            return text
        return found

    def find(self, text: str) -> str | None:
        """In Chinese; itself if nothing in it wants to be translated; None if it is not known."""
        found = self.whole(text) or self.by_quotes(text)
        if found is not None or not has_words(text):
            return text if found is None else found
        ways = (
            *(self.by_lines, self.by_sentences, self.by_label),
            *(self.within, self.emphasized, self.by_bracket, self.by_parts),
        )
        return next((found for found in (way(text) for way in ways) if found is not None), None)

    def whole(self, text: str) -> str | None:
        one_line = " ".join(text.split())
        same = dict.fromkeys((text, one_line, one_line[:1].lower() + one_line[1:]))
        inner = self.find if self.surely else self
        tried = (self.catalogue.find(each, inner, self.surely) for each in same)
        return next((found for found in tried if found is not None), None)

    def by_lines(self, text: str) -> str | None:
        return self.by_separator(text, "\n", "\n")

    def by_sentences(self, text: str) -> str | None:
        """As many sentences as one entry has, then the rest."""
        for cut in reversed(list(SENTENCE_END.finditer(text))):
            sentence = text[: cut.start()]
            first = self.whole(sentence) if has_words(sentence) else sentence
            rest = None if first is None else self.find(text[cut.end() :])
            if first is not None and rest is not None:
                return joined(first, " ", rest)
        return None

    def by_quotes(self, text: str) -> str | None:
        """``“a”, “b”``: what is quoted, if all of it is known; else it may be another's words."""
        if not QUOTES.fullmatch(text):
            return None
        parts = [self.whole(part) for part in text[1:-1].split("”, “")]
        return None if None in parts else "、".join(f"“{part}”" for part in parts)

    def by_label(self, text: str) -> str | None:
        """``the loss: 0.25``: what is before a colon, if only numbers and names follow."""
        found = LABEL.fullmatch(text)
        if not found or has_words(found["rest"]):
            return None
        label = self.find(found["label"])
        return label and f"{label}：{found['rest'].lstrip()}"

    def within(self, text: str) -> str | None:
        """Without the numbers, marks and brackets around it."""
        found = AROUND.fullmatch(text)
        if not found or found["text"] == text:
            return None
        inside = self.find(found["text"])
        return inside and f"{found['before']}{inside}{found['after']}"

    def emphasized(self, text: str) -> str | None:
        found = EMPHASIZED.fullmatch(text)
        inside = self.find(found[2]) if found else None
        return f"{found[1]}{inside}{found[1]}" if found and inside else None

    def by_bracket(self, text: str) -> str | None:
        """``the loss (of a batch)``: both of them."""
        found = BRACKET.fullmatch(text)
        parts = [self.find(part) for part in found.groups()] if found else [None]
        return None if None in parts else "{}（{}）".format(*parts)

    def by_parts(self, text: str) -> str | None:
        """``BN: the loss · GN: the loss``: if every part is known."""
        tried = (self.by_separator(text, *separator) for separator in SEPARATORS)
        return next((found for found in tried if found is not None), None)

    def by_separator(self, text: str, separator: str, chinese: str) -> str | None:
        if separator not in text:
            return None
        parts = [self.find(part) for part in text.split(separator)]
        return None if None in parts else chinese.join(part or "" for part in parts)


def joined(first: str, gap: str, second: str) -> str:
    r"""Two texts after each other; after a Chinese full stop there is no space.

    >>> joined("对。", " ", "因为"), joined("BN 层", " ", "GN")
    ('对。因为', 'BN 层 GN')
    """
    return first + ("" if first[-1:] in "。？！：；，" else gap) + second
