r"""An update rule on the parameters of a Gluon network: the same formula, MXNet's bookkeeping."""

from __future__ import annotations

import dataclasses
from typing import Any

from mxnet import optimizer
from mxnet.ndarray import NDArray

from d2l_bn._support.arguments import check_choice

from .adagrad import AdaGrad
from .adam import Adam
from .adamw import AdamW
from .gradient_descent import GradientDescent
from .momentum import Momentum, Nesterov
from .rmsprop import AdaDelta, RMSProp

#: The rules by name, for configurations that are written to a file.
RULES = {
    "gradient_descent": GradientDescent,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "adadelta": AdaDelta,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
}


@optimizer.register
class RuleOptimizer(optimizer.Optimizer):
    r"""A rule of :mod:`d2l_bn.descent` as an ``mxnet.optimizer.Optimizer``.

    MXNet's base class counts the steps of each parameter, divides the gradient by the batch size
    and knows learning rates; the arithmetic is the rule's. Weight decay ``wd`` adds :math:`wd\,
    \theta` to the gradient; a rule's own ``decay`` of weights (AdamW) obeys ``wd_mult``, too.

    ``gluon.Trainer(net.collect_params(), RuleOptimizer(Adam(0.01)))`` takes a rule itself.
    :func:`d2l_bn.train` takes names, because it writes them down::

        d2l_bn.train(net, batches, lr=0.01, optimizer="ruleoptimizer",
                     optimizer_params={"rule": "adam", "beta2": 0.99})

    Arguments:
        rule: a rule, or a name of ``RULES``; what the rule's class takes may follow by name.
        learning_rate: instead of the rule's own. A rule without any ignores it.
        clip_gradient, wd, ...: as in every optimizer of MXNet.

    Raises:
        ValueError: an unknown name, or an argument that the rule refuses.
        TypeError: an argument that the rule does not have.

    >>> from mxnet import np
    >>> update = optimizer.get_updater(RuleOptimizer(Momentum(0.1, decay=0.5)))
    >>> theta = np.array([1.0])
    >>> for _ in range(2):
    ...     update(0, np.array([2.0]), theta)  # parameter number 0; writes into theta
    >>> theta  # 1 - 0.2 - 0.3
    array([0.5])
    """

    def __init__(self, rule: Any, learning_rate: float | None = None, **options: Any) -> None:
        if isinstance(rule, str):
            rule, options = _rule_from(rule, options)
        if learning_rate is None:
            learning_rate = getattr(rule, "learning_rate", None)
        super().__init__(learning_rate=learning_rate, **options)
        self.rule = rule

    def create_state(self, index: int, weight: NDArray) -> list[Any]:
        return [self.rule.start(weight.as_np_ndarray())]  # a list, so that update can replace it

    def update(self, index: int, weight: NDArray, grad: NDArray, state: list[Any]) -> None:
        self._update_count(index)
        theta, gradient = weight.as_np_ndarray(), grad.as_np_ndarray() * self.rescale_grad
        if self.clip_gradient is not None:
            gradient = gradient.clip(-self.clip_gradient, self.clip_gradient)
        decay = self._get_wd(index)
        if decay:
            gradient = gradient + decay * theta
        rule, t = self._rule_for(index), self._index_update_count[index]
        theta[:], state[0] = rule.step(theta, gradient, state[0], t)

    def _rule_for(self, index: int) -> Any:
        """The rule with the present learning rate, which a trainer or a schedule may have set."""
        now, rate = {}, self._get_lr(index)
        if getattr(self.rule, "learning_rate", rate) != rate:
            now["learning_rate"] = rate
        if isinstance(self.rule, AdamW) and index in self.param_dict:
            now["decay"] = self.rule.decay * self.param_dict[index].wd_mult
        return dataclasses.replace(self.rule, **now) if now else self.rule


def _rule_from(name: str, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A rule by its name, and the options that were not for it."""
    check_choice("rule", name, RULES)
    fields = {field.name for field in dataclasses.fields(RULES[name])}
    own = {key: value for key, value in options.items() if key in fields}
    others = {key: value for key, value in options.items() if key not in fields}
    needs_rate = "learning_rate" in fields
    return RULES[name](**({"learning_rate": 1.0} if needs_rate else {}), **own), others
