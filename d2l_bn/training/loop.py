r"""Train. Nothing here draws or prints: callbacks are told, and a History comes back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import mxnet as mx
from mxnet import autograd, gluon

from d2l_bn._support.environment import describe_environment
from d2l_bn.training.arguments import (
    as_json,
    check_checkpoint,
    check_data,
    check_numbers,
    check_recalibrate,
    check_weigh_alike,
)
from d2l_bn.training.device import try_gpu
from d2l_bn.training.early_stopping import EarlyStopping, check_early_stopping
from d2l_bn.training.history import History
from d2l_bn.training.pace import ScheduleOrName, pace_of
from d2l_bn.training.run import Batch, DivergenceError, OnBatches, Run
from d2l_bn.training.schedules import Schedule
from d2l_bn.workers.group import Group

__all__ = ["DivergenceError", "train"]

OnEpoch = Callable[[History], None]


def train(
    net: gluon.Block,
    train_iter: Iterable[Batch],
    test_iter: Iterable[Batch] | None = None,
    *,
    epochs: int = 5,
    lr: float = 1.0,
    seed: int = 0,
    context: mx.Context | None = None,
    optimizer: str = "sgd",
    optimizer_params: dict[str, Any] | None = None,
    schedule: ScheduleOrName = None,
    momentum_schedule: Schedule | None = None,
    checkpoint: str | os.PathLike | None = None,
    resume: bool = False,
    weigh_alike: str = "examples",
    recalibrate: bool | int | None = None,
    early_stopping: EarlyStopping | None = None,
    group: Group | None = None,
    config: dict[str, Any] | None = None,
    on_batches: OnBatches | None = None,
    on_epoch: OnEpoch | None = None,
) -> History:
    r"""Minimize the softmax cross-entropy of ``net`` by mini-batch descent, as in the chapter.

    Parameters that have no values yet get Xavier's initialization [Glorot & Bengio 2010]; others
    keep theirs. The host waits for the device every 50 batches only.

    Batch normalization is tested after each epoch by the moving averages and by statistics of the
    training set, and the network is left with the latter: at the chapter's learning rate of 1 the
    averages lag behind the weights, and the test accuracy by them jumps (lesson 06, test time).

    The same seed on the same machine with the same number of threads (see :mod:`d2l_bn.threads`)
    gives the same weights, bit for bit; with the package's operators, whatever the number is. For
    this MXNet's and NumPy's global generators are seeded anew before the initialization and before
    each epoch, from ``seed`` and the number of the epoch.

    If training ends early, by a loss that is not finite or by Ctrl-C, the network is left as after
    the last finished epoch; the checkpoint is of the same moment.

    Arguments:
        net: any Gluon block from images to one score per class.
        train_iter, test_iter: re-iterable; each pass gives batches ``(X, y)``. If ``train_iter``
            has an attribute ``epoch``, it is set before each pass (a source of reshuffling).
        epochs: passes over ``train_iter`` in all, those of a resumed run included.
        lr: learning rate.
        seed: a whole number of at least 0.
        context: where to compute; :func:`d2l_bn.try_gpu` unless given.
        optimizer, optimizer_params: for ``gluon.Trainer``; ``lr`` need not be repeated.
        schedule: what multiplies ``lr`` at each step: a function of the share of all steps that are
            done, or a name of :data:`d2l_bn.training.schedules.SCHEDULES`, such as ``'cosine'``.
        momentum_schedule: the momentum at each step, likewise, of an optimizer that has one. A run
            with a schedule cannot be resumed for more epochs: other rates would belong to it.
        checkpoint: a file to write after each epoch, whole or not at all, by one run at a time.
        resume: go on from ``checkpoint`` if it is there; start anew if not.
        weigh_alike: what counts alike where the last batch is smaller. ``'examples'`` divides the
            sum of the gradients by the size of the first batch in every step, as the chapter does;
            ``'batches'`` by the size of this one, which gives each of the last 96 images of
            Fashion-MNIST 2.67 times the weight of another, in a longer and noisier step just before
            the test: it is less accurate then by the moving averages (study ``last_batch``) and by
            the population's statistics, too (study ``population``).
        recalibrate: over how many training batches the population's statistics are taken
            (:func:`d2l_bn.recalibrate`); ``True``: all, ``False``: not at all, and the network is
            left with the moving averages. Unless given, 20 where there is a batch normalization.
            The course of training is the same, and so are the averages in the checkpoint.
        early_stopping: end before ``epochs`` when the accuracy on its validation data has not risen
            for so many epochs, and leave the network with the weights of the best one; the
            checkpoint has these and the last ones, to go on from.
        group: the workers that train this network together, each on a part of every batch
            (:func:`d2l_bn.workers.group.current_group`); this process alone unless given. Each of
            them normalizes by the statistics of its part, unless the layers are
            :class:`~d2l_bn.norms.sync_batch.SyncBatchNorm`.
        config: more of the configuration to record: the network, the data, …
        on_batches: called at the start of each epoch and after every 50 batches, with the number of
            the epoch and its :class:`~d2l_bn.training.running_totals.RunningTotals` so far.
        on_epoch: called after each epoch (and its checkpoint) with the history so far.

    Returns:
        The :class:`~d2l_bn.History`, with an epoch for each that was finished.

    Raises:
        DivergenceError: the loss or a parameter became infinite or NaN.
        CheckpointError: ``checkpoint`` is damaged, of another network or another configuration.
        BlockingIOError: another run is writing this checkpoint.
        ValueError, TypeError: arguments out of range, data that are not batches, images that the
            network cannot take, or labels that it has no output for. With these and the two before,
            the network is as it was.

    >>> import d2l_bn
    >>> batches, _ = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    >>> history = train(d2l_bn.lenet(), batches, epochs=2)
    >>> len(history), history["loss"][1] < history["loss"][0]
    (2, True)
    """
    check_numbers(epochs, lr, seed, optimizer_params or {})
    check_data("train_iter", train_iter)
    if test_iter is not None:
        check_data("test_iter", test_iter)
    check_weigh_alike(weigh_alike)
    recalibrate = check_recalibrate(recalibrate, net)
    check_early_stopping(early_stopping)
    pace = pace_of(schedule, momentum_schedule, float(lr), epochs, train_iter)
    checkpoint = check_checkpoint(checkpoint, resume)
    context = try_gpu() if context is None else context
    history = History(
        config=as_json(
            {
                **(config or {}),
                "epochs": int(epochs),
                "lr": float(lr),
                "seed": int(seed),
                "optimizer": optimizer,
                "optimizer_params": optimizer_params or {},
                **pace.config,
                "weigh_alike": weigh_alike,
                "recalibrate": recalibrate,
                "early_stopping": early_stopping and early_stopping.config,
                "batch_size": getattr(train_iter, "batch_size", None),
                "examples": getattr(train_iter, "num_examples", None),
                "synthetic": getattr(train_iter, "synthetic", None),
            }
        ),
        environment={
            **describe_environment(context),
            "data": getattr(train_iter, "source", None),
            **({} if group is None else {"workers": group.size}),
        },
    )
    settings = {**(optimizer_params or {}), "learning_rate": float(lr)}
    rule = mx.optimizer.create(optimizer, **settings)
    pace.check(rule)
    run = Run(
        net,
        train_iter,
        test_iter,
        seed,
        context,
        pace,
        weigh_alike,
        recalibrate,
        early_stopping,
        checkpoint,
        history,
        Group() if group is None else group,
    )
    with autograd.pause(train_mode=False), run.alone():  # whatever the caller is recording
        run.start(rule, resume)
        try:
            while len(history) < epochs and not history.stopped_early:
                run.train_epoch(on_batches)
                if on_epoch is not None:
                    on_epoch(history)
        finally:
            run.finish()
    return history
