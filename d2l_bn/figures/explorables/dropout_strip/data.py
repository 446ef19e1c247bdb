r"""Examples of eight inputs, who is dropped of them, the weights of a dense layer behind them."""

from __future__ import annotations

import numpy

EXAMPLES, INPUTS = 150, 8


def build() -> dict:
    r"""Normal numbers ``own`` (150, 8), ``common`` (150,); uniform ``chance`` (150, 8); ``weight``.

    ``ratios`` has E[x]²/Var[x] behind a batch normalization and an activation.
    """
    random = numpy.random.RandomState(4)  # its stream is the same on every machine
    own, common = random.randn(EXAMPLES, INPUTS), random.randn(EXAMPLES)
    chance = random.uniform(size=(EXAMPLES, INPUTS))
    weight = random.uniform(0.1, 1, size=INPUTS)
    return {
        "own": own.round(3).tolist(),
        "common": common.round(3).tolist(),
        "chance": chance.round(3).tolist(),
        "weight": (weight / numpy.sqrt((weight**2).sum())).round(4).tolist(),
        "ratios": {
            "relu": behind(lambda z: numpy.maximum(z, 0)),
            "sigmoid": behind(lambda z: 1 / (1 + numpy.exp(-z))),
        },
    }


def behind(activation) -> float:
    """E[x]²/Var[x] of an activation of a standard normal value, by quadrature."""
    z = numpy.linspace(-9, 9, 20001)
    share = numpy.exp(-z * z / 2)
    x, share = activation(z), share / share.sum()
    mean = (share * x).sum()
    return round(float(mean**2 / (share * (x - mean) ** 2).sum()), 1)
