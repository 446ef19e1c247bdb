r"""Loss and accuracy, added up on the device and read now and then."""

from __future__ import annotations

import math
from collections.abc import Callable

from mxnet import np

__all__ = ["RunningTotals"]


class RunningTotals:
    r"""Sums over the batches of one pass.

    Reading a number back makes the host wait for the device. So :meth:`add` only queues what is to
    be summed, and :meth:`read` fetches all that is queued at once.

    ``batches`` counts all batches; ``examples``, ``loss`` and ``accuracy`` are of those that were
    read, NaN while there are none.

    >>> totals = RunningTotals()
    >>> scores, labels = np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1], dtype="int32")
    >>> totals.add(scores, labels, losses=np.array([0.2, 1.0]))
    >>> totals.batches, totals.examples
    (1, 0)
    >>> totals.read()
    >>> totals.examples, totals.accuracy, round(totals.loss, 3)
    (2, 0.5, 0.6)
    """

    def __init__(self) -> None:
        self.batches = 0
        self.examples = 0
        self.first_bad_batch: int | None = None  # counted from 1
        self.bad_loss: float | None = None
        self._queue: list[np.ndarray] = []
        self._queued_examples = 0
        self._loss_sum = 0.0
        self._correct = 0

    def add(
        self,
        scores: np.ndarray,
        labels: np.ndarray,
        losses: np.ndarray | None = None,
        examples: int | None = None,
    ) -> None:
        """Queue a batch: scores (N, classes), labels (N,) and losses (N,), if there are any.

        ``examples``: of the whole batch, if these are a part of it and :meth:`read` adds the rest.
        """
        correct = (scores.argmax(axis=1).astype(labels.dtype) == labels).sum().astype("float32")
        loss = np.zeros_like(correct) if losses is None else losses.sum().astype("float32")
        self._queue.append(np.stack([correct, loss]))
        self._queued_examples += len(labels) if examples is None else examples
        self.batches += 1

    @property
    def pending(self) -> int:
        """How many batches are queued."""
        return len(self._queue)

    def read(self, whole: Callable[[np.ndarray], np.ndarray] = lambda rows: rows) -> None:
        """Wait for the queued batches and add them to the sums.

        ``whole``: from the rows (correct, loss) of parts of the batches to those of the batches.
        """
        if not self._queue:
            return
        first = self.batches - len(self._queue) + 1
        for batch, (correct, loss) in enumerate(whole(np.stack(self._queue)).tolist(), start=first):
            self._correct += int(correct)
            self._loss_sum += loss
            if self.first_bad_batch is None and not math.isfinite(loss):
                self.first_bad_batch, self.bad_loss = batch, loss
        self.examples += self._queued_examples
        self._queue.clear()
        self._queued_examples = 0

    @property
    def loss(self) -> float:
        """Mean loss of the examples."""
        return self._loss_sum / self.examples if self.examples else math.nan

    @property
    def accuracy(self) -> float:
        """Share of the examples that were classified correctly."""
        return self._correct / self.examples if self.examples else math.nan
