r"""Momentum, Nesterov's form of it, and a schedule for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from d2l_bn._support.arguments import check_count, check_number

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class Momentum:
    r"""Gradient descent with momentum: the velocity remembers the gradients of earlier steps.

    .. math::
        v \leftarrow \gamma v + \alpha \nabla f(\theta), \qquad \theta \leftarrow \theta - v

    ``decay`` is :math:`\gamma`: a number in [0, 1), or a schedule, a function of the step
    ``t = 1, 2, ...`` such as :func:`ramp`. ``mxnet.optimizer.SGD`` keeps :math:`-v`; the path is
    the same.

    Raises:
        ValueError: a learning rate that is not positive and finite, or a decay outside [0, 1).

    Source: Polyak 1964; Sutskever et al., ICML 2013.

    >>> import numpy as np
    >>> rule = Momentum(0.1, decay=0.5)
    >>> theta, v = rule.step(np.array([1.0]), np.array([2.0]), np.array([0.4]), 1)
    >>> v, theta        # 0.5 * 0.4 + 0.1 * 2, then 1 - v
    (array([0.4]), array([0.6]))
    """

    learning_rate: float
    decay: float | Schedule = 0.9

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, "(0, inf)")
        if not callable(self.decay):
            check_number(
                "decay", self.decay, "[0, 1)", "or a schedule such as ramp(0.5, 0.9, steps=20)"
            )

    def start(self, theta: Any) -> Any:
        return 0 * theta

    def step(self, theta: Any, gradient: Any, velocity: Any, t: int) -> tuple[Any, Any]:
        velocity = self._decay_at(t) * velocity + self.learning_rate * gradient
        return theta - velocity, velocity

    def _decay_at(self, t: int) -> float:
        return self.decay(t) if callable(self.decay) else self.decay


@dataclass(frozen=True)
class Nesterov(Momentum):
    r"""Nesterov's accelerated gradient: momentum that looks where it is going to be.

    Momentum is about to move by :math:`-\gamma v` whatever the gradient says. Nesterov takes the
    gradient there:

    .. math::
        v \leftarrow \gamma v + \alpha \nabla f(w - \gamma v), \qquad w \leftarrow w - v

    A rule is given the gradient at its own :math:`\theta`, so that :math:`\theta` is the point
    ahead, :math:`\theta_t = w_{t-1} - \gamma_t v_{t-1}`, and the two lines become

    .. math::
        v_t = \gamma_t v_{t-1} + \alpha \nabla f(\theta_t), \qquad
        \theta_{t+1} = \theta_t - \alpha \nabla f(\theta_t) - \gamma_{t+1} v_t

    With a constant :math:`\gamma` these are the steps of ``mxnet.optimizer.NAG``, which keeps
    :math:`-v`. (Its docstring has another :math:`v`, without :math:`\alpha`. With weight decay its
    steps differ slightly: the share of the decay in :math:`v` is computed with the weight after the
    step.)

    Arguments and errors are those of :class:`Momentum`.

    Source: Nesterov 1983; Sutskever et al., ICML 2013; the form in :math:`\theta`: Bengio et al.,
    "Advances in optimizing recurrent networks", 2012.

    >>> import numpy as np
    >>> rule = Nesterov(0.1, decay=0.5)
    >>> theta, v = rule.step(np.array([1.0]), np.array([2.0]), np.array([0.4]), 1)
    >>> v, theta        # 1 - 0.5 * 0.4 - 0.1 * 2
    (array([0.4]), array([0.6]))
    """

    def step(self, theta: Any, gradient: Any, velocity: Any, t: int) -> tuple[Any, Any]:
        velocity = self._decay_at(t) * velocity + self.learning_rate * gradient
        ahead = self._decay_at(t + 1) * velocity
        return theta - self.learning_rate * gradient - ahead, velocity


def ramp(first: float, last: float, steps: int) -> Schedule:
    r"""A schedule: a straight line from ``first`` at step 1 to ``last`` at step 1 + ``steps``.

    ``ramp(0.5, 0.9, steps=20)`` trusts old gradients little at the start, while they still change
    fast, and more later on.

    Raises:
        ValueError: ``steps`` below 1.

    >>> decay = ramp(0.5, 0.9, steps=4)
    >>> [round(decay(t), 2) for t in range(1, 8)]
    [0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9]
    """
    check_count("steps", steps)
    return partial(_on_line, first, last, steps)  # unlike a lambda, it can be saved with a trainer


def _on_line(first: float, last: float, steps: int, t: int) -> float:
    return first + (last - first) * min(1.0, (t - 1) / steps)
