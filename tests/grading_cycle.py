"""From hand-out to feedback for a class, all by nbgrader's own commands. Not a test itself.

    python tests/grading_cycle.py FOLDER

Six students get the assignment from the exchange and submit it there; three that do harm are graded
before them, from files. Leaves in FOLDER: ``course`` (nbgrader's folders), ``home/<student>``,
``logs`` (one for each command), and ``grade.txt`` with what grading printed. One process, for
nbgrader takes seconds to load; every command is a copy of it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TextIO

import nbformat

from d2l_bn._support.command_line import run

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "shapes"
# For those that do harm. The class has the usual limits, which a busy machine can keep.
LIMITS = {"D2L_BN_CELL_SECONDS": "20", "D2L_BN_CPU_SECONDS": "60", "D2L_BN_MEMORY_GB": "2"}

NO_KEEPDIMS = "def centre(X, axis):\n    return X - X.mean(axis=axis)"
LOST_AXES = "def channel_mean(X):\n    return X.mean(axis=(0, 2, 3))"
LOOP = "def check_images(X, channels):\n    while True:\n        pass"
CONSTANTS = {
    "mean_shape": "def mean_shape(shape, axis, keepdims):\n    return (2, 4)",
    "broadcast_shape": "def broadcast_shape(a, b):\n    return None",
    "centre": "def centre(X, axis):\n    return X * 0",
    "channel_mean": "from mxnet import np\ndef channel_mean(X):\n    return np.zeros((1, 3, 1, 1))",
    "check_images": "def check_images(X, channels):\n    raise ValueError(str(X.shape))",
}
FORGED = "check = lambda *_: 4.0\ndef channel_mean(X):\n    return 0"


def right(cells, solutions):
    for name, cell in cells.items():
        if not name.endswith("_check"):
            cell.source = solutions[name].source


def partly(cells, solutions):
    right(cells, solutions)
    cells["centre"].source = NO_KEEPDIMS
    cells["channel_mean"].source = LOST_AXES


def wrong(cells, solutions):
    for name, source in CONSTANTS.items():
        cells[name].source = source


def empty(cells, solutions):
    pass


def loop(cells, solutions):
    right(cells, solutions)
    cells["check_images"].source = LOOP


def tamper(cells, solutions):
    right(cells, solutions)
    cells["channel_mean"].source = FORGED
    cells["channel_mean_check"].source = "4.0"
    cells["mean_shape_check"].metadata.nbgrader.points = 100
    cells["centre"].source = ""  # its check cell is deleted, too
    cells["centre_check"].source = "DELETE"
    cells["broadcast_shape_check"].source = "DELETE"


HOG = """
def centre(X, axis):
    kept = []
    while True:
        kept.append(bytearray(10**8))
"""
SLEEP = "import time\ntime.sleep(10**6)"
QUIT = """
import os, subprocess
_ = subprocess.Popen(["sleep", "4242"], start_new_session=True)
def centre(X, axis):
    os._exit(0)
