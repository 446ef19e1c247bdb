r"""The records of the studies, read: choose by case, take a number for each seed.

A record has ``study``, ``case``, ``seed``, ``size``, ``data``, ``environment``, ``outcome``,
``seconds`` and ``measures``. The name of a measure says how it was taken:

==================================  ==============================================================
``train_accuracy_by_epoch``         as the batches were met in training; ``loss_by_epoch`` likewise
``…_accuracy_moving``               in prediction mode as training left the network: by the moving
                                    averages, where a layer has any
``…_accuracy_batch``                by the statistics of the test batch itself
``…_accuracy_population``           by statistics of the training set, for the final weights
``…_by_epoch``                      one value after each epoch; without it, of the trained network
``…/part``                          of one part: a layer, a sort of images
==================================  ==============================================================

Other lists, such as ``smoothness``, have a value for each look into the network while it trained.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from statistics import mean
from typing import Any, Union

import numpy

from d2l_bn.experiments.record_file import check_runs, read_records
from d2l_bn.experiments.results_folder import results_folder
from d2l_bn.experiments.runner import MADE_DATA, REAL_DATA
from d2l_bn.experiments.statistics import diverged_value
from d2l_bn.experiments.study import DIVERGED
from d2l_bn.training.history import Epoch, History

__all__ = [
    "accuracies_by_epoch",
    "by_seed",
    "case_values",
    "history",
    "measured",
    "record_count",
    "records",
    "select",
    "stacked",
]

TRAINING_IMAGES = 60_000

Record = Mapping[str, Any]
#: the name of a measure, or a function of a record's measures
Measure = Union[str, Callable[[Mapping[str, Any]], float]]
#: what ``"test_accuracy"`` stands for: the first of these that a record has
TEST_ACCURACY = ("test_accuracy_population", "test_accuracy_moving")


@functools.cache
def records(study: str) -> list[dict[str, Any]]:
    r"""The records of a study.

    Raises:
        FileNotFoundError: there are none.
        ValueError: some are on other data than Fashion-MNIST.
    """
    path = results_folder() / f"{study}.jsonl"
    found = check_runs(read_records(path), path)
    if not found:
        raise FileNotFoundError(f"no records in {path}; make them by d2l-bn run {study}")
    others = {str(record["data"]) for record in found} - {REAL_DATA, MADE_DATA}
    if others:
        raise ValueError(f"{path} has records on {', '.join(others)}; expected {REAL_DATA} alone")
    return found


def record_count(study: str) -> int:
    """How many records there are of a study; 0 where there is no folder of results."""
    try:
        return len(records(study))
    except FileNotFoundError:
        return 0


def history(record: Record) -> History:
    r"""The record of a training as the history that :func:`d2l_bn.train` gave."""
    case, measures = record["case"], record["measures"]
    examples = case["examples"] or TRAINING_IMAGES
    names = ("loss", "train_accuracy", "test_accuracy_moving", "seconds")
    columns = [measures[f"{name}_by_epoch"] for name in names]
    nothing = [None] * len(columns[0])
    columns.append(measures.get("test_accuracy_population_by_epoch", nothing))
    return History(
        config={**case, "seed": record["seed"]},
        environment=record["environment"],
        epochs=[
            Epoch(number, loss, trained, tested, seconds, examples / seconds, population)
            for number, (loss, trained, tested, seconds, population) in enumerate(
                zip(*columns), start=1
            )
        ],
    )


def select(study: str | Iterable[Record], **fields: Any) -> list[Record]:
    r"""The records, of a study or of a list, whose case (or seed) has these values.

    >>> select([{"case": {"lr": 0.1}, "seed": 0}, {"case": {"lr": 1.0}, "seed": 0}], lr=1.0)
    [{'case': {'lr': 1.0}, 'seed': 0}]

    Raises:
        KeyError: no case has such a field.
    """
    chosen: list[Record] = list(records(study) if isinstance(study, str) else study)
    for name, value in fields.items():
        having = [r for r in chosen if name == "seed" or name in r["case"]]
        if chosen and not having:
            raise KeyError(f"no case has {name!r}; expected some of {', '.join(chosen[0]['case'])}")
        wanted = list(value) if isinstance(value, tuple) else value  # JSON has lists only
        chosen = [r for r in having if (r["seed"] if name == "seed" else r["case"][name]) == wanted]
    return chosen


def case_values(study: str | Iterable[Record], name: str) -> list[Any]:
    r"""The values of one field of the cases, each once, in the order of the records."""
    values: list[Any] = []
    for record in select(study):
        if record["case"][name] not in values:
            values.append(record["case"][name])
    return values


def by_seed(study: str | Iterable[Record], measure: Measure, **fields: Any) -> dict[int, float]:
    r"""From the seed to a number, of the one case that has these fields (:func:`measured`).

    >>> runs = [{"case": {"lr": 1}, "seed": s, "outcome": "finished",
    ...          "measures": {"loss_by_epoch": [2.0, 1.0 / (1 + s)]}} for s in (1, 0)]
    >>> by_seed(runs, "loss", lr=1)
    {0: 1.0, 1: 0.5}

    Raises:
        ValueError: no record, or two of one seed.
    """
    found: dict[int, float] = {}
    chosen = sorted(select(study, **fields), key=lambda record: record["seed"])
    of = study if isinstance(study, str) else "the records"
    if not chosen:
        raise ValueError(f"{of}: none with {fields}; has the study been run in full?")
    for record in chosen:
        if record["seed"] in found:
            case, other = record["case"], chosen[0]["case"]
            differing = [name for name in case if case[name] != other.get(name)] or ["nothing"]
            raise ValueError(
                f"{of}: two of seed {record['seed']} with {fields}; expected those of one case, "
                f"{', '.join(differing)} differ"
            )
        found[record["seed"]] = measured(record, measure)
    return found


def measured(record: Record, measure: Measure) -> float:
    r"""One number of one record.

    Of a measure by epoch, the last value; of one by look, the mean; of ``NAME/*``, the mean over
    its parts. ``"test_accuracy"`` is that by population statistics where it was taken, and that by
    the moving averages elsewhere. A run that diverged has the accuracy and the loss of a guess.

    >>> measured({"outcome": "finished", "measures": {"train_accuracy_by_epoch": [0.7, 0.8]}},
    ...          "train_accuracy")
    0.8
    """
    if callable(measure):
        return measure(record["measures"])
    if record["outcome"] == DIVERGED and (value := diverged_value(measure)) is not None:
        return value
    measures = record["measures"]
    for name in TEST_ACCURACY if measure == "test_accuracy" else (measure,):
        parts = [_number(key, value) for key, value in measures.items() if _is(key, name)]
        if parts:
            return mean(parts)
    raise KeyError(f"{measure} was not measured; expected one of {', '.join(measures)}")


def _is(key: str, name: str) -> bool:
    if name.endswith("/*"):
        return key.startswith(name[:-1])
    return key in (name, f"{name}_by_epoch")


def _number(key: str, value: Any) -> float:
    if not isinstance(value, list):
        return value
    return value[-1] if "_by_epoch" in key else mean(math.nan if v is None else v for v in value)


def accuracies_by_epoch(record: Record) -> list[float]:
    r"""After each epoch: by population statistics if they were taken, else by moving averages."""
    measures = record["measures"]
    return next(
        measures[f"{name}_by_epoch"] for name in TEST_ACCURACY if f"{name}_by_epoch" in measures
    )


def stacked(study: str | Iterable[Record], name: str, **fields: Any) -> numpy.ndarray:
    r"""One measure as an array, (seeds, looks) or (seeds, epochs); what was not finite is NaN."""
    chosen = sorted(select(study, **fields), key=lambda record: record["seed"])
    if not chosen:
        raise ValueError(f"no record with {fields}; has the study been run in full?")
    return numpy.array([record["measures"][name] for record in chosen], dtype=float)
