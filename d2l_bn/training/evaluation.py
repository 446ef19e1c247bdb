r"""What a trained network answers, and how often it is right."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable

import mxnet as mx
import numpy
from mxnet import autograd, gluon, np

from d2l_bn.networks.batch_norm_layers import kept_averages
from d2l_bn.training.running_totals import RunningTotals

__all__ = ["class_accuracies", "evaluate", "predict"]

BATCHES_PER_READ = 50  # the host waits for the device this often


def evaluate(
    net: gluon.Block,
    data: Iterable[tuple[np.ndarray, np.ndarray]],
    context: mx.Context | None = None,
    *,
    batch_statistics: bool = False,
) -> float:
    r"""The share of examples in ``data`` that ``net`` classifies correctly, in prediction mode.

    The mode is that whatever the caller is in, even in ``autograd.record()``, and nothing in the
    network changes. A warning says so if parameters or scores are infinite or NaN.

    Arguments:
        net: an initialized network from images to one score per class.
        data: batches ``(X, y)``, with the labels (N,) in ``y``.
        context: where ``net`` lives, which is found out unless given.
        batch_statistics: in training mode instead, so that each batch is normalized by its own mean
            and variance (and dropout drops); the moving averages are afterwards as before.

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
    totals = RunningTotals()
    kept = kept_averages(net) if batch_statistics else contextlib.nullcontext()
    with kept, autograd.pause(train_mode=batch_statistics):  # whatever the caller is recording
        for X, y in data:
            scores = net(X.as_in_ctx(context))
            # A sum is not finite where a score is not.
            totals.add(scores, y.as_in_ctx(context), losses=scores.sum(axis=1))
            if totals.pending >= BATCHES_PER_READ:
                totals.read()
        totals.read()
    if totals.batches == 0:
        raise ValueError(NO_BATCH)
    _warn_unless_finite(net, totals.first_bad_batch is None)
    return totals.accuracy


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
    labels, predicted, finite = [], [], True
    with autograd.pause(train_mode=False):
        for X, y in data:
            scores = net(X.as_in_ctx(context)).asnumpy()
            labels.append(y.asnumpy())
            predicted.append(scores.argmax(axis=1))
            finite = finite and bool(numpy.isfinite(scores).all())
    if not labels:
        raise ValueError(NO_BATCH)
    _warn_unless_finite(net, finite)
    return tuple(numpy.concatenate(parts).astype("int64") for parts in (labels, predicted))


def class_accuracies(
    labels: numpy.ndarray, predicted: numpy.ndarray, num_classes: int = 10
) -> list[float | None]:
    r"""For each class, the share of its examples that were classified correctly.

    A class without examples has ``None``.

    Raises:
        ValueError: the arrays are not of one length, or there is a label that no class has.

    >>> class_accuracies(numpy.array([0, 0, 2]), numpy.array([0, 1, 2]), num_classes=3)
    [0.5, None, 1.0]
    """
    if labels.shape != predicted.shape or labels.ndim != 1:
        raise ValueError(
            f"labels have shape {labels.shape} and predicted {predicted.shape}; expected (n,) twice"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < num_classes:
        raise ValueError(
            f"the labels reach from {labels.min()} to {labels.max()}; expected 0 to "
            f"{num_classes - 1} for num_classes={num_classes}"
        )
    of_class = [predicted[labels == number] == number for number in range(num_classes)]
    return [float(correct.mean()) if correct.size else None for correct in of_class]


def _warn_unless_finite(net: gluon.Block, scores_are_finite: bool) -> None:
    """Max pooling takes a NaN for a very small number: so finite scores prove nothing."""
    bad = [
        name
        for name, parameter in net._collect_params_with_prefix().items()
        if not numpy.isfinite(parameter.data(parameter.list_ctx()[0]).asnumpy()).all()
    ]
    if not scores_are_finite:
        bad.append("the scores")
    if bad:
        warnings.warn(
            f"infinite or NaN: {', '.join(bad)}. What the network is right in is chance; did "
            "training diverge?",
            RuntimeWarning,
            stacklevel=3,
        )


NO_BATCH = "data gave no batch; expected at least one (a generator is used up after one pass)"


def _home(net: gluon.Block) -> mx.Context:
    # by the place in the network: the members of an ensemble have parameters of the same name
    return next(iter(net._collect_params_with_prefix().values())).list_ctx()[0]
