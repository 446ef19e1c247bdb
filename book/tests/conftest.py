"""What the tests of the built book share: ``make book``, then ``make book-test``."""

from __future__ import annotations

import pytest
from _browser import missing
from built_book import HTML, editions
from reader import reading


def pytest_configure() -> None:
    if not editions():
        pytest.exit(f"no book in {HTML}: make book", returncode=4)


@pytest.fixture(scope="session")
def session_reader():
    if missing():
        pytest.skip(missing())
    with reading() as reader:
        yield reader


@pytest.fixture
def reader(session_reader):
    """As a new reader; what a test has set is unset behind it."""
    session_reader.forget()
    yield session_reader
    session_reader.cdp("Emulation.setScriptExecutionDisabled", value=False)
    session_reader.cdp("Emulation.setUserAgentOverride", userAgent="")


def pytest_terminal_summary(terminalreporter) -> None:
    """What was measured and is not judged: weights, times to the first paint."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    calls = [report for report in reports if report.when == "call"]
    measured = [entry for report in calls for entry in report.user_properties]
    heavy = sorted((-value, what) for what, value in measured if what.startswith("kB"))
    lines = [f"{what}: {-value:.0f}" for value, what in heavy[:5]]
    lines += [f"{what}: {value}" for what, value in measured if not what.startswith("kB")]
    for line in lines:
        terminalreporter.write_line(line)
