r"""Examples of two features before they are scaled and mixed."""

from __future__ import annotations

import numpy

EXAMPLES = 80


def build() -> dict:
    r"""``base``: 80 uncorrelated pairs of means 0, variances 1; ``best``: the true weights."""
    Z = numpy.random.RandomState(3).randn(EXAMPLES, 2)  # its stream is the same on every machine
    Z = Z - Z.mean(axis=0)
    first = Z[:, 0] / Z[:, 0].std()
    second = Z[:, 1] - (Z[:, 1] * first).mean() * first
    base = numpy.stack([first, second / second.std()], axis=1)
    return {"base": base.round(4).tolist(), "best": [1.0, 1.0]}
