r"""How large the first weights are: the rules, their formulas, and Gluon's initializers.

For a dense layer with ``fan_in`` inputs and ``fan_out`` outputs, weights are drawn with mean 0 and
the standard deviation

=============  =====================================  ==========================================
rule           deviation                              Gluon
=============  =====================================  ==========================================
``'0.01'``     0.01                                   ``init.Normal(0.01)``
``'1.0'``      1                                      ``init.Normal(1.0)``
``'lecun'``    :math:`1/\sqrt{\text{in}}`             ``init.Xavier("gaussian", "in", 1)``
``'xavier'``   :math:`\sqrt{2/(\text{in + out})}`     ``init.Xavier("gaussian", "avg", 1)``
``'he'``       :math:`\sqrt{2/\text{in}}`             ``init.Xavier("gaussian", "in", 2)``
=============  =====================================  ==========================================

The sum :math:`\sum_i w_i x_i` of ``fan_in`` independent terms has the variance
:math:`\text{fan\_in} \cdot \sigma_w^2 \cdot E[x^2]`. So the third rule hands the mean square of the
inputs on to the outputs; ReLU sets half of it to zero, which the factor 2 of the last rule makes
good; the fourth is the compromise between the forward pass (in) and the backward pass (out).

Source: LeCun et al. 1998, *Efficient BackProp*; Glorot & Bengio 2010, *Understanding the Difficulty
of Training Deep Feedforward Neural Networks*; He et al. 2015, arXiv:1502.01852.
"""

from __future__ import annotations

import numpy
from mxnet import init

from d2l_bn._support.arguments import check_choice, check_count

__all__ = ["INITIALIZERS", "deviation", "draw"]

#: From the name of a rule to the initializer of Gluon that follows it.
INITIALIZERS = {
    "0.01": init.Normal(0.01),
    "1.0": init.Normal(1.0),
    "lecun": init.Xavier("gaussian", "in", 1),
    "xavier": init.Xavier("gaussian", "avg", 1),
    "he": init.Xavier("gaussian", "in", 2),
}


def deviation(rule: str, fan_in: int, fan_out: int) -> float:
    r"""The standard deviation of the weights by the formula.

    Raises:
        ValueError: an unknown rule, or a fan below 1.

    >>> deviation("he", fan_in=200, fan_out=50), deviation("xavier", fan_in=150, fan_out=50)
    (0.1, 0.1)
    """
    check_count("fan_in", fan_in, "the inputs of a unit")
    check_count("fan_out", fan_out, "the outputs of the layer")
    deviations = {
        "0.01": 0.01,
        "1.0": 1.0,
        "lecun": (1 / fan_in) ** 0.5,
        "xavier": (2 / (fan_in + fan_out)) ** 0.5,
        "he": (2 / fan_in) ** 0.5,
    }
    check_choice("rule", rule, deviations)
    return deviations[rule]


def draw(rule: str, fan_in: int, fan_out: int, seed: int = 0) -> numpy.ndarray:
    r"""A weight matrix (fan_in, fan_out), as one line of NumPy: ``randn(fan_in, fan_out) * σ``.

    (Gluon keeps the weights of a dense layer as (fan_out, fan_in).)

    >>> W = draw("lecun", fan_in=400, fan_out=300)
    >>> W.shape, round(W.std(), 2)  # 1 / √400
    ((400, 300), 0.05)
    """
    size = deviation(rule, fan_in, fan_out)
    return numpy.random.RandomState(seed).randn(fan_in, fan_out) * size
