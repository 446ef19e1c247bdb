r"""A catalogue: English texts, some of them with placeholders, and what they are in Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

__all__ = ["NUMBER", "Catalogue", "catalogue", "entries", "messages", "pattern"]

FOLDER = Path(__file__).parent / "zh_CN"
NUMBER = r"[-+−]?(?:\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?|nan|inf)"
# Before a full stop, anything but the end of a sentence; in [1. 2.] nothing ends.
IN_SENTENCE = r"(?:\[[^\]]*\]|(?![.?!] ).)+?"
# In formulas braces are TeX's own.
PLACEHOLDER = re.compile(r"(\$[^$]*\$)|\{(\w+)\}")


class Catalogue:
    r"""Finds texts.

    >>> zh = Catalogue({"after batch {0}: {what}": "第 {0} 批之后：{what}", "the loss": "损失"})
    >>> zh.find("the loss"), zh.find("the gain")
    ('损失', None)
    >>> zh.find("after batch 20: the loss", inner=zh.find)
    '第 20 批之后：损失'

    What a translation has in backquotes is a name in a program, and stays:

    >>> zh = Catalogue({"{name} fails": "`{name}` 失败", "mean": "均值"})
    >>> zh.find("mean fails", inner=zh.find)
    '`mean` 失败'
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)
        self._templates = sorted(
            (_Template(text) for text in texts if any(map(_name, PLACEHOLDER.finditer(text)))),
            key=lambda template: -template.length,
        )

    def __contains__(self, text: str) -> bool:
        return text in self._texts

    def find(
        self, text: str, inner: Callable[[str], str | None] = str, surely: bool = False
    ) -> str | None:
        r"""The translation; None if there is none.

        Arguments:
            text: the whole of it.
            inner: translates what stands in place of a ``{name}``; None keeps it.
            surely: only where ``inner`` knows all of that.

        >>> zh, known = Catalogue({"{a} is {b}": "{a}是 {b}"}), {"what is left": "剩下的", "3": "3"}
        >>> zh.find("what is left is 3", known.get), zh.find("it is 3", known.get, surely=True)
        ('剩下的是 3', None)
        """
        if text in self._texts:
            return self._texts[text]
        unsure = None
        for template in self._templates:
            msgstr = self._texts[template.msgid]
            for found in template.matches(text):
                if text in found.values():
                    continue
                tried = {
                    name: value if _stays(name, msgstr) else inner(value)
                    for name, value in found.items()
                }
                known = {name: value for name, value in tried.items() if value is not None}
                if len(known) == len(found):
                    return filled(msgstr, known)
                if unsure is None:
                    unsure = filled(msgstr, {**found, **known})
            if unsure is not None and not surely:
                return unsure
        return None


class _Template:
    """A msgid with placeholders; the more literal characters, the sooner it is tried."""

    def __init__(self, msgid: str) -> None:
        self.msgid = msgid
        self.literals = [part for part in PLACEHOLDER.sub(_keep_formula, msgid).split("\0") if part]
        self.length = sum(map(len, self.literals))

    def matches(self, text: str) -> list[dict[str, str]]:
        """What its placeholders stand for: the first as short, or as long as it can be."""
        if not all(part in text for part in self.literals):  # quick, and nearly always the end
            return []
        found = (pattern(self.msgid, long).fullmatch(text) for long in (False, True))
        groups = (each.groupdict() for each in found if each)
        different = {tuple(group.items()): group for group in groups}.values()
        return [{name[1:]: value for name, value in group.items()} for group in different]


def _stays(name: str, msgstr: str) -> bool:
    """Is it a number, or does the translation call it code?"""
    return name.isdigit() or any(f"{{{name}}}" in code for code in re.findall("`[^`]*`", msgstr))


def _name(found: re.Match) -> str | None:
    return found[2]  # None: a formula


def _keep_formula(found: re.Match) -> str:
    return found[1] or "\0"


@cache
def pattern(msgid: str, long: bool = False) -> re.Pattern:
    r"""The regular expression of a msgid; ``long``: its texts take as much as they can.

    >>> pattern("{0} of {what}").fullmatch("3 of the runs").groupdict()
    {'_0': '3', '_what': 'the runs'}
    >>> pattern("got {what}.").fullmatch("got [1. 2.].").groupdict()
    {'_what': '[1. 2.]'}
    >>> pattern("got {what}.").fullmatch("got 1. It is wrong.")
    """
    parts, end, seen = [], 0, set()
    for found in PLACEHOLDER.finditer(msgid):
        parts.append(re.escape(msgid[end : found.start()]))
        end, name = found.end(), found[2]
        if name is None:
            parts.append(re.escape(found[0]))
        elif name in seen:
            parts.append(f"(?P=_{name})")
        else:
            anything = IN_SENTENCE if msgid[end : end + 1] in list(".?!") else ".+?"
            taken = anything.removesuffix("?") if long else anything
            parts.append(f"(?P<_{name}>{NUMBER if name.isdigit() else taken})")
            seen.add(name)
    return re.compile("".join([*parts, re.escape(msgid[end:])]), re.DOTALL)


def filled(msgstr: str, given: Mapping[str, str]) -> str:
    r"""A translation with its placeholders filled in.

    >>> filled("{1} 个里的 {0} 个", {"0": "3", "1": "5"})
    '5 个里的 3 个'
    """
    return PLACEHOLDER.sub(
        lambda found: found[0] if found[1] else given.get(found[2], found[0]), msgstr
    )


def entries(path: Path) -> dict[str, str]:
    r"""The translated entries of a ``.po`` file, without those that are stale."""
    import polib  # only where Chinese is spoken

    return {e.msgid: e.msgstr for e in polib.pofile(str(path), encoding="utf-8") if e.translated()}


@cache
def catalogue(lesson: str = "") -> Catalogue:
    r"""Of all texts of the package.

    Arguments:
        lesson: such as ``"13_dropout_and_bn"``, whose own texts go before the others'.
    """
    paths = sorted(FOLDER.rglob("*.po"), key=lambda path: (path.stem == lesson, path.as_posix()))
    return Catalogue(_joined(map(entries, paths)))


@cache
def messages() -> Catalogue:
    r"""Of what commands and checks of exercises say."""
    paths = sorted((*FOLDER.glob("messages/*.po"), *FOLDER.glob("predictions/any.po")))
    return Catalogue(_joined(map(entries, paths)))


def _joined(parts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {msgid: msgstr for part in parts for msgid, msgstr in part.items()}
