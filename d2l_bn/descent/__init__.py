r"""Gradient descent, one update rule a class, over surfaces and on the parameters of a network.

An update rule is two methods::

    start(theta)                          -> state before the first step
    step(theta, gradient, state, t)       -> (new theta, new state);  t = 1, 2, 3, ...

A rule keeps nothing in itself and uses arithmetic only. So one rule object serves any number of
parameters, NumPy and ``mx.np`` arrays alike, and a new rule is its formula and a docstring.

========================================  =========================================
:class:`GradientDescent`                  the gradient, and nothing else
:class:`Momentum`, :class:`Nesterov`      a velocity that remembers earlier gradients
:class:`AdaGrad`                          each coordinate its own, ever smaller step
:class:`RMSProp`, :class:`AdaDelta`       the same, but old gradients are forgotten
:class:`Adam`                             momentum and RMSProp, corrected for the start
:class:`AdamW`                            Adam, with a weight decay that it does not rescale
========================================  =========================================

:func:`descend` records the path of a rule over a surface, :func:`descend_on_batches` does so with
gradients of some examples at a time, :func:`race` lets rules try learning rates against each other,
and :class:`RuleOptimizer` hands a rule to ``gluon.Trainer``.

Paths over the plane are NumPy float64: a step on two numbers takes some 10 microseconds there, and
some 500 as ``mx.np`` arrays, whose engine pays off for tensors, not for pairs.

The momentum of this package is the *optimizer's*. The momentum of batch normalization's moving
average is another thing: see :mod:`d2l_bn.norms.running_average`.
"""

import d2l_bn._support.backend  # noqa: F401

from .adagrad import AdaGrad
from .adam import Adam
from .adamw import AdamW
from .batches import descend_on_batches
from .gradient_descent import GradientDescent
from .momentum import Momentum, Nesterov, ramp
from .path import Path, descend
from .race import CONTESTANTS, RATES, Run, race
from .rmsprop import AdaDelta, RMSProp
from .rule_optimizer import RULES, RuleOptimizer

__all__ = [
    "CONTESTANTS",
    "RATES",
    "RULES",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "AdamW",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Path",
    "RMSProp",
    "RuleOptimizer",
    "Run",
    "descend",
    "descend_on_batches",
    "race",
    "ramp",
]
