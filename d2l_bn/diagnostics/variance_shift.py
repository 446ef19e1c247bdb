r"""Variance shift: with dropout in front, a batch normalization sees another variance at test time.

In training, dropout of rate p multiplies each value by 0 or by 1/(1 - p). The mean stays, and the
variance of a value x grows by

.. math:: \frac{p}{1-p} E[x^2]

In prediction the values come as they are, with their smaller variance, but a batch normalization
divides by the variance that it stored in training. A linear layer between the two, u = Σ wᵢxᵢ,
passes the variance on: the masks are independent, and so u has

.. math:: \frac{p}{1-p} \sum_i w_i^2 E[x_i^2]

more in training than in prediction.

Source: Li, Chen, Hu & Yang 2018, *Understanding the Disharmony between Dropout and Batch
Normalization by Variance Shift*, arXiv:1801.05134, section 3.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy
from mxnet import gluon, np
from mxnet.gluon import nn

from d2l_bn.diagnostics.dropout_variance import dropout_variance
from d2l_bn.networks.batch_norm_layers import averages, batch_norms
from d2l_bn.networks.population import forward_pass, population_statistics
from d2l_bn.networks.watching import blocks, uncompiled, watched

__all__ = ["VarianceShift", "variance_shift", "without_dropout"]


@dataclass(frozen=True)
class VarianceShift:
    r"""Four variances of the input of one batch normalization, (C,) each.

    ``stored`` is the layer's moving variance; ``training`` and ``prediction`` are measured in these
    modes with the present weights; ``added`` is the formula's part of the variance that dropout in
    front of the layer adds in training, 0 where there is none.

    >>> shift = VarianceShift(*numpy.array([[8.0], [6.0], [3.0], [3.0]]))
    >>> float(shift.ratio), float(shift.expected_ratio)
    (0.5, 0.5)
    """

    stored: numpy.ndarray
    training: numpy.ndarray
    prediction: numpy.ndarray
    added: numpy.ndarray

    @property
    def ratio(self) -> float:
        """The mean over the channels of prediction / training: 1 without a shift."""
        return (self.prediction / self.training).mean()

    @property
    def stored_ratio(self) -> float:
        """The same against the moving variance, which also lags behind the weights."""
        return (self.prediction / self.stored).mean()

    @property
    def expected_ratio(self) -> float:
        """The formula's ratio, by the dropout in front of this layer alone."""
        return (self.prediction / (self.prediction + self.added)).mean()


def variance_shift(
    net: nn.Sequential | nn.HybridSequential, data: Iterable[Any], *, batches: int | None = None
) -> dict[str, VarianceShift]:
    r"""Measure and compute the shift at each batch normalization of ``net``, by its name.

    Arguments:
        net: a sequence of layers, such as :func:`d2l_bn.lenet` gives; nothing in it changes.
        data: batches of the training set, as X or as (X, label); gone through three times, so that
            a shuffled source should be given as a list.
        batches: how many to take; all unless given.

    Raises:
        ValueError: no batch normalization or no batch; or something other than one dense layer or
            convolution stands between a dropout and a batch normalization.

    >>> net = nn.Sequential()
    >>> net.add(nn.Dropout(0.5), nn.BatchNorm(in_channels=1))
    >>> net.initialize()
    >>> shift = variance_shift(net, [np.random.normal(2.0, 1.0, size=(20000, 1))])["1"]
    >>> print(f"{shift.ratio:.1f}, by the formula {shift.expected_ratio:.1f}")  # 1 / (1 + 1 * 5)
    0.2, by the formula 0.2
    """
    modes = {
        mode: population_statistics(net, data, batches=batches, train_mode=mode)
        for mode in (True, False)
    }
    added = _added(net, data, batches)
    return {
        name: VarianceShift(
            stored=averages(layer)[1].data().asnumpy().reshape(-1).astype("float64"),
            training=modes[True][name].variance("pooled"),
            prediction=modes[False][name].variance("pooled"),
            added=added.get(name, numpy.zeros(1)),
        )
        for name, layer in batch_norms(net).items()
    }


@contextlib.contextmanager
def without_dropout(net: gluon.Block) -> Iterator[None]:
    r"""All dropouts of ``net`` pass their input through, in training mode, too.

    Around :func:`d2l_bn.recalibrate` it gives statistics of what the layers meet in prediction:

    >>> from mxnet import autograd
    >>> net = nn.Sequential()
    >>> net.add(nn.Dropout(0.5))
    >>> with without_dropout(net), autograd.train_mode():
    ...     net(np.ones((1, 3)))
    array([[1., 1., 1.]])
    """
    dropouts = [block for block in blocks(net).values() if isinstance(block, nn.Dropout)]
    rates = [block._rate for block in dropouts]
    with uncompiled(net):  # a compiled graph has the rate inside
        try:
            for block in dropouts:
                block._rate = 0
            yield
        finally:
            for block, rate in zip(dropouts, rates):
                block._rate = rate


def _added(net: gluon.Block, data: Iterable[Any], batches: int | None) -> dict[str, numpy.ndarray]:
    """What the formula says, by the name of the batch normalization; a pass in prediction mode."""
    before = _dropouts_before(net)
    records: dict[str, list[tuple[int, np.ndarray]]] = {name: [] for name in before}

    def note(name: str, X: np.ndarray, Y: np.ndarray) -> None:
        dropout, linear = before[name]
        records[name].append((len(X), dropout_variance(X, dropout._rate, linear)))

    dropouts = {name: dropout for name, (dropout, _) in before.items()}
    with uncompiled(net), watched(dropouts, note):
        forward_pass(net, data, batches)
    return {name: _weighted_mean(seen) for name, seen in records.items()}


def _dropouts_before(
    net: gluon.Block,
) -> dict[str, tuple[nn.Dropout, nn.Dense | nn.Conv2D | None]]:
    """For each batch normalization with a dropout in front: the two layers in front of it."""
    layers, norms = list(net._children.items()), batch_norms(net)
    found = {}
    for here, (name, layer) in enumerate(layers):
        if not isinstance(layer, nn.Dropout):
            continue
        norm = next((i for i, (other, _) in enumerate(layers) if i > here and other in norms), None)
        if norm is None:
            continue  # behind the last one, a dropout shifts nothing
        between = layers[here + 1 : norm]
        linear = [block for _, block in between if isinstance(block, (nn.Dense, nn.Conv2D))]
        if len(between) > 1 or len(linear) != len(between):
            names = ", ".join(other for other, _ in between)
            raise ValueError(
                f"between {name} and {layers[norm][0]} stand {names}; the formula knows one dense "
                "layer or convolution there, or nothing: move the dropout, or take it out"
            )
        found[layers[norm][0]] = layer, (linear[0] if linear else None)
    return found


def _weighted_mean(records: list[tuple[int, np.ndarray]]) -> numpy.ndarray:
    counts, values = zip(*records)
    hosted = [value.asnumpy().astype("float64") for value in values]
    return numpy.average(hosted, axis=0, weights=counts)
