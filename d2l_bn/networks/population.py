r"""Population statistics: those of the whole training set, instead of moving averages.

A moving average with momentum 0.9 has 65 % of its weight in the last 10 batches and 88 % in the
last 20, and each was seen with other weights. At a learning rate of 1 the weights are far from
where they were ten batches ago, and the test accuracy jumps from epoch to epoch. The definition
asks for the statistics of the whole training set with *these* weights:

.. math:: \mu = E_B[\mu_B], \qquad \sigma^2 = \frac{m}{m-1}\, E_B[\sigma_B^2]

where m is the number of values a channel has in a batch: N after a dense layer, N·H·W after a
convolution. :func:`recalibrate` computes them, by one pass forward.

Source: Ioffe & Szegedy 2015, arXiv:1502.03167, Algorithm 2 and section 3.1.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mxnet as mx
import numpy
from mxnet import autograd, gluon, np, npx

from d2l_bn._support.arguments import check_choice, check_count
from d2l_bn.networks.batch_norm_layers import (
    averages,
    batch_norms,
    channel_axis,
    kept_averages,
)
from d2l_bn.networks.watching import uncompiled, watched
from d2l_bn.norms.checks import check_array
from d2l_bn.norms.moments import moments

__all__ = [
    "Population",
    "StatisticsError",
    "forward_pass",
    "population_statistics",
    "recalibrate",
]

VARIANCES = ("unbiased", "biased", "pooled")
BATCHES_PER_WAIT = 50  # bounds how many batches wait in the engine's queue


class StatisticsError(ValueError):
    """Statistics that are infinite or NaN."""


@dataclass(frozen=True)
class Population:
    r"""The statistics of one layer's input, batch by batch: B batches, C channels, float64.

    ``counts`` (B,) is m, the number of values that a channel has in a batch; ``means`` and
    ``variances`` (biased) are (B, C). Averages over batches are weighted by m, so that a last,
    smaller batch counts for what it is.

    >>> two = Population(numpy.array([4, 4]), numpy.array([[0.0], [2.0]]), numpy.ones((2, 1)))
    >>> two.mean, [round(two.variance(kind).item(), 3) for kind in VARIANCES]
    (array([1.]), [1.333, 1.0, 2.0])
    """

    counts: numpy.ndarray
    means: numpy.ndarray
    variances: numpy.ndarray

    @property
    def mean(self) -> numpy.ndarray:
        """The mean of the batch means (C,); it is the mean of all values, too."""
        return numpy.average(self.means, axis=0, weights=self.counts)

    def variance(self, kind: str = "unbiased") -> numpy.ndarray:
        r"""The variance of the population (C,), estimated in one of three ways.

        * ``'unbiased'``: :math:`\sum m\sigma_B^2 / \sum (m-1)`, for batches of one size the
          :math:`\frac{m}{m-1} E[\sigma_B^2]` of the paper;
        * ``'biased'``: the mean of the batch variances σ², what a moving average estimates;
        * ``'pooled'``: the variance of all values together, which is ``'biased'`` plus the variance
          of the batch means.

        Raises:
            ValueError: another kind, or ``'unbiased'`` where each batch has one value a channel.
        """
        check_choice("variance", kind, VARIANCES)
        biased = numpy.average(self.variances, axis=0, weights=self.counts)
        if kind == "biased":
            return biased
        if kind == "pooled":
            squares = (self.means - self.mean) ** 2
            return biased + numpy.average(squares, axis=0, weights=self.counts)
        total, batches = self.counts.sum(), len(self.counts)
        if total == batches:
            raise ValueError(
                "each batch has one value a channel, and m/(m-1) divides by 0; expected two or "
                "more: use larger batches, or variance='biased' or 'pooled'"
            )
        return biased * total / (total - batches)


def recalibrate(
    net: gluon.Block,
    data: Iterable[Any],
    *,
    batches: int | None = None,
    variance: str = "unbiased",
) -> None:
    r"""Replace all moving averages in ``net`` by population statistics.

    Arguments:
        net: an initialized network; it may be hybridized. Layers of this package and Gluon's are
            found at any depth. One that does not run keeps its averages, and so does one of Gluon's
            with ``use_global_stats=True``.
        data: batches of the *training* set, as X or as (X, label), where labels are not looked at.
        batches: how many to take; all unless given. 100 batches of 256 are enough for LeNet.
        variance: ``'unbiased'``, ``'biased'`` or ``'pooled'``; see :meth:`Population.variance`.

    The pass runs in training mode, so that each layer sees what it sees in training: batches that
    the layers before it have normalized (and dropout has thinned). Weights, gradients, the mode of
    autograd and what was compiled by ``hybridize`` stay. If anything fails, the averages are as
    they were.

    Raises:
        TypeError: ``data`` is a single array; wrap it in a list.
        ValueError: no batch normalization in ``net``, no batch in ``data``, or an argument that
            does not fit; a :class:`StatisticsError` where statistics are infinite or NaN.

    >>> import d2l_bn
    >>> net = gluon.nn.Sequential()
    >>> net.add(d2l_bn.BatchNorm(1, num_dims=2))
    >>> net.initialize()
    >>> recalibrate(net, [np.array([[1.0], [3.0]]), np.array([[5.0], [9.0]])])
    >>> net[0].moving_mean.data(), net[0].moving_var.data()  # 2/1 * (1 + 4) / 2 = 5
    (array([[4.5]]), array([[5.]]))
    """
    check_choice("variance", variance, VARIANCES)
    statistics = population_statistics(net, data, batches=batches)
    layers, new = batch_norms(net), {}
    for name, population in statistics.items():
        new[name] = population.mean, population.variance(variance)
        if not numpy.isfinite(new[name]).all():
            raise StatisticsError(
                f"the statistics of {name} are infinite or NaN; expected finite data and weights: "
                "did training diverge?"
            )
    with autograd.pause():
        for name, values in new.items():
            for parameter, value in zip(averages(layers[name]), values):
                parameter.set_data(np.array(value.reshape(parameter.shape), dtype=parameter.dtype))


def population_statistics(
    net: gluon.Block,
    data: Iterable[Any],
    *,
    batches: int | None = None,
    train_mode: bool = True,
) -> dict[str, Population]:
    r"""The statistics of the input of every batch normalization, by the layer's name in ``net``.

    Arguments, errors and what stays as it was: as in :func:`recalibrate`, and the averages stay,
    too. With ``train_mode=False`` the pass runs in prediction mode: what the layers meet at test
    time, behind layers that use their averages, and without dropout.
    """
    layers = batch_norms(net)
    if batches is not None:
        check_count("batches", batches, "of the data")
    if isinstance(data, mx.nd.NDArray):
        raise TypeError("data is a single array; expected an iterable of batches, such as [data]")
    seen: dict[str, list] = {name: [] for name in layers}

    def note(name: str, X: np.ndarray, Y: np.ndarray) -> None:
        channels = channel_axis(layers[name]) % X.ndim
        axes = tuple(axis for axis in range(X.ndim) if axis != channels)
        seen[name].append((X.size // X.shape[channels], *moments(X, axes)))  # nothing waits for it

    with kept_averages(net), uncompiled(net), watched(layers, note):
        with autograd.pause(train_mode=train_mode):
            forward_pass(net, data, batches)
    return {name: _population(records) for name, records in seen.items() if records}


def forward_pass(net: gluon.Block, data: Iterable[Any], batches: int | None = None) -> None:
    """So many batches of ``data``, X or (X, label), forward through ``net`` on its own device."""
    context = next(iter(net.collect_params().values())).list_ctx()[0]
    number = 0
    for number, batch in enumerate(itertools.islice(data, batches), start=1):
        X = batch[0] if isinstance(batch, (tuple, list)) else batch
        check_array("X", X)
        net(X.as_in_ctx(context))
        if number % BATCHES_PER_WAIT == 0:
            npx.waitall()
    if number == 0:
        raise ValueError("data gave no batch; expected at least one (a generator is used up once)")


def _population(records: list) -> Population:
    counts, means, variances = zip(*records)
    columns = (np.stack([s.reshape(-1) for s in column]) for column in (means, variances))
    return Population(numpy.array(counts), *(c.asnumpy().astype("float64") for c in columns))
