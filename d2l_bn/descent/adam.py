r"""Adam: momentum over RMSProp, both corrected for their start at 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from d2l_bn._support.arguments import check_eps, check_number


@dataclass(frozen=True)
class Adam:
    r"""Adam: the mean of the latest gradients over the root of their mean square.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1)\, g, &\qquad
        \hat m &= m / (1 - \beta_1^t), \\
        s &\leftarrow \beta_2 s + (1 - \beta_2)\, g^2, &\qquad
        \hat s &= s / (1 - \beta_2^t), \qquad
        \theta \leftarrow \theta - \alpha \frac{\hat m}{\sqrt{\hat s} + \epsilon}

    Dividing by :math:`1 - \beta^t` makes true averages of :math:`m` and :math:`s`, which start at
    0. A step is hardly ever longer than :math:`\alpha`, whatever the scale of :math:`f`.

    ``mxnet.optimizer.Adam`` adds its :math:`\epsilon` to :math:`\sqrt s` instead of
    :math:`\sqrt{\hat s}` (the "ε hat" at the end of section 2 of the paper), where it counts
    :math:`1/\sqrt{1 - \beta_2^t}` times as much: with the default nobody sees it, with 1e-3 the
    paths differ. What differs by some 1e-5 in any case is rounding: MXNet computes
    :math:`1 - \beta_2` in single precision, 0.0009999871 for 0.001.

    Raises:
        ValueError: a learning rate or an eps that is not positive and finite, a beta outside
            [0, 1).

    Source: Kingma & Ba, arXiv 1412.6980, ICLR 2015, Algorithm 1.

    >>> theta = np.array([1.0, 1.0])
    >>> theta, (m, s) = Adam(0.1).step(theta, np.array([2.0, 200.0]), (0 * theta, 0 * theta), 1)
    >>> theta.round(6)  # the first step has the length of the learning rate, whatever the scale
    array([0.9, 0.9])
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, "(0, inf)")
        check_number("beta1", self.beta1, "[0, 1)", "such as 0.9")
        check_number("beta2", self.beta2, "[0, 1)", "such as 0.999")
        check_eps(self.eps)

    def start(self, theta: Any) -> tuple[Any, Any]:
        return 0 * theta, 0 * theta

    def step(self, theta: Any, gradient: Any, state: tuple[Any, Any], t: int) -> tuple[Any, Any]:
        mean, squares = state
        mean = self.beta1 * mean + (1 - self.beta1) * gradient
        squares = self.beta2 * squares + (1 - self.beta2) * gradient * gradient
        mean_hat = mean / (1 - self.beta1**t)
        squares_hat = squares / (1 - self.beta2**t)
        step = self.learning_rate * mean_hat / (np.sqrt(squares_hat) + self.eps)
        return theta - step, (mean, squares)
