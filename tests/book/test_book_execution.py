"""When a lesson of the book is executed again, and when not."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("sphinx")

import nbformat
from bookmaking import execution
from nbformat import v4


def lesson(code="x = 1", text="# A lesson"):
    return v4.new_notebook(cells=[v4.new_markdown_cell(text), v4.new_code_cell(code)])


def test_the_key_is_of_code_package_and_size_and_not_of_sentences():
    key = execution.key(lesson(), "package", False)
    assert key == execution.key(lesson(text="# Another sentence"), "package", False)
    others = [
        execution.key(lesson("x = 2"), "package", False),
        execution.key(lesson(), "changed", False),
        execution.key(lesson(), "package", True),
    ]
    assert key not in others and len(set(others)) == 3


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('"""Other words."""\nx = 1  # and a comment\n', True),
        ('def f():\n    """Words."""\n    return 1\n', False),
        ("x = 2\n", False),
    ],
)
def test_docstrings_and_comments_of_the_package_do_not_count(tmp_path, text, same):
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text('"""Words."""\nx = 1\n')
    new.write_text(text)
    assert (execution.what_runs(old) == execution.what_runs(new)) is same


def test_a_changed_name_or_file_changes_the_digest(tmp_path):
    (tmp_path / "a.json").write_text("1")
    first = execution.digest_of_files([tmp_path])
    (tmp_path / "a.json").rename(tmp_path / "b.json")
    second = execution.digest_of_files([tmp_path])
    (tmp_path / "b.json").write_text("2")
    assert len({first, second, execution.digest_of_files([tmp_path])}) == 3


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Executes nothing: a notebook's code is its output; and which were asked for."""
    ran = []

    def run(name, notebook, place, fast):
        ran.append(name)
        outputs = [[v4.new_output("stream", text=notebook.cells[1].source)]]
        words = execution.words_of_pictures(outputs, name)
        execution.write(place, json.dumps({"words": words, "outputs": outputs}))

    monkeypatch.setattr(execution, "BUILD", tmp_path)
    monkeypatch.setattr(execution, "_run", run)
    monkeypatch.setattr(execution, "digest_of_package", lambda: "package")
    return ran


def test_only_what_changed_is_executed_and_outputs_go_to_their_cells(kept):
    lessons = {"01_a": lesson("a"), "02_b": lesson("b")}
    execution.executed(lessons, fast=False, jobs=1)
    lessons = {"01_a": lesson("a", "# New words"), "02_b": lesson("c")}
    made = execution.executed(lessons, fast=False, jobs=1)
    assert kept == ["01_a", "02_b", "02_b"]
    assert made["01_a"].cells[0].source == "# New words"
    assert [made[name].cells[1].outputs[0].text for name in made] == ["a", "c"]


def test_other_chinese_words_in_a_picture_ask_for_a_new_one(kept, tmp_path, monkeypatch):
    notebooks = {"01_a": lesson("a")}
    execution.executed(notebooks, fast=False, jobs=1)
    monkeypatch.setattr(execution, "words_of_pictures", lambda outputs, name: "other")
    execution.executed(notebooks, fast=False, jobs=1)
    assert kept == ["01_a", "01_a"]


def test_a_failing_cell_is_named_with_its_lesson_and_its_error():
    notebook = lesson("first = 1\n1 / 0")
    error = v4.new_output(
        "error",
        ename="ZeroDivisionError",
        evalue="division by zero",
        traceback=["…", "\x1b[0;31mZeroDivisionError\x1b[0m: division by zero"],
    )
    notebook.cells[1].outputs = [error]
    said = execution.failure("04_x", nbformat.from_dict(notebook), None)
    assert said == "04_x, cell 2 (first = 1): ZeroDivisionError: division by zero"