"""
STUBBORN = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""


def harm_hungry(cells, solutions):
    right(cells, solutions)
    cells["centre"].source = HOG
    cells["channel_mean"].source = SLEEP


def harm_quit(cells, solutions):
    right(cells, solutions)
    cells["centre"].source = QUIT


def harm_stubborn(cells, solutions):
    cells["centre"].source = STUBBORN


CLASS = (empty, loop, partly, right, tamper, wrong)
HARM = (harm_hungry, harm_quit, harm_stubborn)


class Cycle:
    """One class, one assignment, one folder."""

    def __init__(self, home: Path) -> None:
        self.home, self.course = home.resolve(), home.resolve() / "course"
        os.environ["D2L_BN_COURSE"] = str(self.course)
        tools = str(Path(sys.executable).parent)  # nbgrader calls alembic
        os.environ["PATH"] = os.pathsep.join([tools, os.environ["PATH"]])
        sys.path.insert(0, str(ROOT / "scripts"))
        import build_exercises
        import grade_exercises
        import grade_table

        self.build, self.grade, self.table = build_exercises, grade_exercises, grade_table

    def nbgrader(self, *arguments: str, folder: Path | None = None, log: str) -> None:
        """Run a command of nbgrader, in the folder of its settings; end if it fails."""
        path = self.home / "logs" / f"{log}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        process = multiprocessing.get_context("fork").Process(
            target=self.grade.nbgrader,
            args=(list(arguments), path, folder or self.build.EXERCISES),
        )
        process.start()
        process.join()
        if process.exitcode:
            sys.exit(f"nbgrader {' '.join(arguments)}:\n{path.read_text()}")

    def as_student(self, student: str, command: str) -> None:
        """Without the course folder and its settings."""
        folder = self.home / "home" / student
        exchange = f"--Exchange.root={self.course / 'exchange'}"
        who = ["--course=d2l_bn", f"--student={student}", f"--Exchange.cache={folder / 'cache'}"]
        log = f"{command}-{student}"
        self.nbgrader(command, ASSIGNMENT, *who, exchange, folder=folder, log=log)

    def solve(self, path: Path, edit: Callable) -> None:
        """Open the notebook that was handed out, work, and save."""
        source = self.course / "source" / ASSIGNMENT / path.name
        notebook = nbformat.read(path, as_version=4)
        edit(_cells(notebook), _cells(nbformat.read(source, as_version=4)))
        notebook.cells = [cell for cell in notebook.cells if cell.source != "DELETE"]
        nbformat.write(notebook, path)

    def hand_in(self, edit: Callable) -> None:
        """By the exchange: fetch, work, submit."""
        folder = self.home / "home" / edit.__name__
        folder.mkdir(parents=True)
        self.as_student(edit.__name__, "fetch_assignment")
        self.solve(folder / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", edit)
        self.as_student(edit.__name__, "submit")

    def put_in(self, edit: Callable) -> None:
        """By a file in the instructor's folder, which came by mail."""
        folder = self.course / "submitted" / edit.__name__ / ASSIGNMENT
        shutil.copytree(self.course / "release" / ASSIGNMENT, folder)
        self.solve(folder / f"{ASSIGNMENT}.ipynb", edit)

    def grade_those(self, pattern: str, file: TextIO) -> None:
        with contextlib.redirect_stdout(file):
            command = [ASSIGNMENT, "--student", pattern, "--course", str(self.course)]
            print(f"status {_run(self.grade, command)}")

    def run(self) -> None:
        """From the source to the feedback."""
        if _run(self.build, [ASSIGNMENT, "--course", str(self.course)]):
            sys.exit("the assignment cannot be built")
        self.nbgrader("generate_assignment", ASSIGNMENT, log="generate")
        self.nbgrader("release_assignment", ASSIGNMENT, log="release")
        for edit in HARM:
            self.put_in(edit)
        for edit in CLASS:
            self.hand_in(edit)
        self.nbgrader("collect", ASSIGNMENT, log="collect")
        with open(self.home / "grade.txt", "w") as file:
            os.environ.update(LIMITS)
            self.grade_those("harm_*", file)
            for name in LIMITS:
                del os.environ[name]
            self.grade_those("[!h]*", file)
        _run(self.table, ["--course", str(self.course)])
        self.nbgrader("generate_feedback", ASSIGNMENT, log="feedback")
        self.nbgrader("release_feedback", ASSIGNMENT, log="release-feedback")
        self.as_student("empty", "fetch_feedback")


def _run(script: ModuleType, arguments: list[str]) -> int:
    return run(script.main, script.add_arguments, script.__doc__, arguments)


def _cells(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    marked = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    return {cell.metadata.nbgrader.grade_id: cell for cell in marked}


if __name__ == "__main__":
    Cycle(Path(sys.argv[1])).run()
