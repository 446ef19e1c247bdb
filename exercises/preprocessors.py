r"""What nbgrader_config.py adds to nbgrader's steps of handing out and of grading."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbformat.v4 import new_output
from nbgrader.preprocessors import ClearSolutions, Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

HIDDEN = Path(__file__).resolve().parent / "hidden"
CHECK = "_check"  # the end of a check cell's id; before it stands the task


class ClearToTheEnd(ClearSolutions):
    """Take the solutions out; no exception at the top level, where it would stop "Run all"."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        if nb.metadata.get("d2l_bn", {}).get("language") == "zh":
            self.text_stub = "在这里作答。"
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        cell, resources = super().preprocess_cell(cell, resources, index)
        if cell.cell_type == "code" and is_solution(cell):
            lines = cell.source.split("\n")
            cell.source = "\n".join(line for line in lines if line != "raise NotImplementedError()")
        return cell, resources


class JudgedExecute(Execute):
    """Run a notebook, with a judge in a process of its own beside it (d2l_bn.exercises.judge).

    The notebook's process has neither the hidden questions nor what is expected, and what it shows
    does not count: the judge tells the points of each task, and they go into the check cells.
    """

    def preprocess(self, nb: Any, resources: Any, **options: Any) -> tuple[Any, Any]:
        with _judge() as process:
            nb, resources = super().preprocess(nb, resources, **options)
            process.terminate()
            lines = process.communicate()[0].splitlines()
        given = dict(json.loads(line) for line in lines)
        assignment = Path(resources["metadata"]["path"]).name
        for cell in nb.cells:
            if cell.cell_type == "code" and is_grade(cell) and not is_solution(cell):
                task = cell.metadata.nbgrader["grade_id"][: -len(CHECK)]
                cell.metadata["judged"] = given.get(f"{assignment} {task}")
        return nb, resources


@contextlib.contextmanager
def _judge() -> Iterator[subprocess.Popen]:
    """A judge, and its address in the environment of the kernel that is started meanwhile."""
    with tempfile.TemporaryDirectory(prefix="judge_", dir="/tmp") as folder:
        address = str(Path(folder) / "socket")
        environment = {**os.environ, "D2L_BN_HIDDEN": str(HIDDEN)}
        command = [sys.executable, "-m", "d2l_bn.exercises.judge", address]
        os.environ["D2L_BN_JUDGE"] = address
        os.environ.pop("D2L_BN_HIDDEN", None)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            del os.environ["D2L_BN_JUDGE"]


class PointsOfTheJudge(NbGraderPreprocessor):
    """A check cell gets the points that the judge gave, and none if it gave none.

    nbgrader by itself gives full points to a cell that ends in silence, such as one whose ``check``
    was replaced, and takes any word on stderr, a warning of a library say, for a failed test.
    """

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        if "judged" not in cell.metadata:
            return cell, resources
        points = cell.metadata.pop("judged")
        kept = [o for o in cell.outputs if o.output_type in ("stream", "error")]
        cell.outputs = [o for o in kept if o.get("name") != "stderr"]
        if points is None:
            if not any(o.output_type == "error" for o in kept):
                cell.outputs.append(_error("nobody asked the judge: was `check` replaced?"))
            return cell, resources
        cell.outputs = [o for o in cell.outputs if o.output_type != "error"]
        shown = {"text/plain": str(min(points, float(cell.metadata.nbgrader["points"])))}
        cell.outputs.append(new_output("execute_result", shown, execution_count=None))
        return cell, resources


def _error(message: str) -> Any:
    line = f"\x1b[0;31mNoPoints\x1b[0m: {message}"
    return new_output("error", ename="NoPoints", evalue=message, traceback=[line])
