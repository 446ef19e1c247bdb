r"""Curriculum learning: the easy examples first.

Source: Bengio, Louradour, Collobert & Weston 2009, *Curriculum Learning*, ICML.
"""

from __future__ import annotations

import numpy
from mxnet import autograd, gluon

from d2l_bn._support.arguments import check_count, check_whole
from d2l_bn.data.batches import Batches, Order

__all__ = ["difficulties", "easy_first"]


def difficulties(net: gluon.Block, batches: Batches) -> numpy.ndarray:
    r"""How hard each example is for a trained network: its cross-entropy, −log p(label).

    Arguments:
        net: a teacher, in prediction mode: a network that has been trained for a while.
        batches: the examples.

    Returns:
        float32 (n,), in the *stored* order of ``batches``, whatever order it iterates in.

    >>> import d2l_bn
    >>> train, _ = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    >>> net = d2l_bn.lenet()
    >>> history = d2l_bn.train(net, train, epochs=1)
    >>> difficulties(net, train).shape
    (64,)
    """
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    stored = batches.in_order(lambda epoch: numpy.arange(batches.num_examples))
    with autograd.pause(train_mode=False):
        losses = [loss_function(net(X), y).asnumpy() for X, y in stored]
    return numpy.concatenate(losses)


def easy_first(scores: numpy.ndarray, buckets: int = 5, *, epochs: int = 1, seed: int = 0) -> Order:
    r"""An order for :class:`~d2l_bn.data.batches.Batches`: ascending scores, bucket after bucket.

    The examples are cut into ``buckets`` of equal size by their score; within a bucket they are
    shuffled anew for each epoch. One bucket shuffles everything, as many as examples sort strictly.
    So a pass has the same examples as any other, in another order. ``easy_first(-scores)`` begins
    with the hard ones.

    Arguments:
        scores: (n,), low for easy: :func:`difficulties`, or any other measure.
        buckets: from 1 to n.
        epochs: so many passes come in this order, later ones fully shuffled.
        seed: of the shuffling.

    Raises:
        TypeError, ValueError: scores that are not a row of finite numbers, numbers out of range.

    >>> order = easy_first(numpy.array([0.9, 0.1, 0.5, 0.3]), buckets=4)
    >>> order(0)
    array([1, 3, 2, 0])
    >>> sorted(order(1).tolist())  # the second epoch: shuffled
    [0, 1, 2, 3]
    """
    scores = numpy.asarray(scores)
    if scores.ndim != 1 or scores.size == 0 or not numpy.isfinite(scores).all():
        raise ValueError(
            f"scores have shape {scores.shape}, or are not finite; expected a number for each "
            "example, such as difficulties() gives"
        )
    buckets = check_count("buckets", buckets)
    epochs = check_whole("epochs", epochs, least=0)
    seed = check_whole("seed", seed, least=0)
    if buckets > scores.size:
        raise ValueError(f"buckets={buckets} for {scores.size} examples: give at most one for each")
    cut = numpy.array_split(numpy.argsort(scores, kind="stable"), buckets)

    def order(epoch: int) -> numpy.ndarray:
        random = numpy.random.default_rng([seed, epoch])
        if epoch >= epochs:
            return random.permutation(scores.size)
        return numpy.concatenate([random.permutation(bucket) for bucket in cut])

    return order
