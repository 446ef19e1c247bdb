r"""Running a study: seeds, size, data, processes and records, whatever it is that is measured.

A run is told by its case, its seed and its data. Those that the file of records holds already are
not made again, so that a study that was killed goes on where it was.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from d2l_bn._support.arguments import check_count
from d2l_bn._support.environment import describe_environment
from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.experiments.record_file import RecordFile, check_runs
from d2l_bn.experiments.results_folder import checkout_results, keeps_results
from d2l_bn.experiments.study import Case, Study
from d2l_bn.threads import chosen, one_thread

__all__ = ["MADE_DATA", "REAL_DATA", "SYNTHETIC_DATA", "name_of_data", "run_study"]

REAL_DATA, SYNTHETIC_DATA = "Fashion-MNIST", "synthetic garments (NOT Fashion-MNIST)"
MADE_DATA = "made from the seed"  # by the study itself, without images


def run_study(
    study: Study,
    out: str | os.PathLike | None = None,
    *,
    data: str = "auto",
    examples: int | None = None,
    seeds: Iterable[int] | None = None,
    workers: int = 1,
    on_plan: Callable[[int, int], None] | None = None,
    on_record: Callable[[dict[str, Any]], None] | None = None,
) -> Path:
    r"""Make the runs of a study that are not in its file yet, a record appended after each.

    Arguments:
        study: see :class:`d2l_bn.experiments.study.Study`.
        out: folder of the file ``NAME.jsonl``; unless given, ``results/`` of this checkout for runs
            of full size on Fashion-MNIST or on data that the study makes, and ``out/studies`` for
            all others.
        data: as in :func:`d2l_bn.load_fashion_mnist`.
        examples: run small: so many images, one epoch.
        seeds: other ones than the study's.
        workers: so many processes at most, each with one thread. With more than one the records may
            come in another order, and the results are the same.
        on_plan: told how many runs there are and how many are missing, before the first.
        on_record: told of each new record.

    Returns:
        The file of records.

    Raises:
        DataError, ValueError: the data cannot be had, or ``out`` is where results are kept and the
            runs are small or on drawn garments; nothing has been run.
        BlockingIOError: another process is writing the file.
    """
    check_count("workers", workers, "the processes")
    plan = study.plan(seeds, examples=examples)
    size = "full" if examples is None else "small"
    key = {"size": size, "data": MADE_DATA if study.makes_data else name_of_data(data)}
    path = _folder(out, key) / f"{study.name}.jsonl"
    with RecordFile(path, describe_environment()) as records:
        runs = check_runs(records.read(), path)
        done = [(run["case"], run["seed"]) for run in runs if run["data"] == key["data"]]
        missing = [run for run in plan if run not in done]
        if on_plan is not None:
            on_plan(len(plan), len(missing))
        for (case, seed), measured in _run_all(study, missing, data, workers):
            record = {"study": study.name, "case": case, "seed": seed, **key, **measured}
            records.append(record)
            if on_record is not None:
                on_record(record)
    return path


def name_of_data(data: str) -> str:
    r"""What these data are, by their content: a folder's files are Fashion-MNIST or are refused.

    >>> name_of_data("synthetic")
    'synthetic garments (NOT Fashion-MNIST)'
    """
    images, _ = load_fashion_mnist(1, data=data, limit=1)  # compares the SHA-256 of every file
    return SYNTHETIC_DATA if images.synthetic else REAL_DATA


def _folder(out: str | os.PathLike | None, key: dict[str, str]) -> Path:
    worth_keeping = key["size"] == "full" and key["data"] in (REAL_DATA, MADE_DATA)
    if out is None:
        kept = checkout_results() if worth_keeping else None
        return kept or Path("out", "studies")
    if not worth_keeping and keeps_results(out):
        raise ValueError(
            f"out is {out}, where results are kept; {key['size']} runs on {key['data']} do not go "
            "there: name another folder"
        )
    return Path(out)


def _run_all(
    study: Study, runs: list[tuple[Case, int]], data: str, workers: int
) -> Iterator[tuple[tuple[Case, int], dict[str, Any]]]:
    if workers == 1 or len(runs) <= 1:  # a process takes some seconds to start
        for case, seed in runs:
            yield (case, seed), _measure(study.run, case, seed, data)
        return
    # Not forked: a copy of a process in which MXNet has threads would wait for them for ever.
    context = multiprocessing.get_context("spawn")
    initializer = one_thread if chosen() else None  # the user's own number is left alone
    with ProcessPoolExecutor(workers, mp_context=context, initializer=initializer) as pool:
        try:
            futures = {pool.submit(_measure, study.run, *run, data): run for run in runs}
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _measure(run: Callable, case: Case, seed: int, data: str) -> dict[str, Any]:
    start = time.perf_counter()
    outcome, measures = run(case, seed, data)
    seconds = round(time.perf_counter() - start, 2)
    return {"outcome": outcome, "measures": measures, "seconds": seconds}
