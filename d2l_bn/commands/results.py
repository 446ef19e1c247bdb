r"""Print what was measured in a study: for each case, the mean over its seeds, ± the 95 % margin.

The columns are the fields in which the cases differ. A run that diverged has the accuracy and the
loss of a guess. `d2l-bn run` lists the studies and makes their records.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import d2l_bn
from d2l_bn._support.command_line import ArgumentParser, UsageError

STUDIES = Path(d2l_bn.__file__).parent / "experiments" / "studies"


def add_arguments(parser: ArgumentParser) -> None:
    names = sorted(path.stem for path in STUDIES.glob("[a-z]*.py"))
    parser.add_argument("study", choices=names, metavar="STUDY", help=", ".join(names))
    parser.add_argument("--measure", default="test_accuracy", help="what to print")


def main(options: argparse.Namespace) -> None:
    """Print the table."""
    from d2l_bn.experiments.load import records
    from d2l_bn.figures.markdown_table import table

    found = records(options.study)
    try:
        rows = estimates(found, options.measure)
    except KeyError as error:
        raise UsageError(f"{options.study}: {error.args[0]}") from None
    print(table([*differing([record["case"] for record in found]), options.measure], rows))


def differing(cases: list[dict[str, Any]]) -> list[str]:
    """The fields that do not have one value in all cases.

    >>> differing([{"lr": 0.1, "epochs": 5}, {"lr": 1.0, "epochs": 5}])
    ['lr']
    """
    names = list(dict.fromkeys(name for case in cases for name in case))
    return [name for name in names if len({_key(case.get(name)) for case in cases}) > 1]


def estimates(records: list[dict[str, Any]], measure: str) -> list[list[Any]]:
    """A row for each case: where it differs from others, and the estimate."""
    from d2l_bn.experiments.load import measured
    from d2l_bn.experiments.statistics import estimate

    shown = differing([record["case"] for record in records])
    of_case: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        of_case.setdefault(_key([record["case"].get(name) for name in shown]), []).append(record)
    return [
        [*json.loads(key), str(estimate(measured(record, measure) for record in same))]
        for key, same in of_case.items()
    ]


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
