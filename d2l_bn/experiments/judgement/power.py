r"""How many seeds an experiment needs."""

from __future__ import annotations

import numpy
from scipy import stats

from d2l_bn._support.arguments import check_number

__all__ = ["power", "seeds_needed"]

MOST = 1000
LARGE = 10.0  # scipy's distribution has no value far beyond, and the power is 1 there


def power(n: int, deviation: float, distance: float, level: float = 0.95) -> float:
    r"""How probable it is that the interval over ``n`` seeds leaves out a value so far away.

    By the noncentral t distribution with noncentrality :math:`d \sqrt n / s`.

    >>> round(power(3, deviation=1.0, distance=2.0), 2), round(power(8, 1.0, 2.0), 2)
    (0.47, 1.0)
    """
    noncentrality = min(distance * n**0.5 / deviation, LARGE)
    critical = stats.t.ppf((1 + level) / 2, n - 1)
    with numpy.errstate(all="ignore"):  # scipy warns where it starts from; the value is right
        return float(stats.nct.sf(critical, n - 1, noncentrality))


def seeds_needed(deviation: float, delta: float, wanted: float = 0.8) -> int | None:
    r"""Seeds with which an effect of 2δ, or of nothing, is told from δ with this power.

    It depends on the deviation of the effect over the seeds and on δ, and not on the effect that
    happened to come out: from that one, the number would be as uncertain as the verdict. None if
    more than a thousand seeds are needed.

    Raises:
        ValueError: δ is not above 0.

    >>> seeds_needed(0.01, delta=0.01), seeds_needed(0.02, delta=0.01)
    (10, 34)
    """
    delta = check_number("delta", delta, "(0, inf)")
    if deviation <= 0 or power(3, deviation, delta) >= wanted:
        return 3
    if power(MOST, deviation, delta) < wanted:
        return None
    few, many = 3, MOST
    while many - few > 1:  # power grows with the seeds
        middle = (few + many) // 2
        few, many = (few, middle) if power(middle, deviation, delta) >= wanted else (middle, many)
    return many
