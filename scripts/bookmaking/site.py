"""Sphinx, called once for a language, and only where something has changed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from d2l_bn._support.command_line import Failure

from .execution import digest_of_files
from .places import BOOK, BUILD, ROOT, extra, html, source, write

INPUTS = (
    *("d2l_bn", "results", "scripts", "notebooks", "CHANGELOG.md"),
    *("exercises/source", "exercises/README.md", "exercises/INSTRUCTORS.md"),
    "exercises/flash_cards.json",
)
MADE = BUILD / "made.txt"
MADE_PAGES = ("genindex.html", "search.html", "py-modindex.html")  # by Sphinx itself
TOOLS = ("sphinx", "myst-nb", "sphinx-book-theme", "sphinx-codeautolink")


def inputs() -> str:
    """One number for all that the book is made from."""
    parts = [ROOT / part for part in INPUTS]
    books = [path for path in BOOK.iterdir() if path != BUILD]
    kept = sorted(path.name for path in (BUILD / "executed").glob("*.json"))
    return digest_of_files([*parts, *sorted(books)]) + "".join(kept)


def is_made(languages: list[str]) -> bool:
    """Whether the book is there, made from what there is now."""
    there = all((html(language) / "index.html").is_file() for language in languages)
    return there and MADE.is_file() and MADE.read_text() == inputs()


def note_made() -> None:
    write(MADE, inputs())


def digest(language: str, editions: list[str]) -> str:
    """One number for all that Sphinx reads."""
    folders = [source(language), extra(language), BOOK / "_static", BOOK / "_templates"]
    files = [BOOK / "conf.py", BOOK / f"words.{language}.json"]
    files += sorted((ROOT / "scripts/bookmaking").glob("sphinx_*.py"))
    parts = [path.read_text(encoding="utf-8") for path in files]
    parts += [f"{tool} {version(tool)}" for tool in TOOLS]
    parts += [digest_of_files([*folders, ROOT / "d2l_bn"]), *editions]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def build(language: str, editions: list[str], jobs: int) -> bool:
    """Make the pages of a language; False if they were as they should be."""
    now, last = digest(language, editions), BUILD / f"digest.{language}.txt"
    if last.is_file() and last.read_text() == now and html(language).is_dir():
        return False
    begin = time.monotonic()
    last.unlink(missing_ok=True)  # an interrupted build is begun again
    if sphinx(language, editions, jobs, now) != 0:
        raise Failure(f"Sphinx could not build the pages in {language!r}; its messages stand above")
    remove_old(language)
    write(last, now)
    print(f"pages in {language!r}: {time.monotonic() - begin:.0f} s", flush=True)
    return True


def remove_old(language: str) -> None:
    """Pages, pictures and downloads that are no more; Sphinx leaves them."""
    out = html(language)
    pages = {path.relative_to(source(language)) for path in source(language).rglob("*.*")}
    wanted = {page.with_suffix(".html") for page in pages} | {Path(page) for page in MADE_PAGES}
    for path in out.rglob("*.html"):
        if path.relative_to(out) not in wanted and "_static" not in path.parts:
            path.unlink()
    for folder in ("pictures", "downloads"):
        for path in (out / folder).rglob("*.*"):
            if not (extra(language) / path.relative_to(out)).exists():
                path.unlink()


def sphinx(language: str, editions: list[str], jobs: int, static: str) -> int:
    """Warnings are errors: a link that leads nowhere is found here."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-n"]
    command += ["-a"]  # every page lists the others: a new title is to be on all of them
    command += ["-j", str(jobs), "-c", str(BOOK), "-d", str(BUILD / "doctrees" / language)]
    if write(BUILD / f"conf.{language}.py", (BOOK / "conf.py").read_bytes()):
        command += ["-E"]  # not every extension says that its settings change what is read
    command += ["-D", f"book_digest={static}", str(source(language)), str(html(language))]
    environment = {
        **os.environ,
        "D2L_BN_BOOK_LANGUAGE": language,
        "D2L_BN_BOOK_EDITIONS": " ".join(editions),
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.run(command, env=environment, check=False).returncode


def write_front_door(languages: list[str]) -> None:
    """The page that leads to the language of the reader."""
    page = (BOOK / "front_door.html").read_text(encoding="utf-8")
    write(BUILD / "html" / "index.html", page.replace("LANGUAGES", json.dumps(languages)))
    write(BUILD / "html" / ".nojekyll", "")  # or GitHub Pages leaves out _static
