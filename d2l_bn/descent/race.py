r"""A fair race: every rule tries the same learning rates on a surface, and starts with its best."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .adagrad import AdaGrad
from .adam import Adam
from .gradient_descent import GradientDescent
from .momentum import Momentum, Nesterov
from .path import Path, descend
from .rmsprop import AdaDelta, RMSProp

#: Sixteen learning rates from 0.0001 to 10, each 2.15 times the one before.
RATES = tuple(float(f"{rate:.2g}") for rate in np.geomspace(1e-4, 10, 16))


def _adadelta(rate: float) -> AdaDelta:
    """AdaDelta has no learning rate: this ε makes the first step as long as RMSProp's."""
    return AdaDelta(eps=rate**2)


#: From a name to the rule with a given learning rate.
CONTESTANTS: dict[str, Callable[[float], Any]] = {
    "gradient descent": GradientDescent,
    "momentum": Momentum,
    "Nesterov": Nesterov,
    "AdaGrad": AdaGrad,
    "RMSProp": RMSProp,
    "AdaDelta": _adadelta,
    "Adam": Adam,
}


@dataclass(frozen=True)
class Run:
    r"""What a rule reached on a surface.

    ``needed`` has, for each learning rate, the steps to the goal, or None if it was not reached for
    good. ``rate`` is the best of them, and ``path`` what it did; if none reached the goal, the one
    that came lowest.
    """

    rate: float
    path: Path
    needed: dict[float, int | None]

    @property
    def steps(self) -> int | None:
        """To the goal, with the best learning rate."""
        return self.needed[self.rate]


def race(
    surface: Any,
    contestants: Mapping[str, Callable[[float], Any]] = CONTESTANTS,
    *,
    rates: Sequence[float] = RATES,
    steps: int = 500,
    share: float = 1e-4,
    start: Sequence[float] | None = None,
) -> dict[str, Run]:
    r"""Let every contestant run with each of ``rates``; the goal is the same for all.

    Arguments:
        share: the goal is this share of the height of the start above the minimum.
        start: instead of the surface's own.

    >>> from d2l_bn.descent.surfaces import Quadratic
    >>> runs = race(Quadratic((1.0, 10.0)), rates=(0.01, 0.1, 1.0), steps=100)
    >>> runs["gradient descent"].rate, runs["gradient descent"].needed
    (0.1, {0.01: None, 0.1: 42, 1.0: None})
    """
    start = surface.start if start is None else start
    lowest = float(surface.value(np.array(surface.minima[0])))
    goal = lowest + share * (float(surface.value(np.array(start))) - lowest)
    runs = {}
    for name, make in contestants.items():
        paths = {rate: descend(surface, make(rate), start, steps) for rate in rates}
        needed = {rate: path.steps_to(goal) for rate, path in paths.items()}
        best = min(rates, key=lambda rate: _rank(needed[rate], paths[rate]))
        runs[name] = Run(best, paths[best], needed)
    return runs


def _rank(needed: int | None, path: Path) -> tuple[bool, bool, float]:
    """Fewest steps first, then those that stayed on the plane, the lowest end first."""
    if needed is not None:
        return (False, False, needed)
    return (True, path.stopped is not None, float(path.values[-1]))
