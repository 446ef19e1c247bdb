"""What nbgrader reports badly in a submission: named with the student, the cell and the remedy.

Compares each submitted notebook with the released one, before anything is run:

    python scripts/check_submission.py                     # tell what is wrong in all submissions
    python scripts/check_submission.py batchnorm --repair  # put it right where it can be

--repair puts back what was deleted or changed of nbgrader's cells, and leaves the answers as they
are; the notebook as it came is kept in <course>/as_submitted. What cannot be repaired goes to
<course>/set_aside, with the reason: put it right there, and move it back to <course>/submitted.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # a second to import, for whoever asks for --help
    import nbformat


EXERCISES = Path(__file__).resolve().parent.parent / "exercises"
COURSE = Path(os.environ.get("D2L_BN_COURSE") or EXERCISES / "course")


class Problem(NamedTuple):
    """Something wrong in a submission; ``repairable``: by this script."""

    student: str
    assignment: str
    place: str  # the cell or the file
    what: str
    remedy: str
    repairable: bool = True

    def __str__(self) -> str:
        name = f"{self.student}, {self.assignment}, {self.place}"
        return f"{name}: {self.what}. {self.remedy}"


class Unreadable(Exception):
    """A submission that no script can repair: (place, what, remedy)."""


def check_submission(course: Path, assignment: str, student: str, repair: bool) -> list[Problem]:
    """All that is wrong in one submission; with ``repair``, also put right or set aside."""
    import nbformat

    folder = course / "submitted" / student / assignment
    problems: list[Problem] = []
    for released_path in sorted((course / "release" / assignment).glob("*.ipynb")):
        released = nbformat.read(released_path, as_version=4)
        try:
            path, renamed = _find(folder, released_path.name, released)
            notebook, renumbered = _read(path)
        except Unreadable as error:
            problems.append(Problem(student, assignment, *error.args, repairable=False))
            break
        findings = renamed + list(_put_right(notebook, released))
        if renumbered:
            what = f"{renumbered} cells have no id, or that of another"
            findings.append((path.name, what, "Given new ids"))
        problems += [Problem(student, assignment, *finding) for finding in findings]
        if findings and repair:
            _keep_original(course, path)
            path.unlink()
            nbformat.write(notebook, folder / released_path.name)
    if repair and any(not problem.repairable for problem in problems):
        _set_aside(course, folder, problems)
    return problems


def _find(folder: Path, name: str, released) -> tuple[Path, list[tuple[str, str, str]]]:
    """The submitted notebook, also under another name, if there is but one that can be it."""
    links = [path for path in folder.rglob("*") if path.is_symlink()]
    if links:
        raise Unreadable(links[0].name, "is a link to another file", "Ask for the file itself")
    if (folder / name).is_file():
        return folder / name, []
    ids = set(_by_id(released))
    others = [p for p in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts]
    similar = [path for path in others if ids & _ids_in(path)]
    if len(similar) == 1:
        what = f"the notebook is called {similar[0].relative_to(folder)}"
        return similar[0], [("file", what, f"Taken for {name}; do not rename notebooks")]
    found = ", ".join(str(path.relative_to(folder)) for path in others) or "no notebook"
    raise Unreadable(name, f"is missing; there is {found}", f"Ask for {name}")


def _ids_in(path: Path) -> set[str]:
    try:
        return set(_by_id(_read(path)[0]))
    except Unreadable:
        return set()


def _read(path: Path) -> tuple[nbformat.NotebookNode, int]:
    """The notebook, and how many cells had no id of their own."""
    import nbformat
    from nbformat.validator import normalize

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            renumbered, content = normalize(json.loads(path.read_text(encoding="utf-8")))
            notebook = nbformat.reads(json.dumps(content), as_version=4)
            nbformat.validate(notebook)
    except Exception as error:  # there is nothing that such a file might not hold
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:100]
        what = f"is not a notebook that can be read ({reason})"
        remedy = "Ask for it again: in Jupyter, save, restart and run all, then submit"
        raise Unreadable(path.name, what, remedy) from None
    return notebook, renumbered


def _put_right(notebook, released) -> Iterator[tuple[str, str, str]]:
    """Make nbgrader's cells those of the released notebook; yield (place, what, remedy)."""
    wanted = _by_id(released)
    yield from _unique_ids(notebook, wanted)
    yield from _known_ids(notebook, wanted)
    yield from _same_cells(notebook, wanted)
    yield from _all_cells(notebook, released)


