"""A small BatchNorm, fresh or with a state that has moved; its arguments; what is refused."""

from __future__ import annotations

import numpy
import pytest
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


def case(shape, seed=0, loc=1.0, scale=2.0):
    """The arrays that ``batch_norm`` takes, by name, in float64, none of them zeros or ones."""
    rng = numpy.random.RandomState(seed)
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    arrays = {"X": loc + scale * rng.randn(*shape)}
    arrays.update({name: rng.randn(*small) for name in ("gamma", "beta", "moving_mean")})
    arrays["moving_var"] = rng.uniform(0.5, 2, small)
    return {name: np.array(array, dtype="float64") for name, array in arrays.items()}


def refused(call, exception, *words):
    """``call`` raises just this exception, no MXNetError, with all these words in its message."""
    with pytest.raises(exception) as caught:
        call()
    assert type(caught.value) is exception
    for word in words:
        assert word in str(caught.value), str(caught.value)
