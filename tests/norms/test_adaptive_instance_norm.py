"""adaptive_instance_norm: the style's statistics on the content's form."""

import numpy
import pytest
from mxnet import np

from d2l_bn.norms.adaptive_instance import adaptive_instance_norm

rng = numpy.random.RandomState(0)
CONTENT = rng.randn(2, 3, 5, 4)
STYLE = 3 + 10 * rng.randn(2, 3, 7, 6)  # of another size


def adain(content, style, eps=1e-5, dtype="float64"):
    return adaptive_instance_norm(np.array(content, dtype=dtype), np.array(style, dtype=dtype), eps)


def test_by_hand():
    content = [[[[0.0, 2.0]], [[0.0, 4.0]]]]  # deviations 1 and 2
    style = [[[[5.0, 5.0]], [[7.0, 13.0]]]]  # means 5 and 10, deviations 0 and 3
    Y = adain(content, style, eps=1.0).asnumpy().ravel()
    a, b = (0 + 1) ** 0.5 / (1 + 1) ** 0.5, 2 * (9 + 1) ** 0.5 / (4 + 1) ** 0.5
    assert Y == pytest.approx(numpy.array([5 - a, 5 + a, 10 - b, 10 + b]))


def test_each_channel_of_each_example_has_its_own_styles_statistics():
    Y = adain(CONTENT, STYLE, eps=1e-12).asnumpy()
    assert numpy.abs(Y.mean((2, 3)) - STYLE.mean((2, 3))).max() < 1e-9
    assert numpy.abs(Y.std((2, 3)) - STYLE.std((2, 3))).max() < 1e-9


def test_the_order_of_the_contents_pixels_stays():
    Y = adain(CONTENT, STYLE).asnumpy()
    order = CONTENT.reshape(6, -1).argsort(axis=1)
    assert (Y.reshape(6, -1).argsort(axis=1) == order).all()


@pytest.mark.parametrize("eps", [1e-5, 1.0])
def test_of_its_own_style_the_content_comes_back(eps):
    assert numpy.abs(adain(CONTENT, CONTENT, eps).asnumpy() - CONTENT).max() < 1e-12


def test_there_and_back():
    there = adain(CONTENT, STYLE, 1e-12)
    back = adaptive_instance_norm(there, np.array(CONTENT, dtype="float64"), 1e-12)
    assert numpy.abs(back.asnumpy() - CONTENT).max() < 1e-9


def test_float16_and_far_from_zero():
    Y = adain(CONTENT, 1000 + 100 * CONTENT, dtype="float16")
    assert str(Y.dtype) == "float16"
    assert numpy.abs(Y.asnumpy() - (1000 + 100 * CONTENT)).max() < 2  # float16's spacing there: 1
    Y = adain(CONTENT + 1e4, CONTENT, dtype="float32")
    assert numpy.abs(Y.asnumpy() - CONTENT).max() < 0.005  # float32's spacing at 1e4: 0.001
