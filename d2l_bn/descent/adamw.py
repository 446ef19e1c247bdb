r"""AdamW: Adam whose weight decay does not go through the quotient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from d2l_bn._support.arguments import check_number

from .adam import Adam


@dataclass(frozen=True)
class AdamW(Adam):
    r"""Adam with *decoupled* weight decay λ, called ``decay`` here.

    .. math::
        \theta \leftarrow \theta - \alpha \left(
            \frac{\hat m}{\sqrt{\hat s} + \epsilon} + \lambda \theta \right)

    An L2 penalty adds :math:`\lambda\theta` to the gradient. In plain descent that is the same
    thing. In :class:`Adam` the penalty's part of the gradient is divided by
    :math:`\sqrt{\hat s}`, too: a weight with large gradients is hardly decayed. Here all weights
    shrink by the same factor :math:`1 - \alpha\lambda`.

    The form is that of ``torch.optim.AdamW``. In the paper's Algorithm 2 the decay is multiplied by
    the schedule's factor alone, not by :math:`\alpha`.

    Raises:
        ValueError: as for Adam, or a decay below 0.

    Source: Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, arXiv
    1711.05101.

    >>> import numpy as np
    >>> theta = np.array([1.0, 1.0])
    >>> AdamW(0.1, decay=0.5).step(theta, np.array([2.0, 200.0]), (0, 0), 1)[0].round(6)
    array([0.85, 0.85])
    """

    decay: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("decay", self.decay, "[0, inf)")

    def step(self, theta: Any, gradient: Any, state: tuple[Any, Any], t: int) -> tuple[Any, Any]:
        new, state = super().step(theta, gradient, state, t)
        return new - self.learning_rate * self.decay * theta, state
