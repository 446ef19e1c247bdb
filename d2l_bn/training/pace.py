r"""The pace of a run: which rate and momentum the optimizer has at which step."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from typing import Any, Union

import mxnet as mx
from mxnet import gluon

from d2l_bn._support.arguments import check_choice, check_number
from d2l_bn.training.schedules import SCHEDULES, Schedule

__all__ = ["Pace", "pace_of"]

ScheduleOrName = Union[Schedule, str, None]


@dataclass(frozen=True)
class Pace:
    """Schedules, and what a share of the training is in steps."""

    rate: float
    epochs: int
    batches: int  # in an epoch
    schedule: Schedule | None
    momentum: Schedule | None

    @property
    def config(self) -> dict[str, Any]:
        """What two runs must have in common to be one: plain values, and none without a schedule.

        The length belongs to it, since a longer training goes through other rates.
        """
        if self.schedule is None and self.momentum is None:
            return {}
        names = {"rate": self.schedule, "momentum": self.momentum}
        return {"schedule": {n: s and _name(s) for n, s in names.items()} | {"epochs": self.epochs}}

    def check(self, optimizer: mx.optimizer.Optimizer) -> None:
        """Refuse a momentum for an optimizer that has none, and give it the first one."""
        if self.momentum is None:
            return
        if not hasattr(optimizer, "momentum"):
            raise ValueError(
                f"momentum_schedule is given, and the optimizer {type(optimizer).__name__} has no "
                "momentum; expected one such as 'sgd' or 'nag'"
            )
        optimizer.momentum = self.momentum(0.0)  # before the first step, for a velocity is to exist

    def set(self, trainer: gluon.Trainer, epoch: int, batch: int) -> None:
        """Before the step of a batch, which counts from 0, in an epoch, which counts from 1."""
        if self.schedule is None and self.momentum is None:
            return
        share = min(1.0, (epoch - 1 + batch / self.batches) / self.epochs)
        if self.schedule is not None:
            trainer.set_learning_rate(self.rate * self.schedule(share))
        if self.momentum is not None:
            trainer.optimizer.momentum = self.momentum(share)


def pace_of(
    schedule: ScheduleOrName,
    momentum_schedule: Schedule | None,
    rate: float,
    epochs: int,
    train_iter: Iterable[Any],
) -> Pace:
    r"""The pace of a run of :func:`d2l_bn.train`, whose arguments these are.

    Raises:
        ValueError: an unknown name, a factor below 0 or a momentum outside (0, 1).
        TypeError: a schedule that is no function, or data whose number of batches is not known.
    """
    if isinstance(schedule, str):
        check_choice("schedule", schedule, SCHEDULES)
        schedule = SCHEDULES[schedule]
    _check_values("schedule", schedule, "[0, inf)", "a factor of the rate")
    _check_values("momentum_schedule", momentum_schedule, "(0, 1)", "a momentum such as 0.9")
    if schedule is None and momentum_schedule is None:
        return Pace(rate, epochs, 0, None, None)
    if not isinstance(train_iter, Sized):
        raise TypeError(
            f"train_iter is a {type(train_iter).__name__} without a length; expected to know the "
            "number of its batches, which a schedule needs: give it __len__"
        )
    return Pace(rate, epochs, len(train_iter), schedule, momentum_schedule)


def _check_values(name: str, schedule: Any, interval: str, what: str) -> None:
    if schedule is None:
        return
    if not callable(schedule):
        raise TypeError(
            f"{name} is {schedule!r}; expected a function of the share of the training that is "
            "done, such as those of d2l_bn.training.schedules"
        )
    for share in (0.0, 0.5, 1.0):
        check_number(f"{name}({share:g})", schedule(share), interval, what)


def _name(schedule: Schedule) -> str:
    """A name that is the same in the next process; that of a function is its own."""
    return getattr(schedule, "__qualname__", None) or repr(schedule)
