"""A small BatchNorm, fresh or with a state that has moved."""

from __future__ import annotations

import numpy
from mxnet import autograd, np

from d2l_bn.norms.batch import BatchNorm

X4 = numpy.random.RandomState(0).uniform(-3, 5, (4, 3, 5, 5)).astype("float32")


def layer(num_features=3, num_dims=4, ctx=None, **options):
    made = BatchNorm(num_features, num_dims, **options)
    made.initialize(ctx=ctx)
    return made


def trained(**options):
    """A layer whose four parameters have all moved away from where they started."""
    made = layer(**options)
    with autograd.train_mode():
        made(np.array(X4))
    made.gamma.set_data(np.array([0.5, 2.0, -1.0]).reshape(1, 3, 1, 1))
    made.beta.set_data(np.array([1.0, 0.0, 3.0]).reshape(1, 3, 1, 1))
    return made
