"""What the book's pages are made of: lessons, pages, pictures, links, cards, the first page."""

from __future__ import annotations

import base64
import io
import json
import re

import pytest

pytest.importorskip("sphinx")

from bookmaking import cards, lessons, pages, pictures, site, sphinx_links, tables
from bookmaking.places import BOOK, BORROWED, ROOT, Folder
from nbformat import v4
from PIL import Image

WORDS = json.loads((BOOK / "words.en.json").read_text(encoding="utf-8"))


def test_a_file_with_the_right_content_is_left_alone_and_others_are_removed(tmp_path):
    first = Folder(tmp_path)
    first.write("a/b.md", "text")
    first.write("c.md", "text")
    before = (tmp_path / "a/b.md").stat().st_mtime_ns
    second = Folder(tmp_path)
    second.write("a/b.md", "text")
    second.remove_others()
    assert (tmp_path / "a/b.md").stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.rglob("*.md")] == ["b.md"]


def data_url(width=30, height=10):
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def test_pictures_move_into_files_with_the_same_pixels_and_their_size():
    files = {}
    html = f'<img src="{data_url()}" alt="A line" width="15" style="height: auto">'
    made = pictures.moved_out(html, files.__setitem__, "../")
    (name,) = files
    assert f'src="../{name}"' in made and "data:" not in made
    assert 'alt="A line"' in made and made.count("width=") == 1 and 'height="5"' in made
    assert Image.open(io.BytesIO(files[name])).convert("RGB").getcolors() == [
        (300, (255, 255, 255))
    ]


def test_a_lesson_has_one_title_no_level_left_out_and_code_as_it_was():
    cells = [
        v4.new_markdown_cell("# 2 · A title\n\nText."),
        v4.new_code_cell("import mxnet  # noqa: E402"),
        v4.new_markdown_cell("# Part one\n\n### Too deep\n\n```\n# a comment\n```"),
    ]
    made = lessons.page(v4.new_notebook(cells=cells), "02_a", None, WORDS)
    assert made.cells[0].source.startswith("# 2 · A title\n")
    assert 'href="../downloads/02_a.ipynb" download' in made.cells[0].source
    assert made.cells[2].source == "## Part one\n\n### Too deep\n\n```\n# a comment\n```"
    assert made.cells[1].source == "import mxnet"


def test_every_place_of_every_page_is_known():
    text = "a\n\n<!-- place: table runs -->\n\nb"
    assert pages.filled(text, {"table": lambda name: f"[{name}]"}) == "a\n\n[runs]\n\nb"
    for page in (BOOK / "pages").glob("*.md"):
        said = page.read_text(encoding="utf-8")
        assert len(pages.PLACE.findall(said)) == said.count("<!--"), page.name


@pytest.mark.parametrize("page", BORROWED)
def test_links_of_a_borrowed_page_lead_to_pages(page):
    made = pages.linked((ROOT / BORROWED[page]).read_text(encoding="utf-8"), page)
    assert not re.search(r"\]\((?!https?:)[^)]*\.(md|ipynb)\)", made)


def test_a_link_to_no_page_of_the_book_is_refused():
    with pytest.raises(ValueError, match=r"no page of the book is setup\.py"):
        pages.linked("[it](setup.py)", "changelog")


def test_names_and_numbers_of_lessons_lead_to_their_pages():
    assert sphinx_links.home("d2l_bn.batch_norm") == "d2l_bn.norms.batch.batch_norm"
    assert sphinx_links.home("d2l_bn.norms.group.group_norm") == "d2l_bn.norms.group.group_norm"
    assert sphinx_links.NAME.match("d2l_bn.train(net, epochs=5)")[1] == "d2l_bn.train"
    assert sphinx_links.LESSON.search("as lesson 6 shows")[1] == "6"
    assert sphinx_links.LESSON.search("见第 6 课。")[2] == "6"
    known = ["lessons/06_test_time", "map", "exercises/shapes"]
    assert sphinx_links.lesson_pages(known) == {6: "lessons/06_test_time"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_card_has_its_verdict_and_no_place_is_left(language):
    found = cards.cards(language)
    assert len(found) == len(json.loads((ROOT / "exercises/flash_cards.json").read_text()))
    assert not [card for card in found if re.search(r"\{\w+\}", card["answer"])]
    assert [card["notebook"] for card in found] == sorted(card["notebook"] for card in found)


def test_what_the_data_say_is_the_same_each_time():
    one, two = (f'<div id="table-{digit * 32}">x</div>' for digit in "ab")
    assert tables.lasting(one) == tables.lasting(two) != one


def test_the_first_page_chooses_and_has_plain_links(tmp_path, monkeypatch):
    monkeypatch.setattr(site, "BUILD", tmp_path)
    site.write_front_door(["en", "zh"])
    page = (tmp_path / "html/index.html").read_text(encoding="utf-8")
    assert 'const there = ["en", "zh"]' in page and "navigator.languages" in page
    body = page.partition("<body>")[2]
    assert 'href="en/index.html"' in body and 'href="zh/index.html"' in body


def test_both_languages_have_all_words():
    def shape(value):
        return {k: shape(v) for k, v in value.items()} if isinstance(value, dict) else type(value)

    chinese = json.loads((BOOK / "words.zh.json").read_text(encoding="utf-8"))
    assert shape(chinese) == shape(WORDS)
    assert len(chinese["court_head"]) == len(WORDS["court_head"])
    assert len(WORDS["captions"]) == len(chinese["captions"]) == len(pages.TREE)


def test_the_exercises_stand_in_the_order_of_their_numbers():
    from bookmaking.pages import exercises_in_order

    names = exercises_in_order().split()[2:-1]
    assert names[:2] == ["shapes", "batchnorm"] and names[-1] == "whitening" and len(names) == 7
