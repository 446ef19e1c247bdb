r"""The other values of eight batches, and the ε of the layer."""

from __future__ import annotations

import numpy

BATCHES, LARGEST = 8, 256


def build() -> dict:
    r"""``others``: 8 lists of 255 standard normal values; a smaller batch has the first of them."""
    from inspect import signature

    from d2l_bn.norms.batch import batch_norm

    random = numpy.random.RandomState(0)  # its stream is the same on every machine
    others = random.randn(BATCHES, LARGEST - 1).round(3)
    return {"others": others.tolist(), "eps": signature(batch_norm).parameters["eps"].default}
