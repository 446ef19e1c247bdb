"""Every page of both editions, as a reader sees it: at a desk, in the dark, on a phone."""

from __future__ import annotations

import pytest
from built_book import HTML, LANG, all_pages
from reader import PHONE

HEAVIEST = 1.5e6  # bytes: what a page loads that the others do not


@pytest.mark.parametrize("address", all_pages())
def test_page(address, reader, record_property):
    reader.open(address)
    reader.ask("settle")
    problems = reader.ask("problems", LANG[address[:2]])
    problems += reader.serious_findings()
    problems += [f"{theme} in the dark" for theme in reader.ask("darken") if theme != "dark"]
    problems += [f"in the dark: {found}" for found in reader.serious_findings(["color-contrast"])]
    reader.width(PHONE)
    problems += reader.ask("sideways")

    problems += reader.console_errors()
    files, wrong = reader.requests()
    weight = own_weight(files)
    record_property(f"kB of {address} alone", weight / 1000)
    if weight > HEAVIEST:
        problems.append(f"{weight / 1e6:.1f} MB of its own")
    problems += wrong
    assert not problems, "\n".join([address, *problems])


def own_weight(files: list[str]) -> int:
    """Bytes of the files that are not the whole book's: its styles, scripts, search index."""
    own = [HTML / name for name in files if "/_static/" not in name and "searchindex" not in name]
    return sum(path.stat().st_size for path in own if path.is_file())
