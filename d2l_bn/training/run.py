r"""A training run: what moves, one epoch of it, and what it can go back to.

Random numbers are a function of the seed and the number of the epoch alone, so that a run that is
resumed comes to the same as one that went through.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import mxnet as mx
import numpy
from mxnet import autograd, gluon, init, np, npx

from d2l_bn._support.lock import locked
from d2l_bn.networks import population
from d2l_bn.networks.batch_norm_layers import kept_averages
from d2l_bn.training.arguments import check_fit, check_same_run, first_batch
from d2l_bn.training.checkpoint import Checkpoint
from d2l_bn.training.early_stopping import EarlyStopping
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.history import Epoch, History
from d2l_bn.training.pace import Pace
from d2l_bn.training.running_totals import RunningTotals
from d2l_bn.training.together import Together
from d2l_bn.training.untouched import unchanged_on_error
from d2l_bn.training.weights import weights_of
from d2l_bn.workers.group import Group

__all__ = ["Batch", "DivergenceError", "OnBatches", "Run", "seed_generators"]

BATCHES_PER_READ = 50  # the host waits for the device this often, to report and to check the loss

Batch = tuple[np.ndarray, np.ndarray]
OnBatches = Callable[[int, RunningTotals], None]


class DivergenceError(ArithmeticError):
    """Loss or weights became infinite or NaN; the network holds its last good weights."""


@dataclass
class Run:
    """The state of :func:`d2l_bn.train`, whose arguments the first fields are."""

    net: gluon.Block
    train_iter: Iterable[Batch]
    test_iter: Iterable[Batch] | None
    seed: int
    context: mx.Context
    pace: Pace
    weigh_alike: str
    recalibrate: bool | int
    early_stopping: EarlyStopping | None
    checkpoint: Path | None
    history: History
    group: Group
    together: Together = field(init=False)
    trainer: gluon.Trainer = field(init=False)
    batch_size: int = field(init=False)
    last_good: Checkpoint = field(init=False)  # after the last finished epoch, or at the start

    @property
    def validation(self) -> Iterable[Batch] | None:
        """The data that early stopping looks at."""
        return None if self.early_stopping is None else self.early_stopping.validation

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """While no other run writes this checkpoint."""
        if self.checkpoint is None or self.group.rank:
            return contextlib.nullcontext()
        return locked(self.checkpoint)

    def start(self, rule: mx.optimizer.Optimizer, resume: bool) -> None:
        """Initialize the network, look whether the data fit it, go on from the checkpoint.

        If anything is refused, the network is as it was.
        """
        saved = None
        if resume and self.checkpoint is not None and self.checkpoint.exists():
            saved = Checkpoint.load(self.checkpoint)
            check_same_run(saved.history, self.history.config, self.checkpoint)
            saved.check(self.net)
        data = {"train_iter": self.train_iter, "test_iter": self.test_iter}
        data["validation"] = self.validation
        first = {name: first_batch(b, name) for name, b in data.items() if b is not None}
        with unchanged_on_error(self.net):
            seed_generators(self.seed, 0)
            self._initialize()
            for name, (X, y) in first.items():
                labels = getattr(data[name], "labels", y)  # all of them, where they are at hand
                check_fit(name, self.net, X.as_in_ctx(self.context), labels)
            self.batch_size = len(first["train_iter"][1])
            self.trainer = gluon.Trainer(self.net.collect_params(), rule, kvstore=None)
            self.together = Together(self.net, self.group)
            self.together.begin(0 if saved is None else len(saved.history))
            self.last_good = Checkpoint.of(self.net, self.trainer, self.history)
            if saved is not None:
                saved.restore(self.net, self.trainer)
                self.history.resume(saved.history)
                self.last_good = saved

    def train_epoch(self, on_batches: OnBatches | None) -> None:
        """The next epoch: train, measure, save. If anything fails, it has not been."""
        number = len(self.history) + 1
        try:
            epoch, final = self._measured(self._trained(number, on_batches))
            self.history.epochs.append(epoch)
            if self.early_stopping is not None:
                self.early_stopping.judge(self.history)
            moment = Checkpoint.of(self.net, self.trainer, self.history)
            is_best = self.history.best_epoch in (None, number)
            moment.final = final if is_best else self.last_good.final
            if self.checkpoint is not None and self.together.writes:
                moment.save(self.checkpoint)
        except BaseException:
            self._go_back()
            raise
        self.last_good = moment

    def finish(self) -> None:
        """Leave the network with the best weights, and with the statistics that are asked for."""
        if self.last_good.final is not None:
            self._undisturbed(lambda: self.last_good.finish(self.net))

    def _initialize(self) -> None:
        """Give values to the parameters that have none, and move the others to the device."""
        for parameter in self.net.collect_params().values():
            if parameter._data is None and not parameter._deferred_init:
                parameter.initialize(ctx=self.context, default_init=init.Xavier())
            elif parameter.list_ctx() != [self.context]:
                parameter.reset_ctx(self.context)

    def _begin_pass(self, number: int, order: int) -> None:
        seed_generators(self.seed, number)
        if hasattr(self.train_iter, "epoch"):
            self.train_iter.epoch = order

    def _trained(self, number: int, on_batches: OnBatches | None) -> Epoch:
        """One pass in training mode; a loss or a parameter that is not finite ends it."""
        loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
        totals = RunningTotals()

        def report() -> None:
            totals.read(self.together.rows)
            if totals.first_bad_batch is not None:
                what = f"the loss is {totals.bad_loss}"
                raise self._divergence(what, number, totals.first_bad_batch)
            if on_batches is not None:
                on_batches(number, totals)

        self._begin_pass(number, number - 1)
        report()
        npx.waitall()
        start = time.perf_counter()
        for batch, whole in enumerate(self.train_iter):
            X, y = (array.as_in_ctx(self.context) for array in self.together.part(whole))
            examples = len(whole[1])
            with autograd.record():
                scores = self.net(X)
                losses = loss_function(scores, y)
            losses.backward()
            self.together.sum_gradients()
            self.pace.set(self.trainer, number, batch)
            self.trainer.step(self.batch_size if self.weigh_alike == "examples" else examples)
            totals.add(scores, y, losses, examples)
            if totals.pending >= BATCHES_PER_READ:
                report()
        report()
        self.together.mean_averages()
        npx.waitall()
        seconds = time.perf_counter() - start
        for name, parameter in self.net._collect_params_with_prefix().items():
            # The last step may ruin weights that no loss has been computed with yet.
            if not numpy.isfinite(parameter.data(self.context).asnumpy()).all():
                raise self._divergence(f"{name} is not finite", number, totals.batches)
        speed = totals.examples / seconds
        return Epoch(number, totals.loss, totals.accuracy, None, seconds, speed)

    def _measured(self, epoch: Epoch) -> tuple[Epoch, dict[str, numpy.ndarray] | None]:
        """``epoch`` with its accuracies, and the weights to leave if training ended here.

        Changes nothing in the network. These weights are None where they are those of the network.
        """

        def accuracy(data: Iterable[Batch] | None) -> float | None:
            return None if data is None else evaluate(self.net, data)

        epoch = dataclasses.replace(epoch, test_accuracy_moving=accuracy(self.test_iter))
        if not self.recalibrate:
            epoch = dataclasses.replace(epoch, validation_accuracy=accuracy(self.validation))
            return epoch, None if self.early_stopping is None else weights_of(self.net)
        with kept_averages(self.net):
            self._recalibrate(epoch)
            epoch = dataclasses.replace(
                epoch,
                test_accuracy_population=accuracy(self.test_iter),
                validation_accuracy=accuracy(self.validation),
            )
            return epoch, weights_of(self.net)

    def _recalibrate(self, epoch: Epoch) -> None:
        """Population statistics after ``epoch``, the same whenever they are computed."""
        self._begin_pass(epoch.number, epoch.number)
        batches = None if self.recalibrate is True else self.recalibrate
        kind = "unbiased" if self.batch_size > 1 else "biased"  # of one value there is no other
        try:
            population.recalibrate(self.net, self.train_iter, batches=batches, variance=kind)
        except population.StatisticsError as error:
            raise self._divergence(str(error), epoch.number) from None

    def _go_back(self) -> None:
        """To the last good moment."""

        def go_back() -> None:
            self.last_good.restore(self.net, self.trainer)
            self.history.resume(self.last_good.history)

        self._undisturbed(go_back)

    @staticmethod
    def _undisturbed(action: Callable[[], None]) -> None:
        """Do it to the end, though Ctrl-C is pressed again and again meanwhile."""
        while True:
            try:
                return action()
            except KeyboardInterrupt:
                continue

    def _divergence(self, what: str, number: int, batch: int | None = None) -> DivergenceError:
        rate = self.trainer.learning_rate
        where = f"in epoch {number}, batch {batch}" if batch else f"after epoch {number}"
        return DivergenceError(
            f"{what} {where}, at learning rate {rate:g}; expected finite "
            f"numbers. Try a smaller rate, such as {rate / 10:g}, or a normalizer; and see that "
            "the data are finite"
        )


def seed_generators(seed: int, number: int) -> None:
    """Seed MXNet's and NumPy's global generators for epoch ``number``; 0: the start."""
    state = numpy.random.SeedSequence([seed, number]).generate_state(2)
    mx.random.seed(int(state[0] >> 1))  # a signed 32-bit integer
    numpy.random.seed(state[1])
