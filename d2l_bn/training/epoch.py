r"""One epoch of training: the pass over the batches, and what is measured after it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable

import mxnet as mx
import numpy
from mxnet import autograd, gluon, np, npx

from d2l_bn.networks.batch_norm_layers import kept_averages
from d2l_bn.training.early_stopping import EarlyStopping
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.history import Epoch
from d2l_bn.training.running_totals import Tally
from d2l_bn.training.state import recalibrate_after

__all__ = ["Batch", "DivergenceError", "OnBatches", "measured", "train_epoch"]

BATCHES_PER_READ = 50  # the host waits for the device this often, to report and to check the loss

Batch = tuple[np.ndarray, np.ndarray]
OnBatches = Callable[[int, Tally], None]


class DivergenceError(ArithmeticError):
    """Loss or weights became infinite or NaN; the network holds its last good weights."""


def train_epoch(
    net: gluon.Block,
    trainer: gluon.Trainer,
    train_iter: Iterable[Batch],
    number: int,
    context: mx.Context,
    on_batches: OnBatches | None,
) -> Epoch:
    """One pass in training mode; a loss or a parameter that is not finite ends it."""
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
        test_accuracy=None,
        seconds=seconds,
        examples_per_second=tally.examples / seconds,
    )


def measured(
    epoch: Epoch,
    net: gluon.Block,
    train_iter: Iterable[Batch],
    test_iter: Iterable[Batch] | None,
    early_stopping: EarlyStopping | None,
    recalibrate: bool | int,
    seed: int,
) -> Epoch:
    """``epoch`` with the accuracies that are asked for; changes nothing in the network.

    With ``recalibrate`` the validation data are met with population statistics, as the test data
    are in the end.
    """
    validation = None if early_stopping is None else early_stopping.validation

    def accuracy(data: Iterable[Batch] | None) -> float | None:
        return None if data is None else evaluate(net, data)

    epoch = dataclasses.replace(epoch, test_accuracy=accuracy(test_iter))
    if not recalibrate:
        return dataclasses.replace(epoch, validation_accuracy=accuracy(validation))
    if test_iter is None and validation is None:
        return epoch
    with kept_averages(net):
        recalibrate_after(epoch.number, net, train_iter, recalibrate, seed)
        return dataclasses.replace(
            epoch,
            population_test_accuracy=accuracy(test_iter),
            validation_accuracy=accuracy(validation),
        )


def _divergence(what: str, number: int, batch: int, trainer: gluon.Trainer) -> DivergenceError:
    return DivergenceError(
        f"{what} in epoch {number}, batch {batch}, at learning rate {trainer.learning_rate:g}; "
        f"expected finite numbers. Try a smaller rate, such as {trainer.learning_rate / 10:g}, or "
        "a normalizer; and see that the data are finite"
    )
