#!/usr/bin/env python3
"""Make the book, book/_build/html: the lessons with their outputs, and all that belongs to them.

    python scripts/build_book.py             # what has changed since the last time
    python scripts/build_book.py --fast      # the lessons on small data, to see that they run

A lesson is executed again when its code, the package or the results have changed; a failing cell
ends the build. Nothing outside of book/_build is written.
"""

from __future__ import annotations

import argparse
import sys

from d2l_bn._support.command_arguments import positive_int
from d2l_bn._support.command_line import ArgumentParser, Failure, run


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--fast", action="store_true", help="execute the lessons on small data")
    add("--jobs", type=positive_int, default="2", help="lessons executed at a time (default: 2)")


def main(options: argparse.Namespace) -> None:
    if sys.version_info < (3, 11):
        raise Failure("the book needs Python 3.11: make book PYTHON=python3.11")
    try:
        import sphinx  # noqa: F401
    except ImportError:
        raise Failure("Sphinx is not installed: make book installs it") from None
    from bookmaking import execution, lessons, pages, site, translation
    from bookmaking.places import BUILD

    executed = execution.executed(lessons.sources(), fast=options.fast, jobs=options.jobs)
    languages = translation.languages()
    if site.is_made(languages):
        print(f"nothing has changed in {BUILD / 'html'}")
        return
    for language in languages:
        pages.write_all(executed, language)
        site.build(language, languages, options.jobs)
    site.write_front_door(languages)
    site.note_made()
    print(f"made {BUILD / 'html'}")


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
