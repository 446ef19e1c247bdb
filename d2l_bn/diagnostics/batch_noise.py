r"""Batch noise: in training, what a network says of an example depends on the others in its batch.

Mean and variance of a batch of m examples scatter around those of the population, with a deviation
that goes with :math:`1/\sqrt m`. So do the scores of an example that meets other ones each time.
"""

from __future__ import annotations

import numpy
from mxnet import autograd, gluon, np

from d2l_bn._support.arguments import check_count
from d2l_bn.networks.batch_norm_layers import batch_norms, kept_averages
from d2l_bn.norms.checks import check_array

__all__ = ["score_spread"]


def score_spread(
    net: gluon.Block, X: np.ndarray, batch_size: int, *, orders: int = 8, seed: int = 0
) -> float:
    r"""How much the scores of an example change with its batch, in training mode.

    The examples are dealt into batches in several random orders. The result is the standard
    deviation of a score over the orders (the root of the mean square over examples and classes),
    divided by that of all scores over the examples: 0.1 is a tenth of what tells examples apart.

    Arguments:
        net: a network with batch normalization; nothing in it changes.
        X: examples (n, …), at least two batches of them.
        batch_size: examples in a batch, 2 or more; what does not fill a batch is left out of this
            order.
        orders: how many times the examples are dealt, 2 or more.

    Raises:
        TypeError, ValueError: arguments out of range, or no batch normalization in ``net``.

    >>> net = gluon.nn.BatchNorm(in_channels=1)
    >>> net.initialize()
    >>> X = np.random.normal(size=(1000, 1))
    >>> print(f"{score_spread(net, X, 10):.1f} {score_spread(net, X, 100):.1f}")
    0.4 0.1
    """
    check_array("X", X)
    check_count("batch_size", batch_size, "examples in a batch")
    check_count("orders", orders, "how often the examples are dealt")
    if orders < 2 or not 2 <= batch_size <= len(X) // 2:
        raise ValueError(
            f"batch_size is {batch_size} for {len(X)} examples and orders is {orders}; expected a "
            "batch size from 2 to half of the examples, and at least 2 orders"
        )
    batch_norms(net)  # refuses a network without any
    random = numpy.random.default_rng(seed)
    scores = []
    with kept_averages(net), autograd.pause(train_mode=True):
        for _ in range(orders):
            order = random.permutation(len(X))[: len(X) // batch_size * batch_size]
            dealt = X[np.array(order, dtype="int32")]
            parts = [net(dealt[i : i + batch_size]) for i in range(0, len(dealt), batch_size)]
            in_place = numpy.full((len(X), parts[0].shape[1]), numpy.nan)
            in_place[order] = np.concatenate(parts).asnumpy()
            scores.append(in_place)
    scores = numpy.stack(scores)  # (orders, n, classes), NaN where an example was left out
    of_batches = numpy.nanvar(scores, axis=0, ddof=1).mean()
    of_examples = numpy.nanmean(scores, axis=0).var(axis=0).mean()
    return float((of_batches / of_examples) ** 0.5)
