r"""Plain gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from d2l_bn._support.arguments import check_number


@dataclass(frozen=True)
class GradientDescent:
    r"""Plain gradient descent: :math:`\theta \leftarrow \theta - \alpha \nabla f(\theta)`.

    With the gradient of the whole training set this is *batch* gradient descent, with that of one
    example *stochastic*, with that of some *mini-batch* gradient descent: the rule is the same
    (:func:`~d2l_bn.descent.descend_on_batches`).

    Raises:
        ValueError: a learning rate that is not a positive finite number.

    >>> import numpy as np
    >>> GradientDescent(0.1).step(np.array([1.0]), np.array([2.0]), None, 1)
    (array([0.8]), None)
    """

    learning_rate: float

    def __post_init__(self) -> None:
        check_number("learning_rate", self.learning_rate, "(0, inf)")

    def start(self, theta: Any) -> None:
        return None

    def step(self, theta: Any, gradient: Any, state: None, t: int) -> tuple[Any, None]:
        return theta - self.learning_rate * gradient, state
