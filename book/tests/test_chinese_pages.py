"""The Chinese edition has no English left outside of code, names, titles and quotes."""

from __future__ import annotations

import pytest
from _translation_checks import ADDRESS, CITATION, SENTENCE, TERM
from built_book import editions, page, pages

IN_ENGLISH = ("zh/api/", "zh/genindex", "zh/py-modindex")  # the reference; its first page says so


PARTLY = {
    "zh/changelog.html": "the changelog is kept in English",
}


def translated_pages() -> list:
    found = [page for page in pages("zh") if not page.startswith(IN_ENGLISH)]
    partly = {page: pytest.mark.xfail(reason=PARTLY[page]) for page in PARTLY}
    return [pytest.param(page, marks=partly.get(page, ())) for page in found]


@pytest.mark.skipif("zh" not in editions(), reason="no Chinese edition")
@pytest.mark.parametrize("address", translated_pages())
def test_no_english_sentence_is_left(address):
    left = []
    for text in page(address).texts:
        for kept in (ADDRESS, TERM, CITATION):
            text = kept.sub(" ; ", text)
        left += [found[0] for found in SENTENCE.finditer(text)]
    assert left == []


@pytest.mark.skipif("zh" not in editions(), reason="no Chinese edition")
def test_the_reference_says_that_it_is_in_english():
    assert any("英文" in text for text in page("zh/api/index.html").texts)
