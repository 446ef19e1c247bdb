r"""The chance in a training: pushes on a feature's centre, and what batch means miss of it."""

from __future__ import annotations

import numpy

BATCHES, SPREAD = 300, 0.5


def build() -> dict:
    r"""``push`` and ``noise``, a standard normal number for each batch; ``spread`` of a class."""
    random = numpy.random.RandomState(2)  # its stream is the same on every machine
    push, noise = random.randn(2, BATCHES).round(4).tolist()
    return {"push": push, "noise": noise, "spread": SPREAD}
