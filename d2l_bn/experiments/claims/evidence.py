r"""The results that claims are held against, read from the project's ``results`` folder."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

from d2l_bn.experiments.record_file import read_records
from d2l_bn.experiments.statistics import difference, per_seed, select

__all__ = ["RESULTS", "advantage", "document", "study", "values"]

#: of this checkout, unless the variable D2L_BN_RESULTS names another folder
RESULTS = Path(os.environ.get("D2L_BN_RESULTS", Path(__file__).resolve().parents[3] / "results"))


@functools.cache
def study(name: str) -> list[dict[str, Any]]:
    """The records of a study; ``python scripts/sweep.py NAME --full`` makes them."""
    records = read_records(RESULTS / "sweeps" / f"{name}.jsonl")
    if not records:
        raise FileNotFoundError(
            f"no results of the study {name!r} in {RESULTS}; make them by "
            f"python scripts/sweep.py {name} --full"
        )
    return records


@functools.cache
def document(name: str) -> Any:
    """A results file: one JSON document, or the records of a ``.jsonl``."""
    path = RESULTS / name
    if path.suffix == ".jsonl" and path.exists():
        return read_records(path)
    return json.loads(path.read_text(encoding="utf-8"))


def values(name: str, column: str, **fields: Any) -> dict[int, float]:
    """From the seed to the last value of the one configuration of a study with these fields."""
    return per_seed(select(study(name), **fields), column)


def advantage(name: str, column: str, first: dict, second: dict, **common: Any):
    """How much larger ``column`` is with the fields ``first`` than with ``second``, by seed."""
    return difference(
        values(name, column, **first, **common), values(name, column, **second, **common)
    )
