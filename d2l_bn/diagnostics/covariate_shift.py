r"""Internal covariate shift (内部协变量偏移), measured in two ways.

*By distributions*: how far the mean and the deviation of what enters a layer move from one step to
the next (Ioffe & Szegedy 2015, arXiv:1502.03167, section 2). :func:`input_moments` before and after
the step, and :func:`moment_shift` between them.

*By gradients*: how much the gradient of a layer is changed by the update of the layers before it
(Santurkar et al. 2018, arXiv:1805.11604, definition 2.1). :func:`gradient_shift`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy
from mxnet import autograd, gluon, np

from d2l_bn.diagnostics.weight_vector import (
    kept_parameters,
    loss_and_gradient,
    move_to,
    weight_slices,
    weights_of,
)
from d2l_bn.networks.watching import named_blocks, uncompiled, watched
from d2l_bn.norms.moments import moments

__all__ = ["GradientShift", "gradient_shift", "input_moments", "moment_shift"]

Moments = tuple[numpy.ndarray, numpy.ndarray]


def input_moments(net: gluon.Block, X: np.ndarray, layers: Iterable[str]) -> dict[str, Moments]:
    r"""Mean and deviation, channel by channel, of what enters the named layers in training mode.

    Arguments:
        net: an initialized network; its moving averages stay as they were.
        X: a batch of images.
        layers: names such as ``'act1'``.

    Returns:
        From each name to ``(mean, deviation)``, two arrays (C,).

    Raises:
        ValueError: a name that is not in ``net``.

    >>> net = gluon.nn.Sequential()
    >>> net.add(gluon.nn.Activation("relu"))
    >>> input_moments(net, np.array([[1.0, 5.0], [3.0, 5.0]]), ["0"])
    {'0': (array([2., 5.], dtype=float32), array([1., 0.], dtype=float32))}
    """
    seen: dict[str, Moments] = {}

    def note(name: str, X: np.ndarray, Y: np.ndarray) -> None:
        mean, var = moments(X, tuple(axis for axis in range(X.ndim) if axis != 1))
        seen[name] = mean.asnumpy().ravel(), numpy.sqrt(var.asnumpy().ravel())

    chosen = named_blocks(net, layers)
    with kept_parameters(net), uncompiled(net), watched(chosen, note):
        with autograd.pause(train_mode=True):
            net(X)
    return {name: seen[name] for name in chosen}


def moment_shift(before: Moments, after: Moments, relative: bool = True) -> float:
    r"""How far a distribution moved: in units of its own deviation, or in those of its values.

    .. math:: \sqrt{\frac{\sum_c (\mu'_c - \mu_c)^2 + (\sigma'_c - \sigma_c)^2}
        {\sum_c \sigma_c^2}}
        \qquad \text{or} \qquad
        \sqrt{\frac1C \sum_c (\mu'_c - \mu_c)^2 + (\sigma'_c - \sigma_c)^2}

    For normal distributions the numerator is Wasserstein's distance: the work of moving one onto
    the other. For others it says what becomes of two moments, and nothing about the rest. What had
    no deviation at all and moves has moved infinitely far, relatively.

    >>> still = numpy.array([0.0, 1.0]), numpy.array([2.0, 2.0])
    >>> moved = numpy.array([2.0, 1.0]), numpy.array([2.0, 4.0])
    >>> moment_shift(still, moved), moment_shift(still, moved, relative=False)
    (1.0, 2.0)
    """
    (mean, deviation), (new_mean, new_deviation) = before, after
    moved = float(((new_mean - mean) ** 2 + (new_deviation - deviation) ** 2).sum())
    unit = float((deviation**2).sum()) if relative else len(deviation)
    if unit == 0:
        return math.inf if moved else 0.0
    return math.sqrt(moved / unit)


@dataclass(frozen=True)
class GradientShift:
    r"""A layer's gradient G, and G′ after the layers before it were updated: how they differ.

    ``norm`` is :math:`\|G\|`, ``distance`` :math:`\|G - G'\|`, ``cosine`` that of the angle between
    them. Without shift the distance is 0 and the cosine 1.
    """

    norm: float
    distance: float
    cosine: float

    @property
    def relative(self) -> float:
        r""":math:`\|G - G'\| / \|G\|`."""
        return self.distance / self.norm


def gradient_shift(
    net: gluon.Block, X: np.ndarray, y: np.ndarray, lr: float, seed: int = 0
) -> dict[str, GradientShift]:
    r"""What a step of gradient descent in the layers before it does to each layer's gradient.

    .. math:: G_i = \nabla_{W_i} L(W_1, \dots, W_k), \qquad
        G'_i = \nabla_{W_i} L(W_1^{+}, \dots, W_{i-1}^{+}, W_i, \dots, W_k), \qquad
        W^{+} = W - \eta\, \nabla_W L

    on one batch, in training mode.

    Arguments:
        net: an initialized network whose layers are in the order in which they run, such as
            LeNet's. Parameters, gradients and averages are afterwards as before.
        X, y: the batch; the loss is the mean softmax cross-entropy.
        lr: η. Plain gradient descent, without momentum.
        seed: for MXNet's generator, before each gradient: dropout and noise are the same in both.

    Returns:
        For every weight but the first one, which has nothing before it, by its layer's name.

    >>> import d2l_bn, mxnet as mx
    >>> net = d2l_bn.lenet(None)
    >>> net.initialize()
    >>> X, y = np.ones((2, 1, 28, 28)), np.array([0, 1])
    >>> _ = net(X)
    >>> list(gradient_shift(net, X, y, lr=0.1))
    ['conv2', 'dense1', 'dense2', 'output']
    """
    with kept_parameters(net):
        old = weights_of(net)
        _, gradient = loss_and_gradient(net, X, y, seed)
        shifts = {}
        for layer, where in weight_slices(net).items():
            if where.start > 0:
                new = old.copy()
                new[: where.start] -= lr * gradient[: where.start]
                move_to(net, new)
                _, shifted = loss_and_gradient(net, X, y, seed)
                shifts[layer] = _compare(gradient[where], shifted[where])
    return shifts


def _compare(G: numpy.ndarray, G_new: numpy.ndarray) -> GradientShift:
    norm, norm_new = numpy.linalg.norm(G), numpy.linalg.norm(G_new)
    cosine = G @ G_new / (norm * norm_new) if norm and norm_new else float("nan")
    return GradientShift(float(norm), float(numpy.linalg.norm(G - G_new)), float(cosine))
