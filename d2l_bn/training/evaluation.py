r"""What a trained network answers, and how often it is right."""

from __future__ import annotations

from collections.abc import Iterable

import mxnet as mx
import numpy
from mxnet import gluon, np

from d2l_bn.training.running_totals import Tally

__all__ = ["class_accuracies", "evaluate", "predict"]

BATCHES_PER_READ = 50  # the host waits for the device this often


def evaluate(
    net: gluon.Block,
    data: Iterable[tuple[np.ndarray, np.ndarray]],
    context: mx.Context | None = None,
) -> float:
    r"""The share of examples in ``data`` that ``net`` classifies correctly, in prediction mode.

    Arguments:
        net: an initialized network from images to one score per class.
        data: batches ``(X, y)``, with the labels (N,) in ``y``.
        context: where ``net`` lives, which is found out unless given.

    Raises:
        ValueError: ``data`` gives no batch.

    >>> import d2l_bn
    >>> _, test = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    >>> net = d2l_bn.lenet()
    >>> net.initialize()
    >>> 0.0 <= evaluate(net, test) <= 1.0
    True
    """
    context = _home(net) if context is None else context
    tally = Tally()
    for X, y in data:
        tally.add(net(X.as_in_ctx(context)), y.as_in_ctx(context))
        if tally.pending >= BATCHES_PER_READ:
            tally.read()
    tally.read()
    if tally.batches == 0:
        raise ValueError(NO_BATCH)
    return tally.accuracy


def predict(
    net: gluon.Block,
    data: Iterable[tuple[np.ndarray, np.ndarray]],
    context: mx.Context | None = None,
) -> tuple[numpy.ndarray, numpy.ndarray]:
    r"""``(labels, predicted)``: the true class and the answer for each example, in prediction mode.

    Arguments and errors are those of :func:`evaluate`. Both results are NumPy arrays (n,), int64.

    >>> import d2l_bn
    >>> _, test = d2l_bn.load_fashion_mnist(32, data="synthetic", limit=64)
    >>> net = d2l_bn.lenet()
    >>> net.initialize()
    >>> labels, predicted = predict(net, test)
    >>> float((labels == predicted).mean()) == evaluate(net, test)
    True
    """
    context = _home(net) if context is None else context
    labels, predicted = [], []
    for X, y in data:
        labels.append(y.asnumpy())
        predicted.append(net(X.as_in_ctx(context)).argmax(axis=1).asnumpy())
    if not labels:
        raise ValueError(NO_BATCH)
    return tuple(numpy.concatenate(parts).astype("int64") for parts in (labels, predicted))


def class_accuracies(
    labels: numpy.ndarray, predicted: numpy.ndarray, num_classes: int = 10
) -> list[float | None]:
    r"""For each class, the share of its examples that were classified correctly.

    A class without examples has ``None``.

    >>> class_accuracies(numpy.array([0, 0, 2]), numpy.array([0, 1, 2]), num_classes=3)
    [0.5, None, 1.0]
    """
    of_class = [predicted[labels == number] == number for number in range(num_classes)]
    return [float(correct.mean()) if correct.size else None for correct in of_class]


NO_BATCH = "data gave no batch; expected at least one (a generator is used up after one pass)"


def _home(net: gluon.Block) -> mx.Context:
    # by the place in the network: the members of an ensemble have parameters of the same name
    return next(iter(net._collect_params_with_prefix().values())).list_ctx()[0]
