"""The notebooks that a student opens are what their sources say."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

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


def load_script():
    path = ROOT / "scripts" / "build_notebooks.py"
    spec = importlib.util.spec_from_file_location("build_notebooks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build_notebooks = load_script()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "01_lesson.py").write_text(SOURCE)
    return tmp_path


def test_the_notebooks_of_the_course():
    assert build_notebooks.drifted(ROOT / "notebooks") == []


def test_valid_and_without_outputs(folder):
    assert build_notebooks.main(["--folder", str(folder)]) == 0
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


def test_check_names_what_has_drifted(folder, capsys):
    check = ["--check", "--folder", str(folder)]
    assert build_notebooks.main(check) == 1
    assert "01_lesson.ipynb is missing" in capsys.readouterr().err
    assert not (folder / "01_lesson.ipynb").exists()  # a check writes nothing

    build_notebooks.build(folder)
    assert build_notebooks.main(check) == 0

    made = folder / "01_lesson.ipynb"
    made.write_text(made.read_text().replace("x = 1", "x = 2"))
    assert build_notebooks.main(check) == 1
    assert "01_lesson.ipynb differs from source/01_lesson.py" in capsys.readouterr().err

    build_notebooks.build(folder)
    (folder / "02_gone.ipynb").write_text("{}")
    assert build_notebooks.main(check) == 1
    assert "02_gone.ipynb has no source" in capsys.readouterr().err
