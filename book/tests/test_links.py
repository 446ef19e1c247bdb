"""Every link within the book leads somewhere, and to the right thing."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from built_book import HTML, ROOT, all_pages, editions, lessons, page, pages

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def problem(address: str, link: str) -> str | None:
    """What is wrong with a link of the page."""
    parts = urlsplit(link)
    if parts.scheme in ("http", "https", "mailto", "data"):
        return None
    path = unquote(parts.path)
    target = normpath(PurePosixPath(address).parent / path) if path else address
    if not (HTML / target).is_file():
        return f"{link}: no file {target}"
    if parts.fragment and target.endswith(".html"):
        if unquote(parts.fragment) not in page(target).ids:
            return f"{link}: no such place in {target}"
    return None


@pytest.mark.parametrize("edition", editions())
def test_links_and_anchors(edition):
    wrong = {}
    for address in pages(edition):
        there = page(address)
        links = {link for link, _ in there.links} | set(there.files)
        found = sorted(filter(None, (problem(address, link) for link in links)))
        if found:
            wrong[address] = found
    assert wrong == {}


def test_links_of_the_front_door():
    assert [problem("index.html", link) for link, _ in page("index.html").links] == [None, None]


def test_both_editions_have_the_same_pages_and_each_leads_to_its_twin():
    assert editions() == ["en", "zh"]
    assert [name[2:] for name in pages("en")] == [name[2:] for name in pages("zh")]
    wrong = []
    for address in all_pages():
        there = page(address)
        (twin,) = [link for link, given in there.links if "data-language" in given]
        other = {"en": "zh", "zh": "en"}[address[:2]]
        if normpath(PurePosixPath(address).parent / twin) != other + address[2:]:
            wrong.append((address, twin))
    assert wrong == []


@pytest.mark.parametrize("address", [address for name in editions() for address in lessons(name)])
def test_notebook_to_download(address):
    (link,) = [link for link, given in page(address).links if link.endswith(".ipynb")]
    file = HTML / normpath(PurePosixPath(address).parent / link)
    assert file.stem == PurePosixPath(address).stem
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code and not any(cell.outputs or cell.execution_count for cell in code)
    prose = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    # the English lessons name a few things in Chinese, too
    assert (len(CHINESE.findall(prose)) > 300) == address.startswith("zh/")


def test_no_solution_of_an_exercise_is_in_the_book():
    solved, given = set(), set()
    for source in (ROOT / "exercises/source").glob("*/*.py"):
        text = source.read_text(encoding="utf-8")
        solved |= {line.strip() for part in SOLUTION.findall(text) for line in part.splitlines()}
        given |= {line.strip() for line in SOLUTION.sub("", text).splitlines()}
    secret = [line for line in solved - given if len(line) > 30]
    assert len(secret) > 30
    public = [*HTML.glob("*/exercises/*.html"), *HTML.glob("*/downloads/**/*.ipynb")]
    assert len(public) > 2 * 7
    hidden = {path.name for path in (ROOT / "exercises/hidden").glob("*.py")}
    assert not hidden & {path.name for path in HTML.rglob("*.py")}
    tags = re.compile(r"<[^>]+>")
    for path in public:
        text = path.read_text(encoding="utf-8")
        read = text.replace('\\"', '"') if path.suffix == ".ipynb" else tags.sub("", text)
        assert "BEGIN SOLUTION" not in read and "BEGIN HIDDEN TESTS" not in read
        if "exercises" in path.parts:
            assert [line for line in secret if line in read] == [], path
