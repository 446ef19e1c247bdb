r"""Watch the outputs of layers while a network trains: mean, deviation, histogram, saturation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy
from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn._support.arguments import check_count
from d2l_bn.networks.watching import blocks, named_blocks, watched

__all__ = ["ActivationStats", "LayerStats"]

#: Outputs at or beyond these two have a slope below a fifth of the greatest one (for ReLU: of 0).
SATURATED = {"sigmoid": (0.05, 0.95), "tanh": (-0.9, 0.9), "relu": (0.0, numpy.inf)}
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}


@dataclass
class LayerStats:
    r"""What was seen of one layer's output: an entry in each list for each time it was looked at.

    ``steps`` counts the layer's recorded forward passes from 1. ``means`` and ``stds`` are over all
    values of the output. ``histograms`` has counts, (bins,), between ``edges``, (bins + 1,); values
    beyond the edges count in the outermost bins. ``saturated`` is the share of outputs where the
    activation is nearly flat, None where the layer is not a sigmoid, tanh or ReLU.
    """

    edges: numpy.ndarray
    steps: list[int] = field(default_factory=list)
    means: list[float] = field(default_factory=list)
    stds: list[float] = field(default_factory=list)
    saturated: list[float | None] = field(default_factory=list)
    histograms: list[numpy.ndarray] = field(default_factory=list)


class ActivationStats:
    r"""Record statistics of layers' outputs during training, until detached.

    Only passes under ``autograd.record()`` count, so that neither an evaluation nor
    :func:`d2l_bn.recalibrate` gets in between. The network computes what it would compute without;
    each look costs a copy of the output to the host and a histogram of it.

    Arguments:
        net: the network; not hybridized above the layers, since a compiled graph calls no hooks.
        layers: names as in ``net``, such as ``["conv1", "norm1", "act1"]``, ``"features.0"``.
        every: look at one pass in so many, starting with the first.
        bins: bars of the histograms.
        limits: the ends of the histograms; those of sigmoid and tanh are their own.

    Raises:
        ValueError: a name that is not in ``net``, a layer inside a hybridized block, limits or
            numbers that do not fit. Nothing is attached then.

    >>> net = nn.Sequential()
    >>> net.add(nn.Dense(2, in_units=2), nn.Activation("sigmoid"))
    >>> net.initialize()
    >>> with ActivationStats(net, ["1"], every=2, bins=4) as stats:
    ...     for _ in range(3):
    ...         with autograd.record():
    ...             Y = net(np.zeros((5, 2)))  # all weights times 0, through a sigmoid: 1/2
    >>> stats["1"].steps, stats["1"].means, stats["1"].saturated
    ([1, 3], [0.5, 0.5], [0.0, 0.0])
    >>> stats["1"].histograms[0]
    array([ 0,  0, 10,  0])
    """

    def __init__(
        self,
        net: gluon.Block,
        layers: Iterable[str],
        *,
        every: int = 25,
        bins: int = 50,
        limits: tuple[float, float] = (-5.0, 5.0),
    ) -> None:
        check_count("every", every, "where 1 looks at each pass")
        check_count("bins", bins, "the bars of the histograms")
        if not limits[0] < limits[1]:
            raise ValueError(f"limits are {limits}; expected a lower and a higher number")
        chosen = _chosen(net, layers)
        self.every = every
        self._passes = dict.fromkeys(chosen, 0)
        self._stats = {
            name: LayerStats(numpy.linspace(*RANGES.get(_activation(block), limits), bins + 1))
            for name, block in chosen.items()
        }
        self._flat = {name: SATURATED.get(_activation(block)) for name, block in chosen.items()}
        self._watching = contextlib.ExitStack()
        self._watching.enter_context(watched(chosen, self._look))

    def __getitem__(self, name: str) -> LayerStats:
        """What was seen of one layer."""
        return self._stats[name]

    def __iter__(self) -> Any:
        """The names of the layers, in the order in which they were given."""
        return iter(self._stats)

    def detach(self) -> None:
        """Stop recording; what was recorded stays. Leaving the ``with`` block does it, too."""
        self._watching.close()

    def __enter__(self) -> ActivationStats:
        return self

    def __exit__(self, *error: object) -> None:
        self.detach()

    def _look(self, name: str, X: np.ndarray, Y: np.ndarray) -> None:
        if not autograd.is_recording():
            return
        self._passes[name] += 1
        if (self._passes[name] - 1) % self.every:
            return
        stats, values = self._stats[name], Y.asnumpy().astype("float32", copy=False)
        stats.steps.append(self._passes[name])
        stats.means.append(float(values.mean()))
        stats.stds.append(float(values.std()))
        share, flat = None, self._flat[name]
        if flat is not None:
            share = float(((values <= flat[0]) | (values >= flat[1])).mean())
        stats.saturated.append(share)
        ends, bins = (stats.edges[0], stats.edges[-1]), len(stats.edges) - 1
        stats.histograms.append(numpy.histogram(values.clip(*ends), bins, ends)[0])


def _activation(block: gluon.Block) -> str:
    return block._act_type if isinstance(block, nn.Activation) else ""


def _chosen(net: gluon.Block, names: Iterable[str]) -> dict[str, gluon.Block]:
    """The named blocks; refuses names that are not there, and what a compiled graph hides."""
    chosen = named_blocks(net, names)
    for above in blocks(net).values():
        if getattr(above, "_active", False):
            below = [block for block in blocks(above).values() if block is not above]
            hidden = [name for name, block in chosen.items() if block in below]
            if hidden:
                raise ValueError(
                    f"{', '.join(hidden)}: inside a hybridized block, whose compiled graph calls "
                    "no hooks; call net.hybridize(False) first"
                )
    return chosen
