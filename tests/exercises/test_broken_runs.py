"""The patients of lesson 19 are ill by one knob of the training that stands in the lesson."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from d2l_bn.exercises.broken_runs import PATIENTS, broken

LESSON = Path(__file__).parents[2] / "notebooks" / "source" / "19_training_in_practice.py"


def knobs() -> dict[str, object]:
    """The arguments of the lesson's ``run`` and their values when nothing is broken."""
    found = list(ast.walk(ast.parse(LESSON.read_text(encoding="utf-8"))))
    (run,) = [n for n in found if isinstance(n, ast.FunctionDef) and n.name == "run"]
    values = [getattr(default, "value", None) for default in run.args.defaults]
    return dict(zip([argument.arg for argument in run.args.args], values))


@pytest.mark.parametrize("patient", PATIENTS)
def test_one_knob_is_wrong_and_can_be_turned_back(patient):
    ((knob, value),) = broken(patient).items()
    assert knobs()[knob] != value
    assert broken(patient, **{knob: knobs()[knob]}) == {knob: knobs()[knob]}


def test_no_two_patients_have_the_same_illness():
    assert len({str(broken(patient)) for patient in PATIENTS}) == len(PATIENTS) == 6


def test_no_such_patient():
    with pytest.raises(ValueError, match="patient"):
        broken("G")
