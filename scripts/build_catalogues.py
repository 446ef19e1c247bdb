"""Keep the catalogues of the Chinese edition: what there is to translate, and whether it is.

A catalogue is a gettext file (.po): the English text is the msgid, the Chinese one the msgstr. The
catalogues of lessons and pages, and of the package's own sentences, are made from those; what
figures, tables and printed lines say is met by running a lesson (`record`). Lessons that
were run with `D2L_BN_LANGUAGE=en,zh` already, in the folder `D2L_BN_RECORDED`, are not run again.

    python scripts/build_catalogues.py                 # update all from their sources
    python scripts/build_catalogues.py --check         # name what is missing, stale or wrong
    python scripts/build_catalogues.py show STEM       # the texts of one, numbered
    python scripts/build_catalogues.py fill STEM FILE  # take translations: %%%% N, then the text
    python scripts/build_catalogues.py record [NN ...] # run lessons; note what they say in English

STEM is the name of a lesson (02_two_momentums), of its outputs (outputs/02_two_momentums), of its
predictions (predictions/two_momentums), of an exercise (exercise/batchnorm) and of what it says
(messages/batchnorm), of a topic (court/dropout), of a page (page/install), of a table's texts
(tables/studies), or common; without one, all are meant. A changed English text keeps its old
translation, marked fuzzy: `fill` it anew, or edit the file and take the mark away.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polib
from _catalogue_record import record
from _catalogue_texts import (
    ROOT,
    court_texts,
    coverage_topics,
    markdown_cells,
    meanings,
    message_texts,
    page_texts,
    prediction_texts,
    section_names,
    table_texts,
)
from _translation_checks import remarks, remarks_on_text

from d2l_bn._support.command_line import ArgumentParser, Failure, UsageError, run

LESSONS = ROOT / "notebooks" / "source"
PAGES = ROOT / "book" / "pages"
EXERCISES = ROOT / "exercises" / "source"
#: Pages of the book that stand elsewhere, by their names in it.
BORROWED = {
    "exercises_index": ROOT / "exercises" / "README.md",
    "instructors": ROOT / "exercises" / "INSTRUCTORS.md",
}
PACKAGE = ROOT / "d2l_bn" / "language" / "zh_CN"
HEAD = {
    "Language": "zh_CN",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
}
NEAR = 0.6  # how alike a new text must be to one that is gone, to take over its translation


@dataclass(frozen=True)
class Kept:
    """A catalogue, and where its texts come from; None: from runs."""

    name: str
    path: Path
    texts: Callable[[], list[str]] | None
    remarks: Callable[[str, str], list[str]] = remarks_on_text
    known: Callable[[], Mapping[str, str]] = dict  # translations that need no translator


def catalogues() -> dict[str, Kept]:
    """All of them by name."""
    found = [
        Kept("common", PACKAGE / "common.po", None),
        Kept("tables/results", PACKAGE / "tables" / "results.po", None),
    ]
    for room, texts, known in (
        ("predictions", prediction_texts(), dict),
        ("court", court_texts(), meanings),
        ("messages", message_texts(), section_names),
        ("tables", table_texts(), dict),
    ):
        for name, some in texts.items():
            path = PACKAGE / room / f"{name}.po"
            found.append(Kept(f"{room}/{name}", path, lambda some=some: some, known=known))
    found.append(Kept("coverage", LESSONS / "zh_CN" / "coverage.po", coverage_topics))
    for source in sorted(LESSONS.glob("[0-9]*.py")):
        path = LESSONS / "zh_CN" / f"{source.stem}.po"
        found.append(Kept(source.stem, path, lambda s=source: markdown_cells(s), remarks))
        outputs = PACKAGE / "lessons" / f"{source.stem}.po"
        found.append(Kept(f"outputs/{source.stem}", outputs, None))
    for source in sorted(EXERCISES.glob("*/*.py")):
        path = EXERCISES / "zh_CN" / f"{source.stem}.po"
        found.append(
            Kept(f"exercise/{source.stem}", path, lambda s=source: markdown_cells(s), remarks)
        )
    pages = {**{page.stem: page for page in sorted(PAGES.glob("*.md"))}, **BORROWED}
    for name, page in pages.items():
        path = PAGES / "zh_CN" / f"{name}.po"
        found.append(Kept(f"page/{name}", path, lambda p=page: page_texts(p), remarks))
    return {kept.name: kept for kept in found}


def opened(path: Path) -> polib.POFile:
    """A catalogue, or an empty one."""
    if path.exists():
        return polib.pofile(str(path), encoding="utf-8", wrapwidth=0)
    made = polib.POFile(wrapwidth=0, encoding="utf-8")
    made.metadata = HEAD
    return made


def write(path: Path, file: polib.POFile) -> None:
    """Write it if it changes; the same entries always give the same bytes."""
    file.metadata = HEAD
    text = str(file).rstrip("\n") + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT) if ROOT in path.parents else path}")


def updated(old: polib.POFile, texts: list[str], known: Mapping[str, str]) -> polib.POFile:
    """The entries of these texts in their order; a changed text has its old translation, fuzzy."""
    by_text = {entry.msgid: entry for entry in old if not entry.obsolete}
    gone = [text for text in by_text if text not in texts and by_text[text].msgstr]
    made = polib.POFile(wrapwidth=0, encoding="utf-8")
    for text in texts:
        if text in by_text and (by_text[text].msgstr or text not in known):
            made.append(by_text[text])
            continue
        if text in known:
            made.append(polib.POEntry(msgid=text, msgstr=known[text]))
            continue
        entry = polib.POEntry(msgid=text)
        near = difflib.get_close_matches(text, gone, n=1, cutoff=NEAR)
        if near:
            gone.remove(near[0])
            entry.msgstr, entry.previous_msgid = by_text[near[0]].msgstr, near[0]
            entry.flags.append("fuzzy")
        made.append(entry)
    return made


def update(kept: Kept) -> None:
    """Bring a catalogue to what its source says now."""
    if kept.texts is not None:
        write(kept.path, updated(opened(kept.path), kept.texts(), kept.known()))


def problems(kept: Kept) -> list[str]:
    """One line for each entry that is missing, stale, not of the source any more, or wrong."""
    file = opened(kept.path)
    found, there = [], {entry.msgid: entry for entry in file if not entry.obsolete}
    texts = list(there) if kept.texts is None else kept.texts()
    quoted = kept.known()
    for text in texts:
        entry = there.get(text)
        if entry is None or not entry.msgstr:
            found.append(f"missing: {first_words(text)}")
        elif entry.fuzzy:
            found.append(f"stale: {first_words(text)}")
        elif quoted.get(text) != entry.msgstr:
            found += [f"{each}: {first_words(text)}" for each in kept.remarks(text, entry.msgstr)]
    wanted = set(texts)
    found += [f"not in the source: {first_words(text)}" for text in there if text not in wanted]
    return [f"{kept.name}: {each}" for each in found]


def first_words(text: str, length: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length]}…"


def show(kept: Kept) -> None:
    """Print its texts as `fill` takes them: numbered, with the translation where there is one."""
    file = opened(kept.path)
    for number, entry in enumerate(file):
        print(f"%%%% {number}\n{entry.msgid}")
        if entry.fuzzy:
            changed = difflib.ndiff(entry.previous_msgid.split("\n"), entry.msgid.split("\n"))
            print("-- what has changed:", *(line for line in changed if line[0] in "-+"), sep="\n")
        if entry.msgstr:
            print(f"-- there is{' (stale)' if entry.fuzzy else ''}:\n{entry.msgstr}")


def fill(kept: Kept, translations: Path) -> None:
    """Take translations out of a file, by the numbers that `show` gives."""
    file = opened(kept.path)
    text = translations.read_text(encoding="utf-8")
    given = re.findall(r"^%%%% (\d+)\n(.*?)(?=^%%%% \d+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    for number, chinese in given:
        if int(number) >= len(file):
            raise UsageError(f"{translations}: {number}, but {kept.name} has {len(file)} texts")
        entry = file[int(number)]
        entry.msgstr, entry.previous_msgid = chinese.strip("\n"), None
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
    write(kept.path, file)


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("words", nargs="*", metavar="WORD", help="show, fill or record; names of catalogues")
    add("--check", action="store_true", help="write nothing, name what is missing or wrong")


def main(options: argparse.Namespace) -> None:
    every = catalogues()
    verbs = ("update", "show", "fill", "record")
    verb = options.words[0] if options.words[:1] and options.words[0] in verbs else "update"
    names = options.words[options.words[:1] == [verb] :]
    if verb == "record":
        record_all(every, names)
        return
    file = Path(names.pop()) if verb == "fill" and len(names) == 2 else None
    if verb == "fill" and file is None:
        raise UsageError("fill wants the name of a catalogue and a file")
    unknown = [name for name in names if name not in every]
    if unknown:
        raise UsageError(f"no catalogue {', '.join(unknown)}; there are: {', '.join(every)}")
    chosen = [every[name] for name in names or every]
    for kept in chosen:
        if verb == "show":
            show(kept)
        elif not options.check:
            update(kept)
            if file is not None:
                fill(kept, file)
    if options.check or file is not None:
        found = [line for kept in chosen for line in problems(kept)]
        if found:
            raise Failure("\n".join([*found, f"{len(found)} remarks"]))


def record_all(every: Mapping[str, Kept], numbers: list[str]) -> None:
    """Run lessons and add what they say in English to the catalogues of their outputs."""
    stems = [name for name in every if name[:2].isdigit()]
    chosen = [s for s in stems if not numbers or s[:2] in [n.zfill(2) for n in numbers]]
    files = {
        name: opened(kept.path) for name, kept in every.items() if kept.path.is_relative_to(PACKAGE)
    }
    new = record(chosen, [entry.msgid for file in files.values() for entry in file])
    for name, texts in new.items():
        for text in texts:
            files[name].append(polib.POEntry(msgid=text))
        write(every[name].path, files[name])


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
