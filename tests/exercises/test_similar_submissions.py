"""Likeness of submissions: copies are found under other names, independent answers are not."""

from __future__ import annotations

import pytest
import similar_submissions
from similar_submissions import runs, similar

KNOWN = "def normalize(X, eps):\n    raise NotImplementedError\n"
ONE = """
def normalize(X, eps):
    mean = X.mean(axis=0, keepdims=True)
    centred = X - mean
    var = (centred * centred).mean(axis=0, keepdims=True)
    return centred / (var + eps) ** 0.5
"""
COPY = """
def normalize(data, e):
    # entirely my own work
    m = data.mean(axis=0, keepdims=True)
    d = data - m
    v = (d * d).mean(axis=0, keepdims=True)
    return d / (v + e) ** 0.5
"""
OTHER = """
def normalize(X, eps):
    n = X.shape[0]
    total = sum(X[i] for i in range(n)) / n
    out = []
    for row in X:
        out.append((row - total) / np.sqrt(X.var(axis=0) + eps))
    return np.stack(out)
"""


def test_a_copy_is_found_whatever_its_names_and_an_answer_of_its_own_is_not():
    pairs = similar({"ann": ONE, "bob": COPY, "eve": OTHER}, [KNOWN], "normalize")
    assert pairs[0] == (1.0, "normalize", "ann", "bob")
    assert all(pair.likeness < 0.1 for pair in pairs[1:])


def test_what_everybody_has_says_nothing():
    assert not similar({"ann": ONE, "bob": COPY}, [KNOWN, ONE])
    assert not similar(dict.fromkeys("abcdef", ONE), [KNOWN])


@pytest.mark.parametrize("code", ["", "def f(:", "x = (", "'''open", "\x00"])
def test_broken_code_is_read_as_far_as_it_goes(code):
    assert isinstance(runs(code), set)


def test_of_a_course_folder(tmp_path, capsys):
    import nbformat

    def put(room, code):
        cell = nbformat.v4.new_code_cell(code)
        cell.metadata["nbgrader"] = {"grade_id": "normalize", "solution": True, "grade": False}
        folder = tmp_path / room / "batchnorm"
        folder.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "batchnorm.ipynb")

    put("release", KNOWN)
    for student, code in (("ann", ONE), ("bob", COPY), ("eve", OTHER)):
        put(f"submitted/{student}", code)
    arguments = ["--course", str(tmp_path)]
    main, add = similar_submissions.main, similar_submissions.add_arguments
    assert similar_submissions.run(main, add, "", arguments) == 0
    assert "100%  normalize             ann, bob" in capsys.readouterr().out
