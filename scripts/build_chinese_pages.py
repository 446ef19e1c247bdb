"""Make exercises/README.zh-CN.md and INSTRUCTORS.zh-CN.md, from the English ones and catalogues.

The catalogues are those of the book, book/pages/zh_CN; scripts/build_catalogues.py keeps them.

    python scripts/build_chinese_pages.py            # make them
    python scripts/build_chinese_pages.py --check    # only name those that differ
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from build_catalogues import BORROWED, PAGES

from d2l_bn._support.command_line import ArgumentParser, Failure, run
from d2l_bn.language.catalogue import entries
from d2l_bn.language.markdown import chinese_markdown

LINK = re.compile(r"(?<=\]\()[\w/.-]+\.md(?=\))")


def chinese_page(name: str) -> str:
    """The text of a page, which links to Chinese pages where there are some."""
    page = BORROWED[name]
    text, missed = chinese_markdown(
        page.read_text(encoding="utf-8"), entries(PAGES / "zh_CN" / f"{name}.po")
    )
    if missed:
        raise Failure(f"{page.name} is not translated: {missed[0][:60]!r}")

    def linked(found: re.Match) -> str:
        target = page.parent / found[0]
        return made_from(target).name if target in BORROWED.values() else found[0]

    return LINK.sub(linked, text)


def made_from(page: Path) -> Path:
    """Where the Chinese page stands.

    >>> made_from(Path("README.md")).name
    'README.zh-CN.md'
    """
    return page.with_name(f"{page.stem}.zh-CN.md")


def drifted() -> list[str]:
    """The pages that are not as their catalogue."""
    wanted = {made_from(page): chinese_page(name) for name, page in BORROWED.items()}
    return [
        path.name
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")


def main(options: argparse.Namespace) -> None:
    if not options.check:
        for name, page in BORROWED.items():
            made_from(page).write_text(chinese_page(name), encoding="utf-8")
    if problems := drifted():
        raise Failure(f"{', '.join(problems)}: python scripts/build_chinese_pages.py")


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
