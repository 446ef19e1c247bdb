r"""Sorting as a language: digits, a sign, the digits in ascending order; lengths vary.

``3 1 2 > 1 2 3``: a network that reads from left to right and predicts the next token must, behind
the sign, look back at what stood in front of it. Whether it can is seen token by token, no data set
is needed, and there are more problems than any training uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy
from mxnet import np

from d2l_bn._support.arguments import check_count

__all__ = ["PAD", "SIGN", "VOCABULARY", "Sorting", "sorting_batch"]

DIGITS = 10
PAD, SIGN = 10, 11  # tokens beside the digits
VOCABULARY = 12


class Sorting(NamedTuple):
    r"""A batch of problems: N sequences, T = 2 · longest tokens each.

    Arguments:
        tokens: (N, T), what a network reads, filled up with :data:`PAD`.
        targets: (N, T), the next token of each.
        answers: (N, T), 1 where the next token is a part of the answer, 0 elsewhere.
    """

    tokens: np.ndarray
    targets: np.ndarray
    answers: np.ndarray


def sorting_batch(
    rng: numpy.random.Generator, lengths: Sequence[int] | numpy.ndarray, longest: int = 8
) -> Sorting:
    r"""A problem of so many random digits for each of ``lengths``.

    Arguments:
        rng: draws the digits.
        lengths: N whole numbers from 1 to ``longest``.
        longest: the sequences have the length that a problem of so many digits needs.

    Raises:
        TypeError, ValueError: lengths that are not such numbers.

    >>> batch = sorting_batch(numpy.random.default_rng(0), [2, 3], longest=3)
    >>> batch.tokens
    array([[ 8.,  6., 11.,  6.,  8., 10.],
           [ 2.,  3.,  0., 11.,  0.,  2.]])
    >>> batch.targets
    array([[ 6., 11.,  6.,  8., 10., 10.],
           [ 3.,  0., 11.,  0.,  2.,  3.]])
    >>> batch.answers
    array([[0., 0., 1., 1., 0., 0.],
           [0., 0., 0., 1., 1., 1.]])
    """
    check_count("longest", longest, "the digits of the longest problem")
    ends = numpy.asarray(lengths)
    if ends.ndim != 1 or ends.size == 0 or ends.dtype.kind not in "iu":
        raise TypeError(f"lengths is {lengths!r}; expected a row of whole numbers")
    if ends.min() < 1 or ends.max() > longest:
        raise ValueError(
            f"lengths go from {ends.min()} to {ends.max()}; expected 1 to {longest}, the longest"
        )
    ends, place = ends[:, None], numpy.arange(2 * longest + 1)[None]
    digits = rng.integers(0, DIGITS, (len(ends), longest))
    digits = numpy.where(place[:, :longest] < ends, digits, PAD)  # which sorts to the end
    sequence = numpy.full((len(ends), 2 * longest + 1), PAD)
    sequence[:, :longest] = digits
    numpy.put_along_axis(sequence, ends, SIGN, axis=1)
    behind = ends + 1 + place[:, :longest]
    numpy.put_along_axis(sequence, behind, numpy.sort(digits, axis=1), axis=1)
    answers = (place[:, :-1] >= ends) & (place[:, :-1] < 2 * ends)
    arrays = sequence[:, :-1], sequence[:, 1:], answers
    return Sorting(*(np.array(array, dtype="float32") for array in arrays))
