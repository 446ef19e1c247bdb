r"""The windows and starts of the surfaces, and the learning rates of a fair race."""

from __future__ import annotations

CONDITION = 50.0  # of the valley


def build() -> dict:
    r"""``surfaces``: of each the ``centre`` and half width of its window, ``minima``, ``start``."""
    from d2l_bn.descent import RATES
    from d2l_bn.descent.surfaces import Beale, Quadratic, Rosenbrock, SaddlePoint

    surfaces = {
        "valley": Quadratic((1.0, CONDITION)),
        "saddle": SaddlePoint(),
        "beale": Beale(),
        "rosenbrock": Rosenbrock(),
    }
    return {
        "surfaces": {name: window(surface) for name, surface in surfaces.items()},
        "rates": list(RATES),
        "condition": CONDITION,
    }


def window(surface) -> dict:
    (left, right), (bottom, top) = surface.x_range, surface.y_range
    return {
        "centre": [(left + right) / 2, (bottom + top) / 2],
        "half": max(right - left, top - bottom) / 2,
        "minima": [list(minimum) for minimum in surface.minima],
        "start": list(surface.start),
    }
