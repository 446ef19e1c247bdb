"""A student alone: the notebook to fill in, from the package; and where to read again."""

import json

import jupytext
import pytest
from build_blank_exercises import drifted
from exercise_helpers import ASSIGNMENTS, ROOT, source, tasks

from d2l_bn.__main__ import main
from d2l_bn.commands.exercise import BLANK
from d2l_bn.exercises.cells import cells_of
from d2l_bn.exercises.questions._reading import READING


def test_the_notebooks_are_as_their_source():
    assert drifted() == [], "python scripts/build_blank_exercises.py"


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_they_hold_checks_and_no_solution(name):
    text = (BLANK / f"{name}.ipynb").read_text(encoding="utf-8")
    assert "SOLUTION" not in text and "nbgrader" not in text
    parts = source(name).read_text(encoding="utf-8").split("### BEGIN SOLUTION")[1:]
    solutions = [part.partition("### END SOLUTION")[0] for part in parts]
    lines = {line.strip() for solution in solutions for line in solution.splitlines()}
    code = "\n".join("".join(c["source"]) for c in json.loads(text)["cells"])
    given = {line.strip() for line in code.splitlines()}
    assert solutions and len(lines & given) < 0.5 * len(lines)
    assert all(f'check("{name}", "{task}", globals())' in code for task in tasks(name))
    assert f"`d2l-bn check {name} {name}.ipynb`" in code
    assert len(cells_of(BLANK / f"{name}.ipynb")) >= 2 * len(tasks(name))


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


def test_the_list_names_all_with_their_times(capsys):
    assert main(["exercise"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in said) == sorted(ASSIGNMENTS)
    assert all(line.endswith(" minutes)") for line in said)


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