def _unique_ids(notebook, wanted) -> Iterator[tuple[str, str, str]]:
    """Of copies, an answer is the last that differs from the blank; of the rest, the last."""
    for name, blank in wanted.items():
        copies = [cell for cell in notebook.cells if _grade_id(cell) == name]
        filled = [cell for cell in copies if cell.source != blank.source]
        kept = (filled if _is_answer(blank) and filled else copies)[-1:]
        for cell in copies:
            if cell is not kept[0]:
                del cell.metadata["nbgrader"]
        if len(copies) > 1:
            which = "last that was filled in" if _is_answer(blank) else "last"
            remedy = f"The {which} counts; copy cells into new ones, not with their settings"
            yield f"cell {name}", f"is there {len(copies)} times", remedy


def _known_ids(notebook, wanted) -> Iterator[tuple[str, str, str]]:
    for number, cell in enumerate(notebook.cells, start=1):
        if "nbgrader" in cell.metadata and _grade_id(cell) not in wanted:
            what = "has no grade_id" if not _grade_id(cell) else "is not of this assignment"
            name = _grade_id(cell) or f"number {number}"
            del cell.metadata["nbgrader"]
            yield f"cell {name}", what, "Taken for an ordinary cell"


def _same_cells(notebook, wanted) -> Iterator[tuple[str, str, str]]:
    """Settings as released; the text, too, unless it is an answer."""
    for cell in notebook.cells:
        blank = wanted.get(_grade_id(cell))
        if blank is None:
            continue
        name = f"cell {_grade_id(cell)}"
        if cell.metadata["nbgrader"] != blank.metadata["nbgrader"]:
            cell.metadata["nbgrader"] = copy.deepcopy(blank.metadata["nbgrader"])
            yield name, "its settings were changed (points, type)", "Set as released"
        if cell.cell_type != blank.cell_type:
            what = f"is {cell.cell_type}, was {blank.cell_type}"
            source = cell.source
            cell.clear()
            cell.update(copy.deepcopy(blank), source=source)
            yield name, what, "Changed back"
        if not _is_answer(blank) and cell.source != blank.source:
            cell.source = blank.source
            yield name, "the check was changed", "Put back as released"


def _all_cells(notebook, released) -> Iterator[tuple[str, str, str]]:
    """Put each cell that is missing behind the one that stands before it in the released one."""
    import nbformat

    here = [_grade_id(cell) for cell in notebook.cells]
    place = 0
    for cell in released.cells:
        name = _grade_id(cell)
        if name is None:
            continue
        if name in here:
            place = here.index(name) + 1
            continue
        blank = copy.deepcopy(cell)
        if any(other.get("id") == blank.get("id") for other in notebook.cells):
            blank.id = nbformat.v4.new_raw_cell().id  # what is left of the old one has it
        notebook.cells.insert(place, blank)
        here.insert(place, name)
        place += 1
        what = "a blank answer" if _is_answer(cell) else "the check as released"
        yield f"cell {name}", "was deleted, or lost its grade_id", f"Put back: {what}"


def _by_id(notebook) -> dict[str, nbformat.NotebookNode]:
    return {_grade_id(cell): cell for cell in notebook.cells if _grade_id(cell)}


def _grade_id(cell) -> str | None:
    settings = cell.metadata.get("nbgrader")
    name = settings.get("grade_id") if isinstance(settings, dict) else None
    return name if isinstance(name, str) and name else None


def _is_answer(cell) -> bool:
    return cell.metadata["nbgrader"]["solution"]


def _keep_original(course: Path, path: Path) -> None:
    target = course / "as_submitted" / path.relative_to(course / "submitted")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, target)


def _set_aside(course: Path, folder: Path, problems: list[Problem]) -> None:
    target = course / "set_aside" / folder.relative_to(course / "submitted")
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder, target)
    (target / "REASON.txt").write_text("\n".join(map(str, problems)) + "\n", encoding="utf-8")


def submissions(course: Path, assignments: list[str], student: str = "*") -> list[tuple[str, str]]:
    """Pairs (assignment, student), in order; all assignments that are released if none is given."""
    names = assignments or sorted(path.name for path in (course / "release").glob("*"))
    found = []
    for name in names:
        folders = sorted((course / "submitted").glob(f"{student}/{name}"))
        found += [(name, folder.parent.name) for folder in folders if folder.is_dir()]
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("assignments", nargs="*", help="default: all that are released")
    parser.add_argument("--student", default="*", help="one student's; default: all")
    parser.add_argument("--repair", action="store_true", help="put right, or set aside")
    parser.add_argument("--course", type=Path, default=COURSE, help="default: %(default)s")
    options = parser.parse_args(arguments)
    problems = []
    for assignment, student in submissions(options.course, options.assignments, options.student):
        problems += check_submission(options.course, assignment, student, options.repair)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
