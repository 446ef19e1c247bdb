"""The map of the course: every topic has a place that is there, and the page is up to date."""

from __future__ import annotations

from pathlib import Path

import build_course_map as course_map
import pytest

ROOT = Path(__file__).resolve().parents[2]
LESSON = """\
# %% [markdown]
# # 1 · A lesson
#
# **After this notebook you can**
#
# - count to
#   three;
# - and more.
#
# **Time:** a minute to run on two CPU cores, 5 minutes to read.

# %% [markdown]
# ## A section
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "01_lesson.py").write_text(LESSON, encoding="utf-8")
    places = [f"{row},topic {row},01_lesson,A section" for row in range(1, 75)]
    write(tmp_path, places)
    return tmp_path


def write(folder, places):
    lines = ["row,topic,notebook,section", *places]
    (folder / "coverage.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_every_topic_of_the_course_has_a_place():
    assert course_map.gaps(ROOT / "notebooks") == []


def test_the_map_is_what_the_notebooks_say():
    text = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    assert text == course_map.course_map(ROOT / "notebooks")


def test_every_notebook_has_a_picture_on_the_map():
    for source in course_map.lessons(ROOT / "notebooks"):
        picture = course_map.find_picture(source, ROOT / "notebooks")
        assert picture, f"python scripts/build_course_map.py --pictures {source.name[:2]}"
        assert picture.stat().st_size < 200_000


def test_a_lesson_on_the_map(folder):
    text = course_map.course_map(folder)
    line = next(line for line in text.splitlines() if "01_lesson.ipynb" in line)
    assert "[1 · A lesson](01_lesson.ipynb)" in line
    assert "| count to three | a minute to run, 5 minutes to read |" in line
    assert "| 74 | topic 74 | [1: A section](01_lesson.ipynb) |" in text
    assert course_map.gaps(folder) == []


def test_a_row_without_a_place_is_named(folder):
    places = (folder / "coverage.csv").read_text(encoding="utf-8").splitlines()[1:]
    write(folder, [place for place in places if not place.startswith("17,")])
    assert course_map.gaps(folder) == ["row 17 has no place in coverage.csv"]


@pytest.mark.parametrize(
    "place, problem",
    [
        ("5,x,02_other,A section", "row 5: 02_other, 'A section': there is no such notebook"),
        ("5,x,01_lesson,B", "row 5: 01_lesson, 'B': the notebook has no such section"),
    ],
)
def test_a_place_that_is_not_there_is_named(folder, place, problem):
    with open(folder / "coverage.csv", "a", encoding="utf-8") as file:
        file.write(place + "\n")
    assert course_map.gaps(folder) == [problem]


def test_check_fails_until_the_map_is_written(folder, run):
    name, where = "build_course_map.py", ("--folder", folder)
    status, _, err = run(name, "--check", *where)
    assert status == 1 and "README.md is not what the notebooks say" in err
    assert run(name, *where)[0] == 0
    assert run(name, "--check", *where)[0] == 0


def test_an_opening_without_a_time_is_refused(folder):
    source = folder / "source" / "01_lesson.py"
    source.write_text(LESSON.replace("**Time:**", "Time:"), encoding="utf-8")
    with pytest.raises(ValueError, match="01_lesson.py: expected"):
        course_map.course_map(folder)


def test_the_chinese_map_has_what_is_translated(folder):
    import polib

    cells = [cell.source for cell in course_map.cells(folder / "source" / "01_lesson.py")]
    chinese = [
        "# 1 · 一课\n\n**学完这一课，你能够**\n\n- 数到三；\n- 等等。\n\n"
        "**用时**：在两个 CPU 核上运行一分钟，阅读 5 分钟。",
        "## 一节",
    ]
    path = folder / "source" / "zh_CN" / "01_lesson.po"
    path.parent.mkdir()
    catalogue = polib.POFile()
    catalogue.extend(polib.POEntry(msgid=e, msgstr=c) for e, c in zip(cells, chinese))
    catalogue.save(str(path))
    text = course_map.course_map(folder, "zh")
    assert "| [1 · 一课](01_lesson.ipynb) | 数到三 | 运行一分钟，阅读 5 分钟 |" in text
    assert "| 74 | topic 74 | [1: 一节](01_lesson.ipynb) |" in text
    catalogue[0].flags.append("fuzzy")
    catalogue.save(str(path))
    assert "01_lesson.ipynb" not in course_map.course_map(folder, "zh")
