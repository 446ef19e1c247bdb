r"""Early stopping: end the training when validation data say that it no longer helps.

Source: Prechelt 1998, *Early Stopping - But When?*, in *Neural Networks: Tricks of the Trade*.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from d2l_bn._support.arguments import check_count, check_number
from d2l_bn.training.arguments import check_data
from d2l_bn.training.history import History

__all__ = ["EarlyStopping", "check_early_stopping"]


@dataclass(frozen=True)
class EarlyStopping:
    r"""When to end: after ``patience`` epochs in a row without a better validation accuracy.

    An epoch is *better* if its accuracy on the validation data exceeds that of the best one before
    by more than ``min_gain``. The decision is a function of the history alone, so that a resumed
    run stops where an uninterrupted one does.

    Arguments:
        validation: re-iterable batches ``(X, y)``. Neither trained on, nor the test data: a choice
            that was made by looking at data is tested on others. ``Batches.hold_out`` makes them.
        patience: epochs without progress after which to stop.
        min_gain: progress that is too small to count, as a share of the examples.

    Raises:
        TypeError, ValueError: data that can be gone through only once, a patience below 1, a
            negative or infinite ``min_gain``.

    >>> import d2l_bn
    >>> batches, test = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=96)
    >>> batches, validation = batches.hold_out(32)
    >>> history = d2l_bn.train(
    ...     d2l_bn.lenet(), batches, test, epochs=9, lr=1e-9,  # too small for any progress
    ...     early_stopping=EarlyStopping(validation, patience=2),
    ... )
    >>> len(history), history.best_epoch, history.stopped_early
    (3, 1, True)
    """

    validation: Iterable[Any]
    patience: int = 3
    min_gain: float = 0.0

    def __post_init__(self) -> None:
        check_data("validation", self.validation)
        check_count("patience", self.patience, "the epochs without progress after which to stop")
        check_number("min_gain", self.min_gain, "[0, inf)", "such as 0.001")

    @property
    def config(self) -> dict[str, Any]:
        """What two runs must have in common to be one: plain values."""
        examples = getattr(self.validation, "num_examples", None)
        return {
            "patience": int(self.patience),
            "min_gain": float(self.min_gain),
            "examples": examples,
        }

    def best_epoch(self, accuracies: Iterable[float]) -> int:
        r"""The number (from 1) of the epoch whose weights are kept.

        >>> EarlyStopping([], min_gain=0.1).best_epoch([0.5, 0.55, 0.7, 0.7])
        3
        """
        best, highest = 0, -math.inf
        for number, accuracy in enumerate(accuracies, start=1):
            if accuracy > highest + self.min_gain:
                best, highest = number, accuracy
        return best

    def judge(self, history: History) -> None:
        """Note in ``history`` which epoch is the best so far, and whether patience has run out."""
        history.best_epoch = self.best_epoch(history["validation_accuracy"])
        history.stopped_early = len(history) - history.best_epoch >= self.patience


def check_early_stopping(value: Any) -> None:
    r"""Refuse what is neither None nor an :class:`EarlyStopping`.

    >>> check_early_stopping(3)
    Traceback (most recent call last):
    TypeError: early_stopping is a int; expected EarlyStopping(validation, patience=3), or None
    """
    if value is None:
        return
    if not isinstance(value, EarlyStopping):
        raise TypeError(
            f"early_stopping is a {type(value).__name__}; expected "
            "EarlyStopping(validation, patience=3), or None"
        )
