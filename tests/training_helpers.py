"""Small networks and batches that the tests of training share."""

from __future__ import annotations

import numpy
from mxnet import np
from mxnet.gluon import nn

NO_STEP = 1e-300  # a learning rate that is 0 in float32: training only initializes


def values(net):
    return {n: p.data().asnumpy() for n, p in net._collect_params_with_prefix().items()}


def same(one, other):
    """Bit for bit: NaN is NaN, too."""
    return one.keys() == other.keys() and all(
        numpy.array_equal(one[n], other[n], equal_nan=True) for n in one
    )


def assert_same(before, after, but=()):
    """The same values, of whatever dtype, except for names that end in one of ``but``."""
    assert before.keys() == after.keys()
    for name in before:
        if not name.endswith(but):
            numpy.testing.assert_array_equal(before[name], after[name], err_msg=name)


def linear(**options):
    net = nn.Sequential()
    net.add(nn.Dense(3, **options))
    return net


def examples(*sizes):
    """Batches of the given sizes, as a plain list; always the same."""
    rng = numpy.random.default_rng(0)
    return [
        (
            np.array(rng.normal(size=(n, 4)), dtype="float32"),
            np.array(rng.integers(0, 3, n), dtype="int32"),
        )
        for n in sizes
    ]
