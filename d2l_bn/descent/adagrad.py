r"""AdaGrad: a step length for each coordinate, from all its gradients so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from d2l_bn._support.arguments import check_eps, check_number


@dataclass(frozen=True)
class AdaGrad:
    r"""AdaGrad: a coordinate that has seen large gradients, or many, takes smaller steps.

    .. math::
        s \leftarrow s + g^2, \qquad \theta \leftarrow \theta - \frac{\alpha}{\sqrt{s + \epsilon}} g

    with the gradient :math:`g`, all operations coordinate by coordinate. :math:`s` only grows, so
    that under constant gradients the :math:`t`-th step is :math:`\alpha/\sqrt t`: the rate dies.

    :math:`\epsilon` stands inside the root, as in ``mxnet.optimizer.AdaGrad`` (whose default it
    is) and in d2l.

    Raises:
        ValueError: a learning rate or an eps that is not positive and finite.

    Source: Duchi, Hazan & Singer, JMLR 12, 2011.

    >>> rule = AdaGrad(0.1)
    >>> theta, s = rule.step(np.array([1.0, 1.0]), np.array([2.0, 200.0]), np.zeros(2), 1)
    >>> s, theta.round(6)  # the first step has the length of the learning rate, whatever the scale
    (array([4.e+00, 4.e+04]), array([0.9, 0.9]))
    """

    learning_rate: float = 0.01
    eps: float = 1e-7

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, "(0, inf)")
        check_eps(self.eps)

    def start(self, theta: Any) -> Any:
        return 0 * theta

    def step(self, theta: Any, gradient: Any, squares: Any, t: int) -> tuple[Any, Any]:
        squares = squares + gradient * gradient
        return theta - self.learning_rate * gradient / np.sqrt(squares + self.eps), squares
