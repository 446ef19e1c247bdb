r"""Slips of the pen in the sources: no claims, not to be judged, and each shown by computing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import NamedTuple

import numpy

from d2l_bn.experiments.claims.sources import INTERVIEW, LAYERS, TECHNIQUES

__all__ = ["ERRATA", "Slip"]


class Slip(NamedTuple):
    r"""What a source prints and what it means.

    Arguments:
        source: where it stands.
        printed: as it stands there.
        meant: as it is right.
        why: what gives it away.
        is_one: whether it is a slip, by computing.
    """

    source: str
    printed: str
    meant: str
    why: str
    is_one: Callable[[], bool]


def _no_python(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return True
    return False


def _fails(code: str) -> bool:
    """Whether Python reads it and NumPy does not do it."""
    X = numpy.ones((2, 3, 4, 4))
    try:
        eval(code, {"np": numpy, "input": X, "W1": X[0, 0], "X": X[0, 0], "b1": 0})
    except (AttributeError, TypeError):
        return True
    return False


ERRATA = (
    Slip(
        INTERVIEW,
        "input.size(1)",
        "input.shape[1]",
        "a NumPy array's size is a number; size(1) is PyTorch's",
        lambda: _fails("input.size(1)"),
    ),
    Slip(
        INTERVIEW,
        "in_ch.numel()",
        "in_ch.size",
        "NumPy's arrays have no numel; it is PyTorch's",
        lambda: _fails("input.numel()"),
    ),
    Slip(
        LAYERS,
        "std = weight.std(dim=(1,2,3) + 1e-5",
        "std = weight.std(dim=(1,2,3), keepdim=True) + 1e-5",
        "a parenthesis is missing, and with it the axes that are kept",
        lambda: _no_python("std = weight.std(dim=(1,2,3) + 1e-5"),
    ),
    Slip(
        TECHNIQUES,
        "w = np.random.randn((fan_in,fan_out)/np.sqrt(fan_in)",
        "w = np.random.randn(fan_in, fan_out) / np.sqrt(fan_in)",
        "one parenthesis too many",
        lambda: _no_python("w = np.random.randn((fan_in,fan_out)/np.sqrt(fan_in)"),
    ),
    Slip(
        TECHNIQUES,
        "np.maxmium(0, np.dot(W1,X)+b1) * p",
        "np.maximum(0, np.dot(W1,X)+b1) * p",
        "a letter is misplaced",
        lambda: _fails("np.maxmium(0, np.dot(W1,X)+b1)"),
    ),
    Slip(
        TECHNIQUES,
        "M2 = np.random.rand(*H2.shape) < p # send dropout mask … H2 *= M2 # dropout = …",
        "H2 *= M2  # drop\nout = …",
        "two statements have run together, so that out is never assigned",
        lambda: "\nout" not in "H2 *= M2 # dropout = np.dot(W3,H2) + b3",
    ),
    Slip(
        TECHNIQUES,
        "Learning Rate太大(如1e-6),cost增长爆炸",
        "Learning Rate太大(如1e6) …",
        "the line before says that 1e-6 is too small",
        lambda: 1e-6 < 1e-3,
    ),
)
