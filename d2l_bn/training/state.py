r"""What :func:`d2l_bn.train` computes with: random numbers, parameters, statistics.

All three are functions of the seed and the number of the epoch alone, so that a run that is resumed
comes to the same as one that went through.
"""

from __future__ import annotations

from collections.abc import Iterable

import mxnet as mx
import numpy
from mxnet import gluon, init, np

from d2l_bn.networks import population

__all__ = ["initialize", "recalibrate_after", "seed_generators"]


def seed_generators(seed: int, number: int) -> None:
    """Seed MXNet's and NumPy's global generators for epoch ``number``; 0: the initialization."""
    state = numpy.random.SeedSequence([seed, number]).generate_state(2)
    mx.random.seed(int(state[0] >> 1))  # a signed 32-bit integer
    numpy.random.seed(state[1])


def initialize(net: gluon.Block, X: np.ndarray, context: mx.Context) -> None:
    """Give values to the parameters that have none, and move the others to ``context``."""
    for parameter in net.collect_params().values():
        if parameter._data is None and not parameter._deferred_init:
            parameter.initialize(ctx=context, default_init=init.Xavier())
        elif parameter.list_ctx() != [context]:
            parameter.reset_ctx(context)
    net(X.as_in_ctx(context))  # sizes that the first input decides; moves no average


def recalibrate_after(
    number: int, net: gluon.Block, train_iter: Iterable, batches: bool | int, seed: int
) -> None:
    """Population statistics after epoch ``number``, the same ones whenever they are computed."""
    seed_generators(seed, number)
    if hasattr(train_iter, "epoch"):
        train_iter.epoch = number
    population.recalibrate(net, train_iter, batches=None if batches is True else batches)
