r"""The path that an update rule takes over a surface, every point of it recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np

from d2l_bn._support.arguments import check_whole

Gradient = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Path:
    r"""The way a rule took: ``points`` (steps + 1, 2), the start first, and their ``values``.

    ``stopped`` is None, or says at which step the path left the plane and what to try. Every
    recorded point is finite.
    """

    points: np.ndarray
    values: np.ndarray
    stopped: str | None = None

    @property
    def steps(self) -> int:
        return len(self.points) - 1

    def first(self, steps: int) -> Path:
        r"""The beginning of the path, for a picture of it; the whole path if it is no longer."""
        if steps >= self.steps:
            return self
        return Path(self.points[: steps + 1], self.values[: steps + 1])

    def steps_to(self, target: float) -> int | None:
        r"""The first step from which the value stays at or below ``target``; None if none.

        >>> Path(np.zeros((4, 2)), np.array([4.0, 1.0, 2.0, 1.0])).steps_to(1.0)
        3
        """
        above = np.flatnonzero(self.values > target)
        first = 0 if len(above) == 0 else int(above[-1]) + 1
        return first if self.stopped is None and first <= self.steps else None


def descend(
    surface: Any, rule: Any, start: Sequence[float], steps: int, *, limit: float = 1e3
) -> Path:
    r"""Follow ``rule`` over ``surface`` for ``steps`` steps and record every point.

    A path that goes beyond ``limit`` in either coordinate, or to infinity or NaN, ends at its last
    point inside, and ``Path.stopped`` says so.

    Raises:
        ValueError: a start that is not two numbers within the limit, or a negative number of steps.

    >>> from d2l_bn.descent import GradientDescent
    >>> from d2l_bn.descent.surfaces import Quadratic
    >>> descend(Quadratic((1.0, 20.0)), GradientDescent(0.05), (-4, 1), steps=2).points
    array([[-4.  ,  1.  ],
           [-3.8 ,  0.  ],
           [-3.61,  0.  ]])
    >>> lost = descend(Quadratic((1.0, 20.0)), GradientDescent(0.2), (-4, 1), steps=99)
    >>> lost.stopped.split(";")[0]
    'left the plane at step 7: the next point was (-0.839, -2.19e+03), outside ±1000'
    """
    check_whole("steps", steps, least=0)
    return follow(surface, repeat(surface.gradient, steps), rule, start, limit)


def follow(
    surface: Any,
    gradients: Iterable[Gradient],
    rule: Any,
    start: Sequence[float],
    limit: float,
) -> Path:
    r"""A step of ``rule`` with each of ``gradients``, functions of the point; what both walks are.

    The gradients may be of something else than ``surface``, such as a part of it; the values of the
    path are always the surface's.
    """
    theta = np.array(start, dtype=np.float64)
    if theta.shape != (2,) or not _is_inside(theta, limit):
        raise ValueError(f"start is {start!r}; expected two numbers within ±{limit:g}")
    points, stopped, state = [theta], None, rule.start(theta)
    with np.errstate(all="ignore"):  # a path may run to infinity: it is caught below
        for t, gradient in enumerate(gradients, start=1):
            theta, state = rule.step(theta, gradient(theta), state, t)
            if not _is_inside(theta, limit):
                stopped = (
                    f"left the plane at step {t}: the next point was ({theta[0]:.3g}, "
                    f"{theta[1]:.3g}), outside ±{limit:g}; try a smaller learning rate"
                )
                break
            points.append(theta)
    way = np.stack(points)
    return Path(way, surface.value(way), stopped)


def _is_inside(theta: np.ndarray, limit: float) -> bool:
    return bool(np.all(np.abs(theta) <= limit))  # False for NaN, too
