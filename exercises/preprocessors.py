r"""What nbgrader_config.py adds to nbgrader's autograding."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution


class ScoreRequired(NbGraderPreprocessor):
    """A check cell must show its points: one number between 0 and its maximum.

    nbgrader by itself gives full points to a cell that ends in silence, such as one whose ``check``
    was replaced, gives up at a number above the maximum, and takes any word on stderr, a warning of
    a library say, for a failed test. Here the number decides, and without one there are no points.
    """

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        if cell.cell_type != "code" or not is_grade(cell) or is_solution(cell):
            return cell, resources
        kinds = [output.output_type for output in cell.outputs]
        if "error" in kinds:
            return cell, resources
        maximum = float(cell.metadata.nbgrader["points"])
        scores = [o for o in cell.outputs if o.output_type == "execute_result"]
        if len(scores) == 1 and _is_score(scores[0], maximum):
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        else:
            cell.outputs = [o for o in cell.outputs if o.output_type != "execute_result"]
            cell.outputs.append(_error("this cell shows no points: was `check` replaced?"))
        return cell, resources


def _is_score(output: Any, maximum: float) -> bool:
    try:
        return 0 <= float(output["data"]["text/plain"]) <= maximum
    except (KeyError, TypeError, ValueError):
        return False


def _error(message: str) -> Any:
    line = f"\x1b[0;31mNoPoints\x1b[0m: {message}"
    return new_output("error", ename="NoPoints", evalue=message, traceback=[line])
