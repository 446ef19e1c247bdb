r"""Schedules: what multiplies the learning rate, as a function of how much of a training is done.

A schedule is a function of the share :math:`s` of the steps that have been made, from 0 at the
first one towards 1 at the end, so that one schedule serves trainings of any length:

=============================  ====================================================================
:class:`Steps`                 constant, divided by ten half-way and at three quarters
:class:`Line`                  a straight line, down to 0 unless other ends are given
:class:`Cosine`                half a wave of the cosine: slow, fast, slow
:class:`WarmUp`                up from 0 along a line first, then any of the others
:class:`OneCycle`              up and far down again, in two half waves
:class:`OneCycleMomentum`      the momentum that goes with it: down and up again
=============================  ====================================================================

Any function of a share is a schedule. :func:`d2l_bn.train` takes one for the rate, as a factor, and
one for the momentum, as its value.

>>> schedule = WarmUp(Cosine(), share=0.2)
>>> [round(schedule(share), 2) for share in (0, 0.1, 0.2, 0.6, 1)]
[0.0, 0.5, 1.0, 0.5, 0.0]
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from d2l_bn._support.arguments import check_number

__all__ = [
    "SCHEDULES",
    "Cosine",
    "Line",
    "OneCycle",
    "OneCycleMomentum",
    "Schedule",
    "Steps",
    "WarmUp",
]

Schedule = Callable[[float], float]


def constant(share: float) -> float:
    r"""No schedule: 1 throughout."""
    return 1.0


@dataclass(frozen=True)
class Steps:
    r"""Constant in stages: times ``factor`` at each of the shares ``at``.

    Raises:
        ValueError: a share or a factor outside (0, 1).

    Source: the schedule of He et al., CVPR 2016, section 3.4; the conditions under which a falling
    rate converges: Robbins & Monro 1951.

    >>> [round(Steps()(share), 4) for share in (0.0, 0.49, 0.5, 0.75)]
    [1.0, 1.0, 0.1, 0.01]
    """

    at: tuple[float, ...] = (0.5, 0.75)
    factor: float = 0.1

    def __post_init__(self) -> None:
        for share in self.at:
            check_number("at", share, "(0, 1)", "a share of the training")
        check_number("factor", self.factor, "(0, 1)", "such as 0.1")

    def __call__(self, share: float) -> float:
        return self.factor ** sum(share >= change for change in self.at)


@dataclass(frozen=True)
class Line:
    r"""A straight line from ``first`` to ``last``, which it keeps from the share ``until`` on.

    As a factor of the rate it falls to 0. As a momentum, ``Line(0.5, 0.9, until=0.1)`` trusts old
    gradients little at the start, while they still change fast (Sutskever et al., ICML 2013).

    Raises:
        ValueError: an end below 0, or ``until`` outside (0, 1].

    >>> [round(Line(0.5, 0.9, until=0.5)(share), 2) for share in (0.0, 0.25, 0.5, 1.0)]
    [0.5, 0.7, 0.9, 0.9]
    """

    first: float = 1.0
    last: float = 0.0
    until: float = 1.0

    def __post_init__(self) -> None:
        check_number("first", self.first, "[0, inf)")
        check_number("last", self.last, "[0, inf)")
        check_number("until", self.until, "(0, 1]", "a share of the training")

    def __call__(self, share: float) -> float:
        return self.first + (self.last - self.first) * min(1.0, share / self.until)


@dataclass(frozen=True)
class Cosine:
    r"""Half a wave: :math:`f + (1 - f)\,\tfrac12 (1 + \cos \pi s)`, with the ``final`` factor f.

    Raises:
        ValueError: a final factor outside [0, 1).

    Source: Loshchilov & Hutter, "SGDR", ICLR 2017, arXiv 1608.03983, without its restarts.

    >>> [round(Cosine()(share), 3) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    [1.0, 0.854, 0.5, 0.146, 0.0]
    """

    final: float = 0.0

    def __post_init__(self) -> None:
        check_number("final", self.final, "[0, 1)", "a factor of the rate")

    def __call__(self, share: float) -> float:
        return self.final + (1 - self.final) * _half_wave(share)


@dataclass(frozen=True)
class WarmUp:
    r"""A line up from ``start`` during the first ``share``; ``then`` another schedule for the rest.

    Raises:
        ValueError: a share outside (0, 1), or a start outside [0, 1).

    Source: Goyal et al., "Accurate, Large Minibatch SGD", 2017, arXiv 1706.02677, section 2.2.

    >>> WarmUp(Line(), share=0.1)(0.05), WarmUp(Line(), share=0.1)(0.1)
    (0.5, 1.0)
    """

    then: Schedule = field(default_factory=Cosine)
    share: float = 0.1
    start: float = 0.0

    def __post_init__(self) -> None:
        check_number("share", self.share, "(0, 1)", "a share of the training")
        check_number("start", self.start, "[0, 1)", "a factor of the rate")

    def __call__(self, share: float) -> float:
        if share < self.share:
            return (self.start + (1 - self.start) * share / self.share) * self.then(0.0)
        return self.then((share - self.share) / (1 - self.share))


@dataclass(frozen=True)
class OneCycle:
    r"""From ``start`` up to 1 during the share ``rise``, and down to ``final``: two half waves.

    Its peak can be far above the rate that a constant one could have. The halves and the defaults
    are those of ``torch.optim.lr_scheduler.OneCycleLR``.

    Raises:
        ValueError: a share outside (0, 1), or a factor outside [0, 1].

    Source: Smith & Topin, "Super-Convergence", 2018, arXiv 1708.07120.

    >>> [round(OneCycle()(share), 2) for share in (0.0, 0.15, 0.3, 0.65, 1.0)]
    [0.04, 0.52, 1.0, 0.5, 0.0]
    """

    rise: float = 0.3
    start: float = 1 / 25
    final: float = 1 / 25 / 1e4

    def __post_init__(self) -> None:
        check_number("rise", self.rise, "(0, 1)", "a share of the training")
        check_number("start", self.start, "[0, 1]", "a factor of the rate")
        check_number("final", self.final, "[0, 1]", "a factor of the rate")

    def __call__(self, share: float) -> float:
        if share < self.rise:
            return 1 + (self.start - 1) * _half_wave(share / self.rise)
        return self.final + (1 - self.final) * _half_wave((share - self.rise) / (1 - self.rise))


@dataclass(frozen=True)
class OneCycleMomentum:
    r"""The momentum beside :class:`OneCycle`: ``low`` where the rate is at its peak.

    Raises:
        ValueError: a share or a momentum outside (0, 1).

    >>> [round(OneCycleMomentum()(share), 2) for share in (0.0, 0.3, 1.0)]
    [0.95, 0.85, 0.95]
    """

    rise: float = 0.3
    high: float = 0.95
    low: float = 0.85

    def __post_init__(self) -> None:
        for name in ("rise", "high", "low"):
            check_number(name, getattr(self, name), "(0, 1)")

    def __call__(self, share: float) -> float:
        return self.high + (self.low - self.high) * OneCycle(self.rise, 0.0, 0.0)(share)


def _half_wave(share: float) -> float:
    """From 1 to 0."""
    return (1 + math.cos(math.pi * share)) / 2


#: Schedules of the learning rate by name, for configurations and for the command line.
SCHEDULES: dict[str, Schedule] = {
    "constant": constant,
    "step": Steps(),
    "linear": Line(),
    "cosine": Cosine(),
    "warmup": WarmUp(),
    "one_cycle": OneCycle(),
}
