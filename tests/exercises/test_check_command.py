"""Checking a notebook from a terminal: right or what to look at, whatever the file is like."""

import json
import subprocess
import sys

import pytest
from exercise_helpers import source

from d2l_bn.exercises.command import check_file, code_cells, main

ENDLESS = """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


def notebook(folder, *cells):
    path = folder / "mine.ipynb"
    made = [{"cell_type": "code", "source": cell.splitlines(True)} for cell in cells]
    text = {"cell_type": "markdown", "source": ["while True: not code"]}
    path.write_text(json.dumps({"cells": [text, *made], "nbformat": 4}), encoding="utf-8")
    return path


def test_a_right_one(capfd):
    assert check_file("shapes", source("shapes")) == 0
    said = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[:5]] == ["right"] * 5
    assert said[5].startswith("5 of 5 tasks of shapes right.")


def test_whatever_happens_in_one_cell_the_others_are_checked(tmp_path):
    (right,) = (c for c in code_cells(source("shapes")) if "def centre" in c)
    path = notebook(
        tmp_path,
        "%matplotlib inline\n!ls",
        right + '\ncheck("shapes", "centre", globals())',
        "import os\nos.write(1, b'noise')\nprint('noise')\nraise ValueError('my own')",
        "def mean_shape(shape, axis, keepdims):\n    return shape",
        "def channel_mean(X):\n    while True:\n        pass",
        "def broken(:",
    )
    command = [sys.executable, "-m", "d2l_bn.exercises.command", "shapes", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    said = done.stdout
    assert done.returncode == 1 and done.stderr == ""
    assert "right    centre" in said and "noise" not in said
    assert "cell 3 stops: ValueError: my own" in said and "cell 6 stops: SyntaxError" in said
    assert "The axis that you name" in said or "expected (" in said
    assert "`check_images` is not there" in said
    assert "channel_mean" in said and "Does a loop never end?" in said
    assert "1 of 5 tasks of shapes right" in said


def test_an_endless_cell_that_catches_everything(tmp_path):
    said = []
    path = notebook(tmp_path, ENDLESS)
    assert check_file("shapes", path, seconds=0.5, say=said.append) == 2
    assert said[-1].startswith("stopped at cell 1: ") and "endless loop" in said[-1]


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("mine.ipynb", "def f(): pass", "is not JSON (line 1"),
        ("mine.ipynb", "{\n<<<<<<< HEAD\n}", "marks of a merge"),
        ("mine.ipynb", "[1, 2]", "no notebook"),
        ("mine.ipynb", '{"cells": 3}', "no notebook"),
        ("mine.py", None, "there is no such file"),
        ("mine.py", b"\xff\xfe\x00", "cannot be read as text"),
    ],
)
def test_what_is_no_notebook(tmp_path, name, text, words):
    path, said = tmp_path / name, []
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert check_file("shapes", path, say=said.append) == 2
    assert len(said) == 1 and words in said[0] and name in said[0]


def test_a_task_that_is_not_there(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["shapes", "mine.ipynb", "--task", "centring"])
    assert stopped.value.code == 2 and "mean_shape, broadcast_shape" in capsys.readouterr().err
