r"""A rate finder: one short training whose learning rate grows from far too small to far too large.

Below a rate nothing happens in so few steps; above another the loss explodes. A good constant rate
lies between, some way below the second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import mxnet as mx
import numpy
from mxnet import autograd, gluon

from d2l_bn._support.arguments import check_count, check_number
from d2l_bn.training.arguments import check_data
from d2l_bn.training.device import try_gpu
from d2l_bn.training.weights import weights_of

__all__ = ["RateSearch", "find_rate"]


@dataclass(frozen=True)
class RateSearch:
    r"""What was met: the ``rates``, the ``losses`` of their batches, and these ``smoothed``."""

    rates: list[float]
    losses: list[float]
    smoothed: list[float]

    @property
    def lowest(self) -> float:
        """The rate at which the smoothed loss was lowest: too large already."""
        return self.rates[int(numpy.argmin(self.smoothed))]

    @property
    def suggested(self) -> float:
        """A tenth of :attr:`lowest`: where the loss still falls, and a step back from the edge."""
        return self.lowest / 10


def find_rate(
    net: gluon.Block,
    train_iter: Iterable[Any],
    *,
    low: float = 1e-4,
    high: float = 10.0,
    steps: int = 100,
    smoothing: float = 0.9,
    optimizer: str = "sgd",
    optimizer_params: dict[str, Any] | None = None,
) -> RateSearch:
    r"""Train with a rate that grows by the same factor at each step, and put the network back.

    .. math:: \eta_t = \eta_{low} \left(\frac{\eta_{high}}{\eta_{low}}\right)^{t / (T - 1)}

    The losses are smoothed by a moving average that starts at 0 and is corrected for it, as Adam's
    are. It ends early at a loss that is not finite, or four times the lowest smoothed one.

    Arguments:
        net: initialized and with all its sizes known. Its parameters, moving averages included, are
            afterwards what they were before.
        train_iter: batches ``(X, y)``; gone through again if there are fewer than ``steps``.
        low, high: the first rate and the last one.
        smoothing: the weight of the earlier losses, in [0, 1).

    Raises:
        ValueError: rates that do not ascend from above 0, fewer than 2 steps, no batch.

    Source: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3, arXiv
    1506.01186; growing by a factor and the suggestion: fast.ai.

    >>> import d2l_bn
    >>> batches, _ = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=256)
    >>> net = d2l_bn.lenet()
    >>> net.initialize(mx.init.Xavier())
    >>> _ = net(next(iter(batches))[0])  # now all sizes are known
    >>> found = find_rate(net, batches, steps=20)
    >>> found.rates[0], found.suggested < found.lowest
    (0.0001, True)
    """
    check_data("train_iter", train_iter)
    check_count("steps", steps)
    check_number("smoothing", smoothing, "[0, 1)")
    if steps < 2 or not 0 < low < high < math.inf:
        raise ValueError(
            f"low, high and steps are {low}, {high} and {steps}; expected 0 < low < high, both "
            "finite, and at least 2 steps"
        )
    before = weights_of(net)
    found = RateSearch([], [], [])
    try:
        with autograd.pause(train_mode=False):
            settings = {**(optimizer_params or {}), "learning_rate": low}
            trainer = gluon.Trainer(net.collect_params(), optimizer, settings, kvstore=None)
            rates = [float(rate) for rate in numpy.geomspace(low, high, steps)]
            _try_rates(net, trainer, train_iter, rates, found, smoothing)
    finally:
        for name, parameter in net._collect_params_with_prefix().items():
            parameter.set_data(mx.np.array(before[name], dtype=before[name].dtype))
    return found


def _try_rates(
    net: gluon.Block,
    trainer: gluon.Trainer,
    train_iter: Iterable[Any],
    rates: list[float],
    found: RateSearch,
    smoothing: float,
) -> None:
    cross_entropy, context, average = gluon.loss.SoftmaxCrossEntropyLoss(), try_gpu(), 0.0
    batches = chain.from_iterable(repeat(train_iter))
    for t, (rate, (X, y)) in enumerate(zip(rates, batches), start=1):
        X, y = X.as_in_ctx(context), y.as_in_ctx(context)
        with autograd.record():
            losses = cross_entropy(net(X), y)
        losses.backward()
        loss = losses.mean().item()
        if not math.isfinite(loss):
            return
        average = smoothing * average + (1 - smoothing) * loss
        found.rates.append(rate)
        found.losses.append(loss)
        found.smoothed.append(average / (1 - smoothing**t))
        if found.smoothed[-1] > 4 * min(found.smoothed):
            return
        trainer.set_learning_rate(rate)
        trainer.step(len(y))
