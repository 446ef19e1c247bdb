r"""Weights in front of a batch normalization: their length only sets their learning rate.

BN(αwx) = BN(wx) for α > 0, so that the loss f does not depend on the length of w:

.. math:: f(\alpha w) = f(w), \qquad \nabla f(\alpha w) = \tfrac1\alpha \nabla f(w),
          \qquad w \cdot \nabla f(w) = 0

(up to ε, which the variance must be large against.) A step of gradient descent at rate η turns w by
an angle that goes with :math:`\eta / \|w\|^2`, the *effective learning rate*. As the gradient is
perpendicular to w, each step makes w longer, and the effective rate falls; weight decay λ makes w
shorter. With a gradient of length g at :math:`\|w\| = 1` the two come to rest at

.. math:: \|w\|^4 = \frac{\eta g^2}{2\lambda}, \qquad \eta_{eff} = \frac{\sqrt{2\eta\lambda}}{g}

So weight decay does not make the function simpler here: it sets a learning rate. The same network
results *without* decay if the rate of these weights grows from step to step,
:math:`\eta_t = \eta (1 - \eta\lambda)^{-(2t + 1)}`: see :class:`GrowingSGD`.

Source: van Laarhoven 2017, *L2 Regularization versus Batch and Weight Normalization*,
arXiv:1706.05350; Hoffer et al. 2018, arXiv:1803.01814; Zhang et al. 2018, arXiv:1810.12281; Li &
Arora 2019, *An Exponential Learning Rate Schedule for Deep Learning*, arXiv:1910.07454.
"""

from __future__ import annotations

import math

import mxnet as mx
from mxnet import gluon, np
from mxnet.gluon import nn

from d2l_bn.networks.batch_norm_layers import batch_norms

__all__ = ["GrowingSGD", "decay_only", "scale_invariant", "weight_norms"]


def scale_invariant(net: nn.Sequential | nn.HybridSequential) -> dict[str, gluon.Parameter]:
    r"""The weights of each dense layer and convolution with a batch normalization right behind it.

    Raises:
        ValueError: no batch normalization in ``net``, or none in such a place.

    >>> import d2l_bn
    >>> list(scale_invariant(d2l_bn.lenet()))
    ['conv1', 'conv2', 'dense1', 'dense2']
    """
    layers, norms = list(net._children.items()), batch_norms(net)
    found = {
        name: layer.weight
        for (name, layer), (behind, _) in zip(layers, layers[1:])
        if isinstance(layer, (nn.Dense, nn.Conv2D)) and behind in norms
    }
    if not found:
        raise ValueError(
            "no batch normalization right behind a dense layer or a convolution; expected a "
            "sequence of layers such as lenet(placement='before')"
        )
    return found


def weight_norms(parameters: dict[str, gluon.Parameter]) -> dict[str, float]:
    r"""The length ‖w‖ of each, the root of the sum of all squares.

    >>> net = nn.Dense(2, in_units=2)
    >>> net.initialize(mx.init.One())
    >>> weight_norms({"dense": net.weight})
    {'dense': 2.0}
    """
    squares = [np.square(p.data().astype("float64")).sum() for p in parameters.values()]
    return dict(zip(parameters, (math.sqrt(square.item()) for square in squares)))


def decay_only(net: gluon.Block, parameters: dict[str, gluon.Parameter]) -> None:
    r"""Let weight decay reach these parameters of ``net`` and no others.

    By itself MXNet's optimizers decay *everything*: biases, γ and β, too.
    """
    chosen = {id(parameter) for parameter in parameters.values()}
    for parameter in net.collect_params().values():
        parameter.wd_mult = 1.0 if id(parameter) in chosen else 0.0


@mx.optimizer.register
class GrowingSGD(mx.optimizer.SGD):
    r"""Descent without decay that goes through the same functions as descent with it.

    In step t = 0, 1, … the rate of each parameter with ``wd_mult`` above 0 is
    :math:`\eta (1 - \eta\lambda)^{-(2t + 1)}`, that of all others η. If those are scale invariant,
    they point after each step where ``'sgd'`` with ``wd=λ`` would have them point, and are
    :math:`(1 - \eta\lambda)^{-t}` times as long (Li & Arora 2019, theorem 1, without momentum).

    Arguments:
        decay: the λ to do without.

    >>> mx.optimizer.create("growingsgd", decay=0.1, learning_rate=0.5).growth(t=0)  # 1 / 0.95
    1.0526...
    """

    def __init__(self, decay: float, **options) -> None:
        super().__init__(**options)
        if self.momentum or self.wd:
            raise ValueError("GrowingSGD stands for plain descent; expected no momentum and no wd")
        if not 0 <= self.lr * decay < 1:
            raise ValueError(f"decay is {decay} at rate {self.lr}; expected a product in [0, 1)")
        self.decay = decay

    def growth(self, t: int) -> float:
        """The factor of the rate in step t."""
        return (1 - self.lr * self.decay) ** -(2 * t + 1)

    def _get_lrs(self, indices: list[int]) -> list[float]:
        growth = self.growth(self.num_update - self.begin_num_update - 1)  # this step is counted
        return [
            lr * growth if self.param_dict[index].wd_mult else lr
            for index, lr in zip(indices, super()._get_lrs(indices))
        ]
