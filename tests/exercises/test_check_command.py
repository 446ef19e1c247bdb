"""Checking a notebook from a terminal: right or what to look at, whatever the file is like."""

import json

import pytest
from exercise_helpers import source

from d2l_bn.exercises.cells import Unreadable, cells_of, code_cells
from d2l_bn.exercises.command import check_file

ENDLESS = """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


def notebook(folder, *cells):
    """Code cells with prompts from 11, below a cell of text with a heading."""
    path = folder / "mine.ipynb"
    made = [
        {"cell_type": "code", "source": cell.splitlines(True), "execution_count": 10 + number}
        for number, cell in enumerate(cells, start=1)
    ]
    text = {"cell_type": "markdown", "source": ["## My part\n", "while True: not code"]}
    path.write_text(json.dumps({"cells": [text, *made], "nbformat": 4}), encoding="utf-8")
    return path


def report(path, assignment="shapes", **options):
    said = []
    return check_file(assignment, path, say=said.append, **options), "\n".join(said)


def test_a_right_one(capfd):
    assert check_file("shapes", source("shapes")) == 0
    said = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[:5]] == ["right"] * 5
    assert said[5].startswith("5 of 5 tasks of shapes right.")


def test_whatever_happens_in_one_cell_the_others_are_checked(tmp_path, capfd):
    (right,) = (c for c in code_cells(source("shapes")) if "def centre" in c)
    path = notebook(
        tmp_path,
        "%matplotlib inline\n!ls",
        right + '\ncheck("shapes", "centre", globals())',
        "import os\nos.write(1, b'noise')\nprint('noise')\n\nraise ValueError('my own')",
        "def mean_shape(shape, axis, keepdims):\n    return shape",
        "def channel_mean(X):\n    while True:\n        pass",
        "x = 1\ndef broken(:",
        "def broadcast_shape(a, b):\n    return missing",
        "broadcast_shape(1, 2)",
    )
    status, said = report(path)
    assert status == 1 and capfd.readouterr() == ("", "")
    assert "right    `centre`" in said and "noise" not in said
    place = "cell {} [{}], under “My part”, stops at line {}"
    assert place.format(4, 13, 5) + ": ValueError: my own" in said
    assert place.format(7, 16, 2) + ": SyntaxError" in said
    assert place.format(9, 18, 1) + ", in line 2 of cell 8: NameError: name 'missing'" in said
    assert "The axis that you name" in said or "expected (" in said
    assert "all of it" in said and said.count("NameError in line 2 of the cell") == 1
    assert "`check_images` is not there" in said
    assert "channel_mean" in said and "Does a loop never end?" in said
    assert "Read again: notebook 1, “Making a wrong shape loud: `assert`”." in said
    assert said.count("Read again") == 4 and "1 of 5 tasks of shapes right" in said


def test_what_fails_alike_is_said_once(tmp_path):
    path = notebook(tmp_path, "nq.zeros(1)", "x = 1\nnq.ones(2)", "1 / 0", "nq.pi")
    _, said = report(path, only="check_images")
    lines = said.splitlines()
    assert lines[0].startswith("cell 2 [11], under “My part”, stops at line 1: NameError: ")
    assert lines[1].split() == "the same in cells 3, 5".split()
    assert said.count("NameError") == 1 and "ZeroDivisionError" in lines[2]


def test_the_line_of_a_python_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("# %% [markdown]\n# ## Part\n#\n# text\n\n# %%\nx = 1\n1 / 0\n")
    _, said = report(path, only="check_images")
    assert said.startswith(
        "cell 2, under “Part”, stops at line 2 (line 8 of the file): ZeroDivisionError"
    )
    assert [cell.number for cell in cells_of(path)] == [2]
    path.write_text("x = 1\n")
    assert [cell.place() for cell in cells_of(path)] == ["cell 1"]


def test_an_endless_cell_that_catches_everything(tmp_path):
    status, said = report(notebook(tmp_path, ENDLESS), seconds=0.5)
    last = said.splitlines()[-1]
    assert status == 2
    assert last.startswith("stopped at cell 2 [11]") and "endless loop" in last


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("mine.ipynb", "def f(): pass", "is not JSON (line 1"),
        ("mine.ipynb", "{\n<<<<<<< HEAD\n}", "marks of a merge"),
        ("mine.ipynb", "[1, 2]", "no notebook"),
        ("mine.ipynb", '{"cells": 3}', "no notebook"),
        ("mine.ipynb", '{"cells": [3]}', "no notebook"),
        ("mine.py", None, "there is no such file"),
        ("mine.py", b"\xff\xfe\x00", "cannot be read as text"),
    ],
)
def test_what_is_no_notebook(tmp_path, name, text, words):
    path = tmp_path / name
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Unreadable, match=name) as refused:
        check_file("shapes", path)
    assert words in str(refused.value)


def test_a_chinese_reader_is_told_in_chinese(tmp_path, monkeypatch):
    """What was expected, the reason, where to read again; names of the program stay."""
    monkeypatch.setenv("D2L_BN_LANGUAGE", "zh")
    code = "def centre(X, axis):\n    return X - X.mean()\n"
    status, said = report(notebook(tmp_path, code, "nq + 1"))
    assert status == 1
    assert (
        "单元格 3 [12]，在“My part”之下，停在第 1 行: NameError: name 'nq' is not defined：" in said
    )
    assert "均值取自所有的数：请把轴传给 mean()。" in said and "应为" in said
    assert "请重读：第 1 课“广播，以及 keepdims 的用处”。" in said
    assert "`centre`" in said and "`shapes` 的 5 道题做对了 0 道。" in said
