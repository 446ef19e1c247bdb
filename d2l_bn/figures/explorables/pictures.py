r"""Small pictures in a figure's data: 14 by 14 pixels of 16 greys, a hexadecimal digit each."""

from __future__ import annotations

import numpy

SIDE = 14


def small(image: numpy.ndarray) -> str:
    r"""An image (28, 28) of 0 to 255 as a text of 196 digits; :func:`pixels` reads it.

    >>> small(numpy.full((28, 28), 255))[:5]
    'fffff'
    """
    means = numpy.asarray(image, dtype="float64").reshape(SIDE, 2, SIDE, 2).mean(axis=(1, 3))
    return "".join(f"{grey:x}" for grey in (means / 17).round().astype(int).ravel())


def pixels(text: str) -> numpy.ndarray:
    r"""The picture as the network sees it: 0 to 1, of shape (14, 14).

    >>> float(pixels("f0" * 98)[0, 0]), pixels("f0" * 98).shape
    (1.0, (14, 14))
    """
    return numpy.array([int(digit, 16) for digit in text]).reshape(SIDE, SIDE) / 15
