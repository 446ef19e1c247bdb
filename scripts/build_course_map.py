#!/usr/bin/env python3
"""Make notebooks/README.md, the map of the course, from the notebooks and notebooks/coverage.csv.

The Chinese one, notebooks/zh/README.md, has the lessons that are wholly translated.

    python scripts/build_course_map.py             # write it
    python scripts/build_course_map.py --check     # only name what is wrong
    python scripts/build_course_map.py --pictures  # run the notebooks first, keep a picture of each

The picture of a notebook is the first one of its cell with the tag ``cover``.
"""

from __future__ import annotations

import argparse
import base64
import csv
import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from _chinese_lessons import in_chinese

from d2l_bn._support.command_arguments import folder_to_write, positive_int
from d2l_bn._support.command_line import ArgumentParser, Failure, run
from d2l_bn.language.catalogue import entries

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
ROWS = range(1, 75)
WIDTH = 360  # pixels of a picture
HEAD = """\
# The course, in reading order

Each notebook opens with what you will be able to do, and closes with exercises. `make lab` opens
them. The times are for two CPU cores. Seven notebooks to fill in, with checks,
and flash cards: [exercises/README.md](../exercises/README.md). The terms in English and Chinese:
[GLOSSARY.md](GLOSSARY.md). 中文版：[zh/README.md](zh/README.md)。

"""
CHINESE_HEAD = """\
# 课程目录（按阅读顺序）

每一课的开头写明学完之后你能做什么，结尾有练习。`make lab LANGUAGE=zh` 打开这些笔记本；
代码与英文版相同，文字、图和输出都是中文。用时按两个 CPU 核计。
七本可以填写并自行检查的练习和抽认卡：
[exercises/README.md](../../exercises/README.md)。术语中英对照：[GLOSSARY.md](../GLOSSARY.md)。
English: [README.md](../README.md).

"""


@dataclass(frozen=True)
class Words:
    """What a map says in one language, and how a lesson opens in it."""

    head: str
    columns: str
    topics: tuple[str, str, str]
    can: str
    time: str
    cores: str


WORDS = {
    "en": Words(
        HEAD,
        "| | notebook | after it you can | time |",
        (
            "## Where each topic is shown",
            "The rows are the topics of the course's five source documents.",
            "| row | topic | shown in |",
        ),
        "you can**",
        r"\*\*Time:\*\* (.+?)\.$",
        " on two CPU cores",
    ),
    "zh": Words(
        CHINESE_HEAD,
        "| | 笔记本 | 学完之后你能够 | 用时 |",
        ("## 每个主题在哪里讲", "各行是本课程五份来源文档中的主题。", "| 行 | 主题 | 见 |"),
        "你能够**",
        r"\*\*用时\*\*：(.+?)。$",
        "在两个 CPU 核上",
    ),
}


def lessons(folder: Path) -> list[Path]:
    return sorted((folder / "source").glob("[0-9]*.py"))


def cells(source: Path, language: str = "en"):
    """Of a lesson; in Chinese none if it is not wholly translated."""
    import jupytext

    notebook = jupytext.read(source, fmt="py:percent")
    if language == "zh":
        notebook = in_chinese(notebook, source)
    return [] if notebook is None else notebook.cells


def headings(source: Path, language: str = "en") -> list[str]:
    """The titles and section titles of a notebook."""
    found = []
    for cell in cells(source, language):
        if cell.cell_type == "markdown":
            found += re.findall(r"^#+ (.+?)\s*$", cell.source, re.MULTILINE)
    return found


def opening(source: Path, language: str = "en") -> dict[str, str]:
    """Title, what the reader can and times: a picture or a failure may come before the last two."""
    words = WORDS[language]
    texts = (cell.source for cell in cells(source, language) if cell.cell_type == "markdown")
    text = "\n".join(texts)
    title = re.match(r"# (\d+) · (.+)", text)
    if title is None:
        raise ValueError(f"{source.name}: expected a first line such as '# 7 · What does it buy?'")
    times = re.search(words.time, text, re.DOTALL | re.MULTILINE)
    _, _, after = text.partition(words.can)
    can = re.search(r"^- (.+?)[;.；。]\n(?:-|\n)", after, re.DOTALL | re.MULTILINE)
    if times is None or can is None:
        raise ValueError(f"{source.name}: expected '**Time:** …' and a list of what the reader can")
    return {
        "number": title[1],
        "title": title[2],
        "can": " ".join(can[1].split()),
        "time": " ".join(times[1].replace(words.cores, "").split()),
    }


