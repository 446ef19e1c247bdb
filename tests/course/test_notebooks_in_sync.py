"""The notebooks that a student opens are what their sources say."""

from __future__ import annotations

import json
from pathlib import Path

import build_notebooks
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]

SOURCE = """\
# %% [markdown]
# # A lesson

# %%
x = 1


# %%
x

# %%
x
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "01_lesson.py").write_text(SOURCE)
    return tmp_path


def test_the_notebooks_of_the_course():
    assert build_notebooks.drifted(ROOT / "notebooks") == []


def test_valid_and_without_outputs(folder, run):
    assert run("build_notebooks.py", "--folder", folder)[0] == 0
    notebook = nbformat.read(folder / "01_lesson.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert [cell.source for cell in notebook.cells] == ["# A lesson", "x = 1", "x", "x"]
    assert all(cell.metadata == {} for cell in notebook.cells)
    assert all(cell.outputs == [] for cell in notebook.cells if cell.cell_type == "code")


def test_cell_ids_are_unique_and_stay(folder):
    def ids():
        build_notebooks.build(folder)
        return [
            cell["id"] for cell in json.loads((folder / "01_lesson.ipynb").read_text())["cells"]
        ]

    before = ids()
    assert len(set(before)) == 4  # though two cells are equal
    assert ids() == before
    source = folder / "source" / "01_lesson.py"
    source.write_text(SOURCE.replace("x = 1", "x = 1\n\n# %%\ny = 2"))
    after = ids()
    assert len(after) == 5
    assert [id for id in after if id in before] == before


def test_check_names_what_has_drifted(folder, run):
    check = "build_notebooks.py", "--check", "--folder", folder
    status, _, err = run(*check)
    assert status == 1 and "01_lesson.ipynb is missing" in err
    assert not (folder / "01_lesson.ipynb").exists()  # a check writes nothing

    build_notebooks.build(folder)
    assert run(*check)[0] == 0

    made = folder / "01_lesson.ipynb"
    made.write_text(made.read_text().replace("x = 1", "x = 2"))
    status, _, err = run(*check)
    assert status == 1 and "01_lesson.ipynb differs from source/01_lesson.py" in err

    build_notebooks.build(folder)
    (folder / "02_gone.ipynb").write_text("{}")
    status, _, err = run(*check)
    assert status == 1 and "02_gone.ipynb has no source" in err


CATALOGUE = (
    'msgid "# A lesson\\n![a picture](pictures/a.png), [the next](02_b.ipynb)"\nmsgstr "{}"\n'
)
CHINESE = "# 一课\\n![一幅图](pictures/a.png)，[下一课](02_b.ipynb)"


def test_a_whole_catalogue_makes_a_chinese_notebook(folder, run):
    source = folder / "source" / "01_lesson.py"
    pictured = "# # A lesson\n# ![a picture](pictures/a.png), [the next](02_b.ipynb)"
    source.write_text(SOURCE.replace("# # A lesson", pictured))
    catalogue = folder / "source" / "zh_CN" / "01_lesson.po"
    catalogue.parent.mkdir()
    catalogue.write_text(CATALOGUE.format(CHINESE), encoding="utf-8")
    build_notebooks.build(folder)
    made = nbformat.read(folder / "zh" / "01_lesson.ipynb", as_version=4)
    assert [cell.source for cell in made.cells] == [
        "# 一课\n![一幅图](../pictures/a.png)，[下一课](02_b.ipynb)",  # seen from the folder zh
        "x = 1",
        "x",
        "x",
    ]
    assert build_notebooks.drifted(folder) == []

    catalogue.write_text("#, fuzzy\n" + CATALOGUE.format(CHINESE), encoding="utf-8")
    status, _, err = run("build_notebooks.py", "--check", "--folder", folder)
    assert status == 1 and "zh/01_lesson.ipynb has no whole translation" in err
