r"""Train. Nothing here draws or prints: callbacks are told, and a History comes back."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

import mxnet as mx
import numpy
from mxnet import autograd, gluon, init, np, npx

from d2l_bn.checkpoint import Checkpoint
from d2l_bn.context import try_gpu
from d2l_bn.environment import describe_environment
from d2l_bn.evaluation import evaluate
from d2l_bn.history import Epoch, History
from d2l_bn.norms import population
from d2l_bn.norms.network import kept_averages
from d2l_bn.tally import Tally
from d2l_bn.training_checks import (
    as_json,
    check_data,
    check_numbers,
    check_recalibrate,
    check_same_run,
    first_batch,
)

__all__ = ["DivergenceError", "train"]

BATCHES_PER_READ = 50  # the host waits for the device this often, to report and to check the loss

Batch = tuple[np.ndarray, np.ndarray]
OnBatches = Callable[[int, Tally], None]
OnEpoch = Callable[[History], None]


class DivergenceError(ArithmeticError):
    """Loss or weights became infinite or NaN; the network holds its last good weights."""


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
    checkpoint: str | os.PathLike | None = None,
    resume: bool = False,
    recalibrate: bool | int = False,
    config: dict[str, Any] | None = None,
    on_batches: OnBatches | None = None,
    on_epoch: OnEpoch | None = None,
) -> History:
    r"""Minimize the softmax cross-entropy of ``net`` by mini-batch descent, as in the chapter.

    Parameters that have no values yet get Xavier's initialization [Glorot & Bengio 2010]; others
    keep theirs. Each step divides the gradient by the number of examples in *this* batch. The host
    waits for the device every 50 batches only.

    The same seed on the same machine with one thread (``OMP_NUM_THREADS=1``) gives the same
    weights, bit for bit. For this MXNet's and NumPy's global generators are seeded anew before the
    initialization and before each epoch, from ``seed`` and the number of the epoch.

    If training ends early, by a loss that is not finite or by Ctrl-C, the network holds the
    parameters after the last finished epoch, the same as the checkpoint.

    Arguments:
        net: any Gluon block from images to one score per class.
        train_iter, test_iter: re-iterable; each pass gives batches ``(X, y)``. If ``train_iter``
            has an attribute ``epoch``, it is set before each pass (a source of reshuffling).
        epochs: passes over ``train_iter`` in all, those of a resumed run included.
        lr: learning rate.
        seed: a whole number of at least 0.
        context: where to compute; :func:`d2l_bn.try_gpu` unless given.
        optimizer, optimizer_params: for ``gluon.Trainer``; ``lr`` need not be repeated.
        checkpoint: a file to write after each epoch, whole or not at all.
        resume: go on from ``checkpoint`` if it is there; start anew if not.
        recalibrate: test each epoch a second time, with the statistics of the training set in the
            place of the moving averages, and leave the network with them at the end; ``True`` takes
            the whole set, a number that many batches (:func:`d2l_bn.recalibrate`). The weights, and
            the averages in the checkpoint, are the same with it and without.
        config: more of the configuration to record: the network, the data, …
        on_batches: called at the start of each epoch and after every 50 batches, with the number of
            the epoch and its :class:`~d2l_bn.tally.Tally` so far.
        on_epoch: called after each epoch (and its checkpoint) with the history so far.

    Returns:
        The :class:`~d2l_bn.History`: an :class:`~d2l_bn.Epoch` for each finished epoch.

    Raises:
        DivergenceError: the loss or a parameter became infinite or NaN.
        CheckpointError: ``checkpoint`` is damaged, of another network or another configuration.
        ValueError, TypeError: arguments out of range, or data that are not batches. With these two
            and the one before, the network is as it was.

    >>> import d2l_bn
    >>> batches, _ = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    >>> history = train(d2l_bn.lenet(), batches, epochs=2)
    >>> len(history), history["loss"][1] < history["loss"][0]
    (2, True)
    """
    check_numbers(epochs, lr, seed)
    check_data("train_iter", train_iter)
    if test_iter is not None:
        check_data("test_iter", test_iter)
    check_recalibrate(recalibrate, net)
    if resume and checkpoint is None:
        raise ValueError("resume=True without a checkpoint; expected the file to go on from")
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
                "recalibrate": recalibrate,
                "batch_size": getattr(train_iter, "batch_size", None),
                "examples": getattr(train_iter, "num_examples", None),
                "synthetic": getattr(train_iter, "synthetic", None),
            }
        ),
        environment={
            **describe_environment(context),
            "data": getattr(train_iter, "source", None),
        },
    )
    rule = mx.optimizer.create(
        optimizer, **{**(optimizer_params or {}), "learning_rate": float(lr)}
    )
    saved = None
    if resume and os.path.exists(checkpoint):
        saved = Checkpoint.load(checkpoint)
        check_same_run(saved.history, history.config, checkpoint)
        saved.check(net)
    X, _ = first_batch(train_iter)

    _seed_generators(seed, 0)
    _initialize(net, X, context)
    trainer = gluon.Trainer(net.collect_params(), rule, kvstore=None)
    if saved is not None:
        saved.restore(net, trainer)
        history.epochs = saved.history.epochs

    last_good = Checkpoint.of(net, trainer, history)
    while len(history) < epochs:
        number = len(history) + 1
        try:
            _seed_generators(seed, number)
            if hasattr(train_iter, "epoch"):
                train_iter.epoch = number - 1
            epoch = _train_epoch(net, trainer, train_iter, test_iter, number, context, on_batches)
            if recalibrate and test_iter is not None:
                with kept_averages(net):
                    _recalibrate(net, train_iter, recalibrate, number, seed)
                    accuracy = evaluate(net, test_iter, context)
                epoch = dataclasses.replace(epoch, population_test_accuracy=accuracy)
            history.epochs.append(epoch)
            moment = Checkpoint.of(net, trainer, history)
            if checkpoint is not None:
                moment.save(checkpoint)
        except BaseException:
            last_good.restore(net, trainer)
            raise
        last_good = moment
        if on_epoch is not None:
            on_epoch(history)
    if recalibrate:
        _recalibrate(net, train_iter, recalibrate, epochs, seed)
    return history


def _train_epoch(
    net: gluon.Block,
    trainer: gluon.Trainer,
    train_iter: Iterable[Batch],
    test_iter: Iterable[Batch] | None,
    number: int,
    context: mx.Context,
    on_batches: OnBatches | None,
) -> Epoch:
    """One pass in training mode, and the test accuracy after it."""
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    tally = Tally()

    def report() -> None:
        tally.read()
        if tally.first_bad_batch is not None:
            raise _divergence(
                f"the loss is {tally.bad_loss}", number, tally.first_bad_batch, trainer
            )
        if on_batches is not None:
            on_batches(number, tally)

    report()
    npx.waitall()
    start = time.perf_counter()
    for X, y in train_iter:
        X, y = X.as_in_ctx(context), y.as_in_ctx(context)
        with autograd.record():
            scores = net(X)
            losses = loss_function(scores, y)
        losses.backward()
        trainer.step(len(y))
        tally.add(scores, y, losses)
        if tally.pending >= BATCHES_PER_READ:
            report()
    report()
    npx.waitall()
    seconds = time.perf_counter() - start
    for name, parameter in net._collect_params_with_prefix().items():
        # The last step may ruin weights that no loss has been computed with yet.
        if not numpy.isfinite(parameter.data(context).asnumpy()).all():
            raise _divergence(f"{name} is not finite", number, tally.batches, trainer)
    return Epoch(
        number=number,
        loss=tally.loss,
        train_accuracy=tally.accuracy,
        test_accuracy=None if test_iter is None else evaluate(net, test_iter, context),
        seconds=seconds,
        examples_per_second=tally.examples / seconds,
    )


def _divergence(what: str, number: int, batch: int, trainer: gluon.Trainer) -> DivergenceError:
    return DivergenceError(
        f"{what} in epoch {number}, batch {batch}, at learning rate {trainer.learning_rate:g}; "
        f"expected finite numbers. Try a smaller rate, such as {trainer.learning_rate / 10:g}, or "
        "a normalizer; and see that the data are finite"
    )


def _recalibrate(
    net: gluon.Block, train_iter: Iterable[Batch], batches: bool | int, number: int, seed: int
) -> None:
    """Population statistics after epoch ``number``, the same ones whenever they are computed."""
    _seed_generators(seed, number)
    if hasattr(train_iter, "epoch"):
        train_iter.epoch = number
    population.recalibrate(net, train_iter, batches=None if batches is True else batches)


def _initialize(net: gluon.Block, X: np.ndarray, context: mx.Context) -> None:
    """Give values to the parameters that have none, and move the others to ``context``."""
    for parameter in net.collect_params().values():
        if parameter._data is None and not parameter._deferred_init:
            parameter.initialize(ctx=context, default_init=init.Xavier())
        elif parameter.list_ctx() != [context]:
            parameter.reset_ctx(context)
    net(X.as_in_ctx(context))  # sizes that the first input decides; moves no average


def _seed_generators(seed: int, number: int) -> None:
    state = numpy.random.SeedSequence([seed, number]).generate_state(2)
    mx.random.seed(int(state[0] >> 1))  # a signed 32-bit integer
    numpy.random.seed(state[1])
