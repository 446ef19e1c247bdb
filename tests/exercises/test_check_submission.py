"""What is wrong in a submission is named, and repaired or set aside."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from check_submission import check_submission, main, submissions

ROOT = Path(__file__).parents[2]


def cell(name, source, kind="code", **settings):
    made = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
    settings = {
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
        "schema_version": 3,
        **settings,
    }
    return made(source, metadata={"nbgrader": {"grade_id": name, **settings}})


def released():
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Title"),
            cell("double", "# YOUR CODE HERE", solution=True),
            cell("double_check", "check(1)", grade=True, locked=True, points=2),
            cell("words", "YOUR ANSWER HERE", "markdown", grade=True, solution=True, points=3),
        ]
    )


def named(notebook, name):
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
    assert len(cells) == 1, name
    return cells[0]


class Course:
    """A course folder with one released notebook, and what one student submitted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "submitted" / "ada" / "doubles"
        (root / "release" / "doubles").mkdir(parents=True)
        self.folder.mkdir(parents=True)
        nbformat.write(released(), root / "release" / "doubles" / "doubles.ipynb")

    def submit(self, edit=None, name="doubles.ipynb"):
        notebook = nbformat.read(self.root / "release/doubles/doubles.ipynb", as_version=4)
        named(notebook, "double").source = "def double(x): return 2 * x"
        if edit:
            edit(notebook)
        nbformat.write(notebook, self.folder / name)

    def check(self, repair=True):
        return [str(p) for p in check_submission(self.root, "doubles", "ada", repair)]

    @property
    def submitted(self):
        return nbformat.read(self.folder / "doubles.ipynb", as_version=4)


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def is_repaired(course):
    """nbgrader's cells are the released ones, in their order, and the answer is the student's."""
    notebook, wanted = course.submitted, released()
    cells = [c for c in notebook.cells if "nbgrader" in c.metadata]
    assert [c.metadata for c in cells] == [c.metadata for c in wanted.cells[1:]]
    assert [c.cell_type for c in cells] == ["code", "code", "markdown"]
    assert named(notebook, "double").source == "def double(x): return 2 * x"
    assert named(notebook, "double_check").source == "check(1)"
    return course.check() == []


def test_nothing_is_wrong(course):
    course.submit()
    before = (course.folder / "doubles.ipynb").read_bytes()
    assert course.check() == []
    assert (course.folder / "doubles.ipynb").read_bytes() == before
    assert not (course.root / "as_submitted").exists()


def delete_check(notebook):
    notebook.cells.remove(named(notebook, "double_check"))


def change_check(notebook):
    named(notebook, "double_check").source = "2.0"


def change_points(notebook):
    named(notebook, "double_check").metadata.nbgrader.points = 100


def not_graded(notebook):
    named(notebook, "double_check").metadata.nbgrader.grade = False


def newer_schema(notebook):
    named(notebook, "double_check").metadata.nbgrader.schema_version = 99


def no_grade_id(notebook):
    del named(notebook, "double_check").metadata.nbgrader["grade_id"]


def copy_check(notebook):
    notebook.cells.insert(1, nbformat.from_dict(named(notebook, "double_check")))
    notebook.cells[1].id = "other"


def copy_answer(notebook):
    """The copy is blank: the answer is the one that was filled in."""
    notebook.cells.append(cell("double", "# YOUR CODE HERE", solution=True))


def foreign_cell(notebook):
    notebook.cells.append(cell("of_another_assignment", "1", solution=True))


def text_to_code(notebook):
    position = notebook.cells.index(named(notebook, "words"))
    settings = notebook.cells[position].metadata
    notebook.cells[position] = nbformat.v4.new_code_cell("my answer", metadata=settings)


def settings_no_dictionary(notebook):
    named(notebook, "double_check").metadata["nbgrader"] = "deleted"


