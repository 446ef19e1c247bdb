"""The exercises as a student or an instructor has them: notebooks' code, checks, points."""

from __future__ import annotations

import functools
from pathlib import Path

from d2l_bn.exercises.cells import code_cells
from d2l_bn.exercises.marking import mark, tasks
from d2l_bn.exercises.questions import assignments

ROOT = Path(__file__).resolve().parent.parent / "exercises"
ASSIGNMENTS = tuple(assignments())


def source(assignment):
    return ROOT / "source" / assignment / f"{assignment}.py"


@functools.lru_cache
def solution(assignment):
    """What the source notebook defines; cells that only train networks are left out."""
    namespace = {"__name__": "__main__"}
    for cell in code_cells(source(assignment)):
        if "small_run.attempt(" not in cell and "small_run.run(seed=0" not in cell:
            exec(compile(cell, assignment, "exec"), namespace)
    return namespace


def answered(assignment, **answers):
    return {**solution(assignment), **answers}


def outcomes(assignment, task, namespace, hidden=True, seed=0, monkeypatch=None):
    monkeypatch.setenv("D2L_BN_HIDDEN", str(ROOT / "hidden"))
    monkeypatch.setenv("D2L_BN_CHECK_SEED", str(seed))
    return mark(assignment, task, namespace, hidden=hidden)


__all__ = ["ASSIGNMENTS", "answered", "outcomes", "solution", "source", "tasks"]
