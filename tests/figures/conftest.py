"""One browser for all tests of interactive figures: starting it takes longer than a test."""

from __future__ import annotations

import pytest
from figure_page import FigurePage, browser, browser_missing


@pytest.fixture(scope="session")
def chromium():
    reason = browser_missing()
    if reason:
        pytest.skip(reason)
    with browser() as driver:
        yield driver


@pytest.fixture
def figure_page(chromium):
    """``page = figure_page("lagging_average", m=0.5)``: an open page with this figure."""
    return lambda name, **options: FigurePage(chromium, name, **options)
