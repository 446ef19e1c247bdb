r"""Batch, stochastic and mini-batch descent: how many examples a gradient is computed from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from d2l_bn._support.arguments import check_whole

from .path import Path, follow


def descend_on_batches(
    loss: Any,
    rule: Any,
    start: Sequence[float],
    *,
    batch_size: int,
    epochs: int,
    seed: int = 0,
    limit: float = 1e3,
) -> Path:
    r"""Follow ``rule`` with the gradient of ``batch_size`` examples in each step.

    Each epoch goes through all :math:`n` examples in a new random order, without repetition; a last
    batch that is smaller counts as a step, too. ``batch_size=n`` is *batch* gradient descent, 1 is
    *stochastic*, anything between is *mini-batch* descent. The values of the path are those of the
    whole loss, which the rule does not see.

    Arguments:
        loss: a surface that is a mean over examples: ``len(loss)`` of them, and
            ``gradient_on(theta, rows)`` of some, as :class:`d2l_bn.descent.surfaces.LeastSquares`.
        rule, start, limit: as in :func:`~d2l_bn.descent.descend`.
        seed: of the order of the examples.

    Raises:
        ValueError: a batch size outside 1..n, fewer than 0 epochs, or a bad start.

    >>> from d2l_bn.descent import GradientDescent
    >>> from d2l_bn.descent.surfaces import LeastSquares
    >>> line = LeastSquares([[1, 1], [2, 1], [3, 1], [4, 1]], [3, 5, 7, 9])  # y = 2x + 1
    >>> path = descend_on_batches(line, GradientDescent(0.05), (0, 0), batch_size=2, epochs=3)
    >>> path.steps, path.values[-1] < path.values[0]
    (6, True)
    """
    if not 1 <= batch_size <= len(loss):
        raise ValueError(
            f"batch_size is {batch_size!r}; expected a whole number from 1 to the {len(loss)} "
            "examples of the loss"
        )
    check_whole("epochs", epochs, least=0)
    gradients = (
        lambda theta, rows=rows: loss.gradient_on(theta, rows)
        for rows in _shuffled_batches(len(loss), batch_size, epochs, seed)
    )
    return follow(loss, gradients, rule, start, limit)


def _shuffled_batches(n: int, size: int, epochs: int, seed: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(n)
        yield from (order[first : first + size] for first in range(0, n, size))
