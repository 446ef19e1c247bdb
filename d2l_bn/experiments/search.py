r"""Where to look for hyperparameters: on a grid, or at random.

Source: Bergstra & Bengio 2012, *Random Search for Hyper-Parameter Optimization*, JMLR 13.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy

from d2l_bn._support.arguments import check_count

__all__ = ["grid_points", "random_points"]

Ranges = Mapping[str, tuple[float, float]]


def grid_points(ranges: Ranges, per_axis: int) -> list[dict[str, float]]:
    r"""``per_axis`` values of each hyperparameter, in every combination, spaced evenly in log.

    The values stand in the middle of as many equal parts of the range, so that none is at its end.

    Arguments:
        ranges: from the name of a hyperparameter to its lowest and highest value, both above 0.

    Raises:
        ValueError: a range that does not ascend, or begins at 0 or below; ``per_axis`` below 1.

    >>> grid_points({"lr": (0.01, 1.0)}, per_axis=2)
    [{'lr': 0.0316...}, {'lr': 0.316...}]
    """
    _check(ranges)
    check_count("per_axis", per_axis, "the values of each hyperparameter")
    shares = (numpy.arange(per_axis) + 0.5) / per_axis
    return [
        {name: _at(ranges[name], share) for name, share in zip(ranges, point)}
        for point in itertools.product(shares, repeat=len(ranges))
    ]


def random_points(ranges: Ranges, count: int, seed: int = 0) -> list[dict[str, float]]:
    r"""``count`` points, each hyperparameter drawn uniformly in log, independently of the others.

    A grid of n × n tries n values of each; n² random points try n² values of each. If only one of
    the hyperparameters matters, the grid has spent n trials on each of its values.

    >>> points = random_points({"lr": (0.01, 1.0), "wd": (1e-6, 1e-2)}, count=9)
    >>> len({point["lr"] for point in points}), all(0.01 <= p["lr"] <= 1 for p in points)
    (9, True)
    """
    _check(ranges)
    check_count("count", count, "the points to draw")
    shares = numpy.random.default_rng(seed).random((count, len(ranges)))
    return [{name: _at(ranges[name], share) for name, share in zip(ranges, row)} for row in shares]


def _at(limits: tuple[float, float], share: float) -> float:
    low, high = (math.log(limit) for limit in limits)
    return math.exp(low + float(share) * (high - low))


def _check(ranges: Ranges) -> None:
    for name, (low, high) in ranges.items():
        if not 0 < low < high < math.inf:
            raise ValueError(
                f"the range of {name} is {low} to {high}; expected two finite numbers above 0, the "
                "lower one first"
            )
