"""The book as it was built: its editions, its pages, and what stands in them."""

from __future__ import annotations

import os
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HTML = Path(os.environ.get("D2L_BN_BOOK_HTML", ROOT / "book/_build/html"))
LANG = {"en": "en", "zh": "zh-CN"}  # what <html> says
BESIDE = {"_static", "downloads"}  # folders without pages


def editions() -> list[str]:
    return [name for name in LANG if (HTML / name / "index.html").is_file()]


def pages(edition: str) -> list[str]:
    """Addresses below the top, such as ``en/lessons/01_axis_and_keepdims.html``."""
    found = (path.relative_to(HTML) for path in (HTML / edition).rglob("*.html"))
    return sorted(path.as_posix() for path in found if path.parts[1] not in BESIDE)


def lessons(edition: str) -> list[str]:
    return [page for page in pages(edition) if page.startswith(f"{edition}/lessons/")]


def all_pages() -> list[str]:
    return [page for edition in editions() for page in pages(edition)]


@cache
def page(address: str) -> Page:
    return Page((HTML / address).read_text(encoding="utf-8"))


class Page(HTMLParser):
    """Its names (``ids``), where its links and files lead, and its blocks of text.

    >>> page = Page('<p id="a">One <code>two</code>.</p><a href="b.html#c"><img src="d.png"></a>')
    >>> page.ids, page.links, page.files, page.texts
    ({'a'}, [('b.html#c', {'href': 'b.html#c'})], ['d.png'], ['One .'])
    """

    BLOCKS = {"p", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "summary", "dt", "dd", "div"}
    BLOCKS |= {"section", "article", "title", "button", "label", "option", "figcaption", "nav"}
    SILENT = {"script", "style", "code", "pre", "em", "i", "cite", "kbd", "var", "blockquote", "q"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[tuple[str, dict]] = []
        self.files: list[str] = []
        self.texts: list[str] = []
        self._silent: list[str] = []  # open elements in which nothing is read
        self._text = ""
        self.feed(html)
        self._end_of_block()

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = {key: value or "" for key, value in attributes}
        self.ids |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag in ("a", "area") and "href" in given:
            self.links.append((given["href"], given))
        elif tag == "link" and "href" in given:
            self.files.append(given["href"])
        elif "src" in given:
            self.files.append(given["src"])
        if tag in self.BLOCKS:
            self._end_of_block()
        foreign = "math" in given.get("class", "").split() or given.get("lang", "").startswith("en")
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.append(tag)
        elif tag in self.SILENT or (foreign and tag != "html"):
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()
        if tag in self.BLOCKS:
            self._end_of_block()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text += data

    def _end_of_block(self) -> None:
        if self._text.strip():
            self.texts.append(" ".join(self._text.split()))
        self._text = ""
