r"""This worker's part of each batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mxnet import np

__all__ = ["Shard"]


class Shard:
    r"""Every ``size``-th example of each batch, from number ``rank`` on.

    All workers go through the same batches in the same order, and together they see each example
    once: the sum of their gradients is the gradient of the whole batch.

    Arguments:
        batches: re-iterable batches ``(X, y)``, the same on every worker.
        rank, size: this worker's number and how many there are.

    Raises:
        ValueError: while iterating, a batch with fewer examples than workers.

    >>> whole = [(np.arange(5).reshape(5, 1), np.arange(5))]
    >>> [y.tolist() for rank in range(2) for X, y in Shard(whole, rank, size=2)]
    [[0.0, 2.0, 4.0], [1.0, 3.0]]
    """

    def __init__(self, batches: Iterable[tuple[np.ndarray, np.ndarray]], rank: int, size: int):
        if not 0 <= rank < size:
            raise ValueError(f"rank is {rank} of {size} workers; expected 0 to {size - 1}")
        self._batches, self._rank, self._size = batches, rank, size

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for X, y in self._batches:
            if len(y) < self._size:
                raise ValueError(
                    f"a batch has {len(y)} examples for {self._size} workers; expected one for "
                    "each at least: another batch size, fewer workers, or another --limit"
                )
            yield X[self._rank :: self._size], y[self._rank :: self._size]

    def __getattr__(self, name: str) -> Any:  # batch_size, source, … are those of the whole
        return getattr(self._batches, name)