@pytest.mark.parametrize(
    "edit, words",
    [
        (delete_check, "cell double_check: was deleted, or lost its grade_id. Put back"),
        (change_check, "cell double_check: the check was changed. Put back"),
        (change_points, "cell double_check: its settings were changed (points, type). Set as"),
        (not_graded, "cell double_check: its settings were changed"),
        (newer_schema, "cell double_check: its settings were changed"),
        (no_grade_id, "cell number 3: has no grade_id. Taken for an ordinary cell"),
        (copy_check, "cell double_check: is there 2 times. The last counts"),
        (copy_answer, "cell double: is there 2 times. The last that was filled in counts"),
        (foreign_cell, "cell of_another_assignment: is not of this assignment"),
        (text_to_code, "cell words: is code, was markdown. Changed back"),
        (settings_no_dictionary, "cell double_check: was deleted, or lost its grade_id"),
    ],
)
def test_named_and_repaired(course, edit, words):
    course.submit(edit)
    before = (course.folder / "doubles.ipynb").read_bytes()
    told = course.check(repair=False)
    assert any(line.startswith(f"ada, doubles, {words}") for line in told), told
    assert (course.folder / "doubles.ipynb").read_bytes() == before
    assert course.check() == told
    assert (course.root / "as_submitted/ada/doubles/doubles.ipynb").read_bytes() == before
    assert is_repaired(course)


def test_a_written_answer_survives_the_change_of_its_cell(course):
    course.submit(text_to_code)
    course.check()
    assert named(course.submitted, "words").source == "my answer"


def test_all_cells_deleted(course):
    course.submit(lambda notebook: notebook.cells.clear())
    assert len(course.check()) == 3
    assert [c.source for c in course.submitted.cells] == [c.source for c in released().cells[1:]]


def test_cell_ids_double_or_missing(course):
    course.submit()
    path = course.folder / "doubles.ipynb"
    content = json.loads(path.read_text())
    content["cells"][1]["id"] = content["cells"][0]["id"]
    del content["cells"][2]["id"]
    path.write_text(json.dumps(content))
    assert course.check() == [
        "ada, doubles, doubles.ipynb: 2 cells have no id, or that of another. Given new ids"
    ]
    assert is_repaired(course)


def test_another_file_name(course):
    course.submit(name="doubles (1).ipynb")
    (told,) = course.check()
    assert "the notebook is called doubles (1).ipynb. Taken for doubles.ipynb" in told
    assert is_repaired(course)
    assert not (course.folder / "doubles (1).ipynb").exists()


def test_two_files_that_may_be_it(course):
    course.submit(name="first.ipynb")
    course.submit(name="second.ipynb")
    (told,) = course.check()
    assert "doubles.ipynb: is missing; there is first.ipynb, second.ipynb. Ask for" in told
    assert (course.root / "set_aside/ada/doubles/first.ipynb").exists()


@pytest.mark.parametrize(
    "content",
    ["", "print('hello')", "[]", "{}", "<html>", '{"cells": [1], "nbformat": 4, "metadata": {}}'],
)
def test_no_notebook_is_set_aside(course, content):
    path = course.folder / "doubles.ipynb"
    path.write_text(content)
    (told,) = course.check(repair=False)
    assert told.startswith("ada, doubles, doubles.ipynb: is not a notebook that can be read (")
    assert path.exists()
    assert course.check() == [told]
    aside = course.root / "set_aside/ada/doubles"
    assert not course.folder.exists()
    assert (aside / "doubles.ipynb").read_text() == content
    assert told in (aside / "REASON.txt").read_text()


def test_bytes_that_are_no_text(course):
    (course.folder / "doubles.ipynb").write_bytes(b"\xff\xfe\x00{")
    assert "is not a notebook that can be read" in course.check()[0]


def test_nothing_in_the_folder(course):
    assert "doubles.ipynb: is missing; there is no notebook. Ask for" in course.check()[0]


def test_a_link_is_not_followed(course, tmp_path):
    """It may point to what the instructor can read and the student cannot."""
    secret = tmp_path / "secret.ipynb"
    nbformat.write(released(), secret)
    (course.folder / "doubles.ipynb").symlink_to(secret)
    assert "doubles.ipynb: is a link to another file" in course.check()[0]
    assert secret.exists() and not course.folder.exists()


def test_set_aside_again(course):
    """Collected again, it may be there already."""
    for _ in range(2):
        course.folder.mkdir(parents=True, exist_ok=True)
        (course.folder / "doubles.ipynb").write_text("")
        assert course.check()
        assert not course.folder.exists()


def test_the_command(course, capsys):
    course.submit(change_points)
    assert submissions(course.root, []) == [("doubles", "ada")]
    assert main(["--course", str(course.root)]) == 1
    assert "ada, doubles, cell double_check" in capsys.readouterr().out
    assert main(["doubles", "--repair", "--course", str(course.root)]) == 1
    assert main(["doubles", "--student", "ada", "--course", str(course.root)]) == 0
    assert main(["doubles", "--student", "nobody", "--course", str(course.root)]) == 0
