"""MXNet's own errors, as MXNet raises them: each with what helps."""

import numpy
import pytest
from mxnet import autograd, nd, np
from mxnet.gluon import Parameter, nn

from d2l_bn.exercises.messages import message_of

X = numpy.ones((2, 3), dtype="float32")


def recorded(change):
    array, average = np.array(X), np.zeros((2, 3))
    array.attach_grad()
    with autograd.record():
        change(array * 2, average)


def add(Y, average):
    Y += 1


def move(Y, average):
    average *= 0.9
    average += 0.1 * Y


def fill(Y, average):
    Y[:] = 1


def store(Y, average):
    parameter = Parameter("mean", shape=(2, 3))
    parameter.initialize()
    kept = parameter.data() * Y
    parameter.set_data(kept)


def dense(units):
    layer = nn.Dense(2, in_units=units)
    layer.initialize()
    return layer(np.array(X))


PAUSE = "put the line into `with autograd.pause():`"


@pytest.mark.parametrize(
    "code, words",
    [
        (lambda: recorded(add), PAUSE),
        (lambda: recorded(move), PAUSE),
        (lambda: recorded(fill), PAUSE),
        (lambda: recorded(store), PAUSE),
        (lambda: np.array(X).backward(), "no way back from the result to the input"),
        (lambda: np.array(X) - np.array(X).mean(axis=1), "[2,3] [2]: lengths go together"),
        (lambda: np.broadcast_to(np.array(X), (4, 4)), "[4,4]: lengths go together"),
        (lambda: np.dot(np.array(X), np.array(X)), "in A @ B"),
        (lambda: np.array(X).reshape(4, 4), "size 6 into shape [4,4]: the product"),
        (lambda: np.array(X).mean(axis=5), "axis 5 Exceeds input dimensions [2,3]: axes are"),
        (lambda: np.concatenate([np.array(X), np.ones((4, 5))]), "got [4,5]: all axes but"),
        (lambda: dense(7), "the layer was made for another number of inputs"),
        (lambda: nn.Dense(2)(np.array(X)), "call initialize() first"),
        (lambda: nd.ones((2, 3)) + np.array(X), "mx.nd and mx.np arrays are mixed"),
        (lambda: X + np.array(X), "NumPy's arrays and mx.np's are mixed"),
        (lambda: np.sqrt(X), "NumPy's arrays and mx.np's are mixed"),
        (lambda: np.array(X).mean(0, keepdim=True), "here they are called axis and keepdims"),
        (lambda: bool(np.array(X) > 0), "(X > 0).all()"),
        (lambda: np.ones(3).grad.sum(), "attach_grad() before the recording?"),
    ],
)
def test_the_remedy_is_named(code, words):
    with pytest.raises(Exception) as raised:
        code()
    said = message_of(raised.value)
    assert words in said and "Check failed" not in said and "\n" not in said
