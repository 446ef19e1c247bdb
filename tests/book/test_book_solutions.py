"""No solution of an exercise gets into the book."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("sphinx")

from bookmaking import pages
from bookmaking.places import ROOT, Folder, html

SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)


def solution_lines() -> set[str]:
    """Lines of solutions that stand nowhere else in the exercises: they would give one away."""
    solved, given = set(), set()
    for source in (ROOT / "exercises/source").glob("*/*.py"):
        text = source.read_text(encoding="utf-8")
        for solution in SOLUTION.findall(text):
            solved |= {line.strip() for line in solution.splitlines()}
        given |= {line.strip() for line in SOLUTION.sub("", text).splitlines()}
    return {line for line in solved - given if len(line) > 30}


def test_the_pages_of_the_exercises_have_no_solution(tmp_path):
    folder, extra = Folder(tmp_path / "pages"), Folder(tmp_path / "extra")
    pages.write_exercises(folder, extra, "en")
    assert len(list(tmp_path.rglob("*.ipynb"))) == 14
    lines = solution_lines()
    assert len(lines) > 30
    for path in tmp_path.rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8").replace('\\"', '"')
        assert "BEGIN SOLUTION" not in text
        assert not [line for line in lines if line in text], path


@pytest.mark.skipif(not html("en").is_dir(), reason="the book is not built: make book")
def test_the_built_book_has_no_file_of_the_solutions():
    names = {path.name for path in html("en").rglob("*") if path.is_file()}
    hidden = {path.name for path in (ROOT / "exercises/hidden").glob("*.py")}
    assert not names & hidden
    for path in html("en").glob("exercises/*.html"):
        assert "BEGIN SOLUTION" not in path.read_text(encoding="utf-8")
