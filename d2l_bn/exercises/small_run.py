r"""One small training run, for exercises that compare settings over seeds: about a second."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from mxnet import gluon

from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.networks.lenet import lenet
from d2l_bn.training.loop import DivergenceError, train

__all__ = ["run"]


def run(
    seed: int,
    lr: float = 1.0,
    *,
    net: gluon.Block | None = None,
    prepare: Callable[[gluon.Block], Any] | None = None,
    epochs: int = 3,
    examples: int = 400,
    **options: Any,
) -> float:
    r"""The training loss in the last epoch; NaN if the loss or a weight left the finite numbers.

    The data are drawn garments (:mod:`d2l_bn.data.garments`), **not** Fashion-MNIST: what comes out
    shows how to make such a study, and not what the answer is for real data.

    Arguments:
        seed: of the initial weights and the order of the examples.
        lr: learning rate of plain descent, batches of 20.
        net: the network; :func:`d2l_bn.lenet` with ``options`` unless given (``norm='gluon'``
            unless they say otherwise).
        prepare: called with the network before training.
        epochs, examples: how long.

    >>> run(0, lr=0.5, examples=100, epochs=1) > 0
    True
    """
    batches, _ = load_fashion_mnist(20, data="synthetic", limit=examples, seed=seed)
    net = lenet(**{"norm": "gluon", **options}) if net is None else net
    if prepare is not None:
        prepare(net)
    try:
        return train(net, batches, epochs=epochs, lr=lr, seed=seed)["loss"][-1]
    except DivergenceError:
        return math.nan
