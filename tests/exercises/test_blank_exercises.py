"""A student alone: the notebook to fill in, from the package; and where to read again."""

import json

import build_chinese_pages
import build_exercises
import jupytext
import nbformat
import pytest
from build_blank_exercises import drifted
from exercise_helpers import ASSIGNMENTS, ROOT, source, tasks

from d2l_bn.__main__ import main
from d2l_bn.commands.exercise import BLANK, blank_notebook
from d2l_bn.exercises.cells import cells_of
from d2l_bn.exercises.command import check_file
from d2l_bn.exercises.questions._reading import READING
from d2l_bn.language import LANGUAGES
from d2l_bn.language.words import CHINESE


def test_the_notebooks_are_as_their_source():
    assert drifted() == [], "python scripts/build_blank_exercises.py"


def test_the_chinese_pages_are_as_their_catalogues():
    """They are in the book, too; one links to the other."""
    assert build_chinese_pages.drifted() == [], "python scripts/build_chinese_pages.py"
    assert "(INSTRUCTORS.zh-CN.md)" in build_chinese_pages.chinese_page("exercises_index")


@pytest.mark.parametrize("name", ASSIGNMENTS)
@pytest.mark.parametrize("text_in", LANGUAGES)
def test_they_hold_checks_and_no_solution(name, text_in):
    text = blank_notebook(name, text_in).read_text(encoding="utf-8")
    assert "SOLUTION" not in text and "nbgrader" not in text
    parts = source(name).read_text(encoding="utf-8").split("### BEGIN SOLUTION")[1:]
    solutions = [part.partition("### END SOLUTION")[0] for part in parts]
    lines = {line.strip() for solution in solutions for line in solution.splitlines()}
    code = "\n".join("".join(c["source"]) for c in json.loads(text)["cells"])
    given = {line.strip() for line in code.splitlines()}
    assert solutions and len(lines & given) < 0.5 * len(lines)
    assert all(f'check("{name}", "{task}", globals())' in code for task in tasks(name))
    assert f"`d2l-bn check {name} {name}.ipynb`" in code
    assert len(cells_of(blank_notebook(name, text_in))) >= 2 * len(tasks(name))


def solved(name, text_in):
    """As nbgrader has it: with solutions, ids and points."""
    return build_exercises.source_notebook(source(name), text_in)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_chinese_one_differs_in_its_text_alone(name):
    """Grading goes by ids, metadata and code."""
    blanks = (nbformat.read(blank_notebook(name, text_in), 4) for text_in in LANGUAGES)
    for english, chinese in (map(solved, (name, name), LANGUAGES), blanks):
        assert len(english.cells) == len(chinese.cells)
        for one, other in zip(english.cells, chinese.cells):
            text = one.cell_type == "markdown"
            assert {**one, "source": other.source if text else one.source} == other
            assert not text or CHINESE.search(other.source)


def test_a_solved_chinese_notebook_gets_full_points(tmp_path):
    nbformat.write(solved("shapes", "zh"), tmp_path / "shapes.ipynb")
    assert check_file("shapes", tmp_path / "shapes.ipynb", say=str) == 0


def test_a_text_without_translation_is_named(tmp_path):
    path = tmp_path / "shapes.py"
    path.write_text(source("shapes").read_text(encoding="utf-8") + "\n# %% [markdown]\n# More.\n")
    with pytest.raises(ValueError, match="shapes is not translated: 'More.'"):
        build_exercises.source_notebook(path, "zh")


def test_written_once_and_never_over_answers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["exercise", "family"]) == 0
    assert "d2l-bn check family family.ipynb" in capsys.readouterr().out
    (tmp_path / "family.ipynb").write_text("answers")
    assert main(["exercise", "family"]) == 2
    assert "family.ipynb is there" in capsys.readouterr().err
    assert (tmp_path / "family.ipynb").read_text() == "answers"
    assert main(["exercise", "family", "--out", "again.ipynb"]) == 0
    assert (tmp_path / "again.ipynb").read_text() == (BLANK / "family.ipynb").read_text()


def test_in_the_language_that_is_asked_for(tmp_path, monkeypatch, capsys):
    """The checks beside the notebook speak it, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("D2L_BN_LANGUAGE", raising=False)
    assert main(["exercise", "family", "--language", "zh"]) == 0
    assert CHINESE.search(capsys.readouterr().out)
    chinese = blank_notebook("family", "zh").read_text(encoding="utf-8")
    assert (tmp_path / "family.ipynb").read_text(encoding="utf-8") == chinese
    assert (tmp_path / ".d2l_bn_language").read_text() == "zh\n"
    monkeypatch.setenv("D2L_BN_LANGUAGE", "en")
    assert main(["exercise", "family", "--out", "english.ipynb"]) == 0
    assert (tmp_path / "english.ipynb").read_text() == (BLANK / "family.ipynb").read_text()


def test_a_class_gets_the_language_with_the_notebook(tmp_path):
    build_exercises.main(
        build_exercises.argparse.Namespace(assignments=["shapes"], language="zh", course=tmp_path)
    )
    folder = tmp_path / "source" / "shapes"
    assert nbformat.read(folder / "shapes.ipynb", 4).cells == solved("shapes", "zh").cells
    assert (folder / ".d2l_bn_language").read_text() == "zh\n"


@pytest.mark.parametrize("text_in, minutes", [("en", " minutes)"), ("zh", " 分钟)")])
def test_the_list_names_all_with_their_times(capsys, text_in, minutes):
    assert main(["exercise", "--language", text_in]) == 0
    said = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in said) == sorted(ASSIGNMENTS)
    assert all(line.endswith(minutes) for line in said)


def test_where_to_read_again():
    """Every task names sections, and every section is there."""
    assert {name: list(sections) for name, sections in READING.items()} == {
        name: tasks(name) for name in ASSIGNMENTS
    }
    for lesson, beginning in {p for t in READING.values() for pairs in t.values() for p in pairs}:
        path = ROOT.parent / "notebooks" / "source" / f"{lesson}.py"
        cells = jupytext.read(path, fmt="py:percent").cells
        lines = {line.lstrip("# ") for c in cells for line in c.source.splitlines()
                 if c.cell_type == "markdown" and line.startswith("#")}  # fmt: skip
        assert any(line.startswith(beginning) for line in lines), (lesson, beginning)
