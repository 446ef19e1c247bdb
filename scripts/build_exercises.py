"""Make nbgrader's source notebooks from the reviewed exercises/source/<assignment>/<assignment>.py.

The cell headers carry nbgrader's metadata; what is left out is filled in. Refuses an assignment
whose check cells and hidden tests do not go together, and one whose solutions would be handed out.

    python scripts/build_exercises.py                  # all assignments
    python scripts/build_exercises.py batchnorm        # one
    python scripts/build_exercises.py --language zh    # with their text in Chinese
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from build_notebooks import notebook_text

from d2l_bn._support.command_arguments import folder_to_write, one_of
from d2l_bn._support.command_line import ArgumentParser, Failure, run
from d2l_bn.language import LANGUAGES, language
from d2l_bn.language.catalogue import entries
from d2l_bn.language.choice import MARKER
from d2l_bn.language.notebook import chinese_cells

if TYPE_CHECKING:  # a second to import, for whoever asks for --help
    import nbformat

EXERCISES = Path(__file__).resolve().parent.parent / "exercises"
COURSE = Path(os.environ.get("D2L_BN_COURSE") or EXERCISES / "course")
DEFAULTS = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
CHECK_CELL = 'from d2l_bn.exercises import check\n\ncheck("{}", "{}", globals())'


def source_notebook(source: Path, text_in: str = "en") -> nbformat.NotebookNode:
    """The notebook of one assignment, solutions inside, as nbgrader wants it.

    In Chinese it has the same cells under the same ids, and the same code; its text is that of
    ``exercises/source/zh_CN``. ValueError if some of it is not translated.
    """
    import nbformat

    notebook = nbformat.reads(notebook_text(source), as_version=4)
    if text_in == "zh":
        made = entries(EXERCISES / "source" / "zh_CN" / f"{source.stem}.po")
        notebook, missed = chinese_cells(notebook, made)
        if missed:
            raise ValueError(f"{source.stem} is not translated: {missed[0][:60]!r}")
        notebook.metadata["d2l_bn"] = {"language": text_in}
    for cell in notebook.cells:
        given = cell.metadata.get("nbgrader")
        if given is not None:
            locked = given.get("grade", False) and not given.get("solution", False)
            filled = {**DEFAULTS, "locked": locked, "cell_type": cell.cell_type, **given}
            cell.metadata["nbgrader"] = filled
    return notebook


def problems(notebook: nbformat.NotebookNode, assignment: str) -> list[str]:
    """What would go wrong with an assignment: a line for each."""
    from d2l_bn.exercises.marking import load_questions  # loads MXNet

    found = []
    cells = [(cell, cell.metadata.get("nbgrader", {})) for cell in notebook.cells]
    ids = Counter(info["grade_id"] for _, info in cells if info)
    found += [f"cell {name} is there {count} times" for name, count in ids.items() if count > 1]
    hidden = load_questions(assignment, hidden=True)
    tasks = list(dict.fromkeys(check.task for check in hidden))
    for cell, info in cells:
        name = info.get("grade_id", "")
        if "BEGIN SOLUTION" in cell.source and not info.get("solution"):
            found.append(f"a solution in a cell that is not marked as one: {cell.source[:60]!r}")
        if not info:
            continue
        if info["solution"] and not info["grade"] and "BEGIN SOLUTION" not in cell.source:
            found.append(f"cell {name} marks no solution region")
        if info["locked"] and not info["grade"]:
            found.append(f"cell {name} is read-only: make it plain text, or import what it defines")
        if info["grade"] and not info["solution"]:
            found += _check_cell_problems(cell, assignment, name, info, tasks, hidden)
    checked = {name[: -len("_check")] for name in ids if name.endswith("_check")}
    found += [f"task {task} has hidden tests and no check cell" for task in set(tasks) - checked]
    return found


def _check_cell_problems(cell, assignment, name, info, tasks, hidden) -> list[str]:
    task = name[: -len("_check")]
    if not name.endswith("_check") or task not in tasks:
        return [f"cell {name} checks no task; hidden tests there are for {', '.join(tasks)}"]
    found = []
    wanted = CHECK_CELL.format(assignment, task)
    if cell.source.replace("\n\n", "\n") != wanted.replace("\n\n", "\n"):
        found.append(f"cell {name} is not as expected:\n{wanted}")
    if abs(info["points"] - hidden.points(task)) > 1e-9:
        found.append(f"cell {name}: {info['points']} points, hidden tests {hidden.points(task)}")
    return found


def build(assignment: str, course: Path, text_in: str = "en") -> None:
    """Write ``source/<assignment>/`` of the course folder; ValueError names what is wrong."""
    import nbformat

    source = EXERCISES / "source" / assignment
    notebook = source_notebook(source / f"{assignment}.py", text_in)
    wrong = problems(notebook, assignment)
    if wrong:
        raise ValueError("\n".join(f"{assignment}: {problem}" for problem in wrong))
    folder = course / "source" / assignment
    shutil.rmtree(folder, ignore_errors=True)
    # Data and pictures go along, to the students, too; the reviewed source, with solutions, not.
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.py", ".*", "__pycache__"))
    nbformat.write(notebook, folder / f"{assignment}.ipynb")
    if text_in != "en":  # goes along with the notebook, so that its checks speak the same language
        (folder / MARKER).write_text(f"{text_in}\n", encoding="utf-8")


def all_assignments() -> list[str]:
    """The names of the folders that hold a source."""
    folders = sorted((EXERCISES / "source").iterdir())
    return [folder.name for folder in folders if (folder / f"{folder.name}.py").exists()]


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    names = all_assignments()
    which = f"of {', '.join(names)}; all if none"
    add("assignments", nargs="*", metavar="ASSIGNMENT", type=one_of(names), help=which)
    add("--language", choices=LANGUAGES, default=language(), help="of the text")
    add("--course", type=folder_to_write, default=str(COURSE), help="the course folder")


def main(options: argparse.Namespace) -> None:
    os.environ["D2L_BN_HIDDEN"] = str(EXERCISES / "hidden")
    (options.course / "exchange").mkdir(parents=True, exist_ok=True)
    wrong = []
    for assignment in options.assignments or all_assignments():
        try:
            build(assignment, options.course, options.language)
        except (ValueError, KeyError) as error:
            wrong.append(str(error))
    if wrong:
        raise Failure("\n".join(wrong))


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
