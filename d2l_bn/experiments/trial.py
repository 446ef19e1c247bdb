r"""Experiments: a grid of trials, each trained by :func:`d2l_bn.train`, a line of JSON for each.

A :class:`Trial` is everything that a run depends on, its seed included. :func:`sweep` runs those of
a list whose results are not in a file yet, so that a sweep that was killed goes on where it was.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

from mxnet import init

from d2l_bn._support.environment import describe_environment
from d2l_bn.data.batches import Batches
from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.experiments.record_file import RecordFile, rounded
from d2l_bn.networks.lenet import lenet
from d2l_bn.networks.normalizers import COMPILED
from d2l_bn.training.history import History
from d2l_bn.training.loop import DivergenceError, train
from d2l_bn.training.running_totals import RunningTotals

__all__ = ["Trial", "grid", "run_trial", "sweep"]

TEST_BATCH_SIZE = 256  # of no influence on the result
#: The fields of a trial that go to lenet().
NETWORK = ("norm", "weights", "places", "placement", "activation", "use_bias", "dropout")


@dataclass(frozen=True)
class Trial:
    r"""One training run of the LeNet: the network, the descent, the data and the seed.

    ``norm`` to ``dropout`` go to :func:`d2l_bn.lenet`. ``init`` is ``'xavier'`` or the standard
    deviation of a normal distribution for the weights. ``optimizer_params`` are further ones, such
    as ``{"momentum": 0.9}`` or ``{"wd": 1e-4}``. The first ``examples`` of a choice made from
    ``seed`` are visited ``epochs`` times, in a new order each time unless ``shuffle`` is false.
    With ``recalibrate``, each epoch is tested a second time with statistics of that many batches.
    The test set is whole unless ``test_examples`` says how many of it. With ``compiled``, the
    normalizer is the one of the same results in ``d2l_bn.networks.normalizers.COMPILED``, if there
    is one: faster where batches are small.

    >>> Trial(norm="group", lr=0.5).cost  # passes over an example, small batches counting more
    75000.0
    """

    norm: str | None = "gluon"
    weights: str | None = None
    places: tuple[int, ...] = (1, 2, 3, 4)
    placement: str = "before"
    activation: str = "sigmoid"
    use_bias: bool = True
    dropout: dict[str, float] = field(default_factory=dict)
    init: str | float = "xavier"
    optimizer: str = "sgd"
    optimizer_params: dict[str, Any] = field(default_factory=dict)
    lr: float = 1.0
    batch_size: int = 64
    examples: int = 20_000
    epochs: int = 3
    shuffle: bool = True
    recalibrate: int = 0
    test_examples: int | None = None
    compiled: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", tuple(self.places))  # JSON has lists only
        if self.init != "xavier" and not isinstance(self.init, (int, float)):
            raise ValueError(
                f"init is {self.init!r}; expected 'xavier' or the deviation of a normal "
                "distribution, such as 0.01"
            )

    @property
    def cost(self) -> float:
        """What the run takes, in units of a passage of one example at a large batch size."""
        return self.examples * self.epochs * (1 + 16 / self.batch_size)


def grid(trial: Trial | None = None, **choices: Iterable[Any]) -> list[Trial]:
    r"""Every combination of ``choices``, the first one slowest, with ``trial`` for the rest.

    >>> [(t.norm, t.lr) for t in grid(norm=(None, "gluon"), lr=(0.1, 1.0))]
    [(None, 0.1), (None, 1.0), ('gluon', 0.1), ('gluon', 1.0)]
    """
    combinations = itertools.product(*choices.values())
    return [
        dataclasses.replace(trial or Trial(), **dict(zip(choices, values)))
        for values in combinations
    ]


def run_trial(trial: Trial, *, data: str = "auto") -> dict[str, Any]:
    r"""Train once.

    Returns:
        A record of plain values: ``trial``; ``outcome``, ``'finished'`` or ``'diverged'`` (the loss
        or a weight became infinite or NaN); ``loss``, ``train_accuracy``, ``test_accuracy`` and
        ``population_test_accuracy``, a value for each finished epoch; ``curve``, a row (steps so
        far, loss, accuracy of the examples since the row before) for every 50 steps; ``seconds``.

    >>> record = run_trial(Trial(examples=128, epochs=1), data="synthetic")
    >>> record["outcome"], len(record["loss"]), record["curve"][-1][0]
    ('finished', 1, 2)
    """
    net = _network(trial)
    train_iter, test_iter = _batches(trial, data)
    curve, epochs = _Curve(), History()

    def on_epoch(history: History) -> None:
        epochs.epochs[:] = history.epochs

    start = time.perf_counter()
    try:
        train(
            net,
            train_iter,
            test_iter,
            epochs=trial.epochs,
            lr=trial.lr,
            seed=trial.seed,
            optimizer=trial.optimizer,
            optimizer_params=trial.optimizer_params,
            recalibrate=trial.recalibrate or False,
            on_batches=curve.on_batches,
            on_epoch=on_epoch,
        )
        outcome = "finished"
    except DivergenceError:
        outcome = "diverged"
    columns = ("loss", "train_accuracy", "test_accuracy", "population_test_accuracy")
    return {
        "trial": {**dataclasses.asdict(trial), "places": list(trial.places)},  # as from JSON
        "outcome": outcome,
        **{column: rounded(epochs[column]) for column in columns},
        "curve": rounded(curve.rows),
        "seconds": round(time.perf_counter() - start, 2),
        "data": train_iter.source,
    }


def sweep(
    trials: Iterable[Trial],
    path: str | os.PathLike,
    *,
    data: str = "auto",
    workers: int = 1,
    on_record: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    r"""Run the trials that ``path`` does not hold yet, and append a line to it after each.

    Arguments:
        trials: in any order; the same one twice is run once.
        path: the file of records; made if it is not there (:mod:`d2l_bn.experiments.record_file`).
        data: as in :func:`d2l_bn.load_fashion_mnist`.
        workers: so many processes, each with one thread. With more than one the lines may come in
            another order, and the results are the same.
        on_record: told of each new record.

    Raises:
        BlockingIOError: another sweep is writing ``path``.
        ValueError: ``path`` holds something else than records.
    """
    with RecordFile(path, describe_environment()) as records:
        done = [Trial(**record["trial"]) for record in records.read()]
        todo = []
        for trial in trials:
            if trial not in done and trial not in todo:
                todo.append(trial)
        for record in _run_all(todo, data, workers):
            records.append(record)
            if on_record is not None:
                on_record(record)


def _run_all(trials: list[Trial], data: str, workers: int) -> Iterator[dict[str, Any]]:
    if workers == 1:
        yield from (run_trial(trial, data=data) for trial in trials)
        return
    # Not forked: a copy of a process in which MXNet has threads would wait for them for ever.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        try:
            futures = [pool.submit(run_trial, trial, data=data) for trial in trials]
            for future in as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _network(trial: Trial):
    options = {name: getattr(trial, name) for name in NETWORK}
    if trial.compiled:
        options["norm"] = COMPILED.get(trial.norm, trial.norm)
    net = lenet(**options)
    if trial.init != "xavier":  # train() gives Xavier's to those without values
        net.initialize(init.Normal(trial.init))
    net.hybridize()
    return net


def _batches(trial: Trial, data: str) -> tuple[Batches, Batches]:
    train_images, _ = _images(data, trial.examples, trial.seed)
    _, test_images = _images(data, trial.test_examples, 0)
    chosen = Batches(
        train_images.images,
        train_images.labels,
        trial.batch_size,
        shuffle=trial.shuffle,
        seed=trial.seed,
        source=train_images.source,
        synthetic=train_images.synthetic,
    )
    return chosen, test_images


@functools.lru_cache(maxsize=4)
def _images(data: str, limit: int | None, seed: int) -> tuple[Batches, Batches]:
    return load_fashion_mnist(TEST_BATCH_SIZE, data=data, limit=limit, seed=seed)


class _Curve:
    """Turns the sums since the start of an epoch into means since the last report."""

    def __init__(self) -> None:
        self.rows: list[list[float]] = []
        self._steps = 0  # in the epochs before
        self._last = (0, 0, 0.0, 0.0)  # batches, examples, sum of losses, correct

    def on_batches(self, number: int, tally: RunningTotals) -> None:
        if tally.batches == 0:  # a new epoch
            self._steps += self._last[0]
            self._last = (0, 0, 0.0, 0.0)
            return
        n = tally.examples
        now = (tally.batches, n, tally.loss * n, tally.accuracy * n)
        _, examples, loss, correct = (new - old for new, old in zip(now, self._last))
        self._last = now
        if examples:
            self.rows.append([self._steps + tally.batches, loss / examples, correct / examples])
