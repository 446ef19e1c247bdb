r"""RMSProp and AdaDelta: AdaGrad that forgets, with a learning rate and without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from d2l_bn._support.arguments import check_eps, check_number


@dataclass(frozen=True)
class RMSProp:
    r"""RMSProp: divide by the root of the mean square of the *latest* gradients.

    .. math::
        s \leftarrow \rho s + (1 - \rho)\, g^2, \qquad
        \theta \leftarrow \theta - \frac{\alpha}{\sqrt{s + \epsilon}} g

    :math:`s` is a moving average that starts at 0, so that the first step is
    :math:`\alpha/\sqrt{1-\rho}` long, about three times the learning rate.

    ``mxnet.optimizer.RMSProp`` calls :math:`\rho` ``gamma1``; its :math:`\epsilon` stands inside
    the root, too (in PyTorch it stands outside).

    Raises:
        ValueError: a learning rate or an eps that is not positive and finite, rho outside [0, 1).

    Source: Tieleman & Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012.

    >>> rule = RMSProp(0.1)
    >>> theta, s = rule.step(np.array([1.0]), np.array([2.0]), np.zeros(1), 1)
    >>> s, theta.round(4)  # 1 - 0.1 * 2 / sqrt(0.4)
    (array([0.4]), array([0.6838]))
    """

    learning_rate: float = 0.001
    rho: float = 0.9
    eps: float = 1e-8

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, "(0, inf)")
        check_number("rho", self.rho, "[0, 1)", "such as 0.9")
        check_eps(self.eps)

    def start(self, theta: Any) -> Any:
        return 0 * theta

    def step(self, theta: Any, gradient: Any, squares: Any, t: int) -> tuple[Any, Any]:
        squares = self.rho * squares + (1 - self.rho) * gradient * gradient
        return theta - self.learning_rate * gradient / np.sqrt(squares + self.eps), squares


@dataclass(frozen=True)
class AdaDelta:
    r"""AdaDelta: the size of earlier *steps* takes the place of the learning rate.

    .. math::
        s \leftarrow \rho s + (1 - \rho)\, g^2, \qquad
        \Delta = \frac{\sqrt{d + \epsilon}}{\sqrt{s + \epsilon}}\, g, \qquad
        d \leftarrow \rho d + (1 - \rho)\, \Delta^2, \qquad \theta \leftarrow \theta - \Delta

    A gradient has the unit of :math:`f` per unit of :math:`\theta`. The quotient of two roots gives
    the step the unit of :math:`\theta`, which no rule before had. There is no learning rate, but
    the first step, :math:`\sqrt{\epsilon/(1-\rho)}` long, and so the whole beginning hang on
    :math:`\epsilon`.

    ``mxnet.optimizer.AdaDelta`` takes a learning rate and ignores it; its defaults are those here.

    Raises:
        ValueError: an eps that is not positive and finite, rho outside [0, 1).

    Source: Zeiler, arXiv 1212.5701, 2012, Algorithm 1.

    >>> theta = np.array([1.0])
    >>> theta, (s, d) = AdaDelta().step(theta, np.array([2.0]), (0 * theta, 0 * theta), 1)
    >>> s, theta.round(4)  # 1 - sqrt(1e-5 / 0.4) * 2
    (array([0.4]), array([0.99]))
    """

    rho: float = 0.9
    eps: float = 1e-5

    def __post_init__(self) -> None:
        check_number("rho", self.rho, "[0, 1)", "such as 0.9")
        check_eps(self.eps)

    def start(self, theta: Any) -> tuple[Any, Any]:
        return 0 * theta, 0 * theta

    def step(self, theta: Any, gradient: Any, state: tuple[Any, Any], t: int) -> tuple[Any, Any]:
        squares, squared_steps = state
        squares = self.rho * squares + (1 - self.rho) * gradient * gradient
        step = np.sqrt(squared_steps + self.eps) / np.sqrt(squares + self.eps) * gradient
        squared_steps = self.rho * squared_steps + (1 - self.rho) * step * step
        return theta - step, (squares, squared_steps)
