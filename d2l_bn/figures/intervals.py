r"""Intervals over seeds: computed, drawn and named in one way in every figure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy import stats


def over_seeds(values: Any, log: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""The mean over seeds, and the two ends of its 95 % interval.

    .. math:: \bar x \pm t_{0.975,\,n-1}\, s / \sqrt n

    Arguments:
        values: (seeds, …); NaN gives NaN.
        log: for a logarithmic axis: of the logarithms, where all values are above 0, so that the
            middle is their geometric mean.

    One seed has no interval: all three are its values.

    >>> middle, low, high = over_seeds([[1.0], [2.0], [3.0]])
    >>> middle.round(2), low.round(2), high.round(2)
    (array([2.]), array([-0.48]), array([4.48]))
    """
    values = np.asarray(values, dtype=float)
    n = len(values)
    if log and not (values <= 0).any():
        middle, low, high = over_seeds(np.log(values))
        return np.exp(middle), np.exp(low), np.exp(high)
    middle = values.mean(axis=0)
    if n == 1:
        return middle, middle, middle
    margin = stats.t.ppf(0.975, n - 1) * values.std(axis=0, ddof=1) / np.sqrt(n)
    return middle, middle - margin, middle + margin


def parts(estimate: Any) -> tuple[float, float, int | None]:
    r"""Mean, half the width of the interval, and the number of seeds (None where it is not known).

    An estimate of :mod:`d2l_bn.experiments.statistics` says it all, a pair only the first two.
    """
    if hasattr(estimate, "margin"):
        return estimate.mean, estimate.margin, estimate.n
    mean, margin = estimate
    return mean, margin, None


def noted(label: str, seeds: Iterable[int | None] = (), mark: str = "bars") -> str:
    r"""The label of an axis, and below it what the bars (or bands) are.

    >>> print(noted("epoch", [8, 8]))
    epoch
    bars: 95 % interval over 8 seeds
    >>> print(noted("step", [3, 8], mark="bands"))
    step
    bands: 95 % interval over 3 to 8 seeds
    >>> noted("test accuracy (95 % interval)")  # has been said
    'test accuracy (95 % interval)'
    """
    if "95 %" in label:
        return label
    known = sorted({n for n in seeds if n is not None})
    if known == [1]:
        return f"{label}\none seed".lstrip()
    many = f"{known[0]} to {known[-1]}" if len(known) > 1 else f"{known[0]}" if known else ""
    over = f" over {many} seeds" if many else ""
    return f"{label}\n{mark}: 95 % interval{over}".lstrip()
