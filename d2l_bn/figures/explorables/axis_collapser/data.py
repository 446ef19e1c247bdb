r"""A small batch of whole numbers, so that a reader can check a mean by hand."""

from __future__ import annotations

import numpy

SHAPE = (2, 4, 2, 4)  # W = C: the one case in which a forgotten keepdims goes unnoticed
STILL = {"N": True, "H": True, "W": True}  # of what there is a picture where no scripts run


def build() -> dict:
    r"""``shape`` (N, C, H, W), and ``values``, one for each cell, W fastest."""
    random = numpy.random.RandomState(0)  # its stream is the same on every machine
    values = random.randint(0, 10, size=SHAPE)
    return {"shape": list(SHAPE), "values": values.reshape(-1).tolist()}