def coverage(folder: Path) -> list[dict[str, str]]:
    """The lines of coverage.csv: row, topic, notebook, section."""
    with open(folder / "coverage.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def gaps(folder: Path) -> list[str]:
    """What is wrong with the coverage: a row without a place, a place that is not there."""
    places, problems = coverage(folder), []
    for row in ROWS:
        if not any(place["row"] == str(row) for place in places):
            problems.append(f"row {row} has no place in coverage.csv")
    known = {source.stem: headings(source) for source in lessons(folder)}
    for place in places:
        name = f"row {place['row']}: {place['notebook']}, {place['section']!r}"
        if place["notebook"] not in known:
            problems.append(f"{name}: there is no such notebook")
        elif place["section"] not in known[place["notebook"]]:
            problems.append(f"{name}: the notebook has no such section")
    return problems


def course_map(folder: Path, language: str = "en") -> str:
    """The text of README.md, or of zh/README.md."""
    words, up = WORDS[language], "" if language == "en" else "../"
    there = [source for source in lessons(folder) if cells(source, language)]
    lines = [words.columns, "|---|---|---|---|"]
    for source in there:
        facts = opening(source, language)
        picture = find_picture(source, folder)
        shown = f'<img src="{up}pictures/{picture.name}" width="{WIDTH}">' if picture else ""
        link = f"[{facts['number']} · {facts['title']}]({source.stem}.ipynb)"
        lines.append(f"| {shown} | {link} | {facts['can']} | {facts['time']} |")
    heading, sentence, columns = words.topics
    lines += ["", heading, "", sentence, "", columns, "|---|---|---|"]
    names = {source.stem: _section_names(source, language) for source in there}
    topics = topics_in_chinese(folder) if language == "zh" else {}
    by_row: dict[str, list[dict[str, str]]] = {}
    for place in coverage(folder):
        by_row.setdefault(place["row"], []).append(place)
    for row, places in sorted(by_row.items(), key=lambda item: int(item[0])):
        shown = "; ".join(
            f"[{int(place['notebook'][:2])}: {names[place['notebook']][place['section']]}]"
            f"({place['notebook']}.ipynb)"
            for place in places
            if place["section"] in names.get(place["notebook"], ())
        )
        topic = places[0]["topic"]
        lines.append(f"| {row} | {topics.get(topic, topic)} | {shown} |")
    return words.head + "\n".join(lines) + "\n"


def _section_names(source: Path, language: str) -> dict[str, str]:
    """From the English title of each section to that in a language."""
    return dict(zip(headings(source), headings(source, language)))


def topics_in_chinese(folder: Path) -> dict[str, str]:
    path = folder / "source" / "zh_CN" / "coverage.po"
    return entries(path) if path.exists() else {}


def find_picture(source: Path, folder: Path) -> Path | None:
    """The picture of a notebook, a bitmap or a drawing."""
    return next(iter((folder / "pictures").glob(f"{source.stem}.*")), None)


def take_picture(source: Path, folder: Path) -> None:
    """Run a notebook in full and keep the picture of its cover."""
    import jupytext
    import nbclient

    notebook = jupytext.read(source, fmt="py:percent")
    covers = [cell for cell in notebook.cells if "cover" in cell.metadata.get("tags", [])]
    if len(covers) != 1:
        raise ValueError(f"{source.name}: {len(covers)} cells with the tag 'cover'; expected one")
    nbclient.NotebookClient(
        notebook, timeout=1800, resources={"metadata": {"path": str(folder)}}
    ).execute()
    keep_picture(covers[0], folder / "pictures" / source.stem)


def keep_picture(cell, path: Path) -> None:
    """Write the first picture of a cell under ``path``, with the ending that it needs."""
    from PIL import Image

    path.parent.mkdir(exist_ok=True)
    for output in cell.outputs:
        data = output.get("data", {})
        if "image/png" in data:
            image = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
            image.thumbnail((WIDTH, WIDTH))
            image.quantize(64).save(path.with_suffix(".png"), optimize=True)
            return
        if "image/svg+xml" in data:  # as d2l has its figures shown
            path.with_suffix(".svg").write_text(data["image/svg+xml"], encoding="utf-8")
            return
    raise ValueError(f"{path.name}: the cell with the tag 'cover' draws nothing")


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--check", action="store_true", help="write nothing, name what is wrong")
    add(
        "--pictures",
        nargs="*",
        metavar="NN",
        type=positive_int,
        help="run these notebooks (all) for their pictures",
    )
    add("--folder", type=folder_to_write, default=str(NOTEBOOKS), help="of the notebooks")


def main(options: argparse.Namespace) -> None:
    if options.pictures is not None:
        for source in lessons(options.folder):
            if not options.pictures or int(source.name[:2]) in options.pictures:
                print(source.stem, flush=True)
                take_picture(source, options.folder)
    problems = gaps(options.folder)
    for language, name in (("en", "README.md"), ("zh", "zh/README.md")):
        readme, text = options.folder / name, course_map(options.folder, language)
        if not options.check:
            readme.parent.mkdir(exist_ok=True)
            readme.write_text(text, encoding="utf-8")
        if not readme.exists() or readme.read_text(encoding="utf-8") != text:
            problems.append(f"{name} is not what the notebooks say")
    if problems:
        raise Failure("; ".join(problems))


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
