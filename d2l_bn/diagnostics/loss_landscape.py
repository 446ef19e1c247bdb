r"""The loss around the weights of a network: along its gradient, and its largest curvature.

Everything here moves the weights, looks, and puts back what was there: weights, gradients and
moving averages are afterwards the same, bit for bit. MXNet's random generator is not: each look
begins by seeding it, so that dropout or injected noise is the same at every point and the loss a
function of the weights alone. Seed it anew afterwards if that matters.

Source: Santurkar, Tsipras, Ilyas & Madry 2018, arXiv:1805.11604, section 3.1; for the eigenvalue,
LeCun, Simard & Pearlmutter 1992, *Automatic Learning Rate Maximization by On-Line Estimation of the
Hessian's Eigenvectors*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from mxnet import gluon, np

from d2l_bn._support.arguments import check_count, check_number
from d2l_bn.diagnostics.weight_vector import (
    kept_parameters,
    loss_and_gradient,
    move_to,
    weight_slices,
    weights_of,
)
from d2l_bn.norms.checks import check_array

__all__ = [
    "AlongGradient",
    "along_gradient",
    "hessian_vector",
    "largest_eigenvalue",
    "layer_gradients",
]


@dataclass(frozen=True)
class AlongGradient:
    r"""The loss L and its gradient g at w and at :math:`w - \eta\, g(w)`, for K step sizes η.

    ``losses`` and ``gradient_distances``, :math:`\|g(w) - g(w - \eta g)\|`, have K numbers each;
    ``loss`` is L(w) and ``gradient_norm`` :math:`\|g(w)\|`.

    >>> walk = AlongGradient((1.0, 2.0), 5.0, 3.0, (4.0, 6.0), (1.5, 6.0))
    >>> walk.band, walk.predictiveness, walk.smoothness
    ((4.0, 6.0), (0.5, 2.0), 1.0)
    """

    step_sizes: tuple[float, ...]
    loss: float
    gradient_norm: float
    losses: tuple[float, ...]
    gradient_distances: tuple[float, ...]

    @property
    def band(self) -> tuple[float, float]:
        """The smallest and the largest loss within the range of steps."""
        return min(self.losses), max(self.losses)

    @property
    def predictiveness(self) -> tuple[float, ...]:
        r"""How much of the gradient each step makes wrong, in units of :math:`\|g(w)\|`."""
        return tuple(distance / self.gradient_norm for distance in self.gradient_distances)

    @property
    def smoothness(self) -> float:
        r"""The effective β: the largest :math:`\|g(w) - g(w - \eta g)\| / (\eta \|g\|)`.

        For an L whose gradient is β-Lipschitz it is at most β.
        """
        return max(share / step for share, step in zip(self.predictiveness, self.step_sizes))


def along_gradient(
    net: gluon.Block,
    X: np.ndarray,
    y: np.ndarray,
    step_sizes: Sequence[float],
    seed: int = 0,
) -> AlongGradient:
    r"""Walk down the gradient of one batch: the loss of that batch and its gradient on the way.

    Arguments:
        net: an initialized network from images to one score per class, in training mode here.
        X, y: the batch; the loss is the mean softmax cross-entropy.
        step_sizes: η, above 0; one gradient costs as much as a training step.
        seed: for MXNet's generator, before each of these gradients.

    Raises:
        TypeError, ValueError: no batch, no step size, one that is not above 0, or a gradient of 0,
            which has no direction.

    On a bowl, :math:`L = \beta w^2 / 2`, distances grow in proportion to η. Here is softmax:

    >>> net = gluon.nn.Dense(2, use_bias=False, in_units=1)
    >>> net.initialize("zeros")
    >>> walk = along_gradient(net, np.ones((4, 1)), np.array([0, 0, 0, 1]), [1.0, 4.0])
    >>> round(walk.loss, 3), [round(loss, 3) for loss in walk.losses]
    (0.693, [0.599, 0.627])
    """
    _check_batch(X, y)
    steps = tuple(check_number("a step size", step, "(0, inf)") for step in step_sizes)
    if not steps:
        raise ValueError("step_sizes is empty; expected one or more numbers above 0")
    with kept_parameters(net):
        w = weights_of(net)
        loss, gradient = loss_and_gradient(net, X, y, seed)
        norm = float(numpy.linalg.norm(gradient))
        if norm == 0:
            raise ValueError("the gradient is 0; expected one with a direction: other weights?")
        losses, distances = [], []
        for step in steps:
            move_to(net, w - step * gradient)
            there, its_gradient = loss_and_gradient(net, X, y, seed)
            losses.append(there)
            distances.append(float(numpy.linalg.norm(its_gradient - gradient)))
    return AlongGradient(steps, loss, norm, tuple(losses), tuple(distances))


def hessian_vector(
    net: gluon.Block,
    X: np.ndarray,
    y: np.ndarray,
    v: numpy.ndarray,
    step: float = 1e-2,
    seed: int = 0,
) -> numpy.ndarray:
    r"""The Hessian of a batch's loss times ``v``, by central differences of gradients.

    .. math:: H v \approx \frac{g(w + h \hat v) - g(w - h \hat v)}{2h}\,\|v\|,
        \qquad \hat v = v / \|v\|

    Arguments:
        net, X, y, seed: as in :func:`along_gradient`.
        v: (n,), not 0: one number for each trained weight, in the order of
            :func:`~d2l_bn.diagnostics.weight_vector.weights_of`.
        step: h > 0. In float32, much below 1e-3 leaves only rounding errors.

    >>> net = gluon.nn.Dense(2, use_bias=False, in_units=1)
    >>> net.initialize("zeros")
    >>> H_v = hessian_vector(net, np.ones((4, 1)), np.zeros((4,)), numpy.array([1.0, 0.0]))
    >>> H_v.round(3)  # p (1 - p) = 1/4
    array([ 0.25, -0.25])
    """
    _check_batch(X, y)
    check_number("step", step, "(0, inf)")
    v = numpy.asarray(v, dtype="float64")
    with kept_parameters(net):
        w, length = weights_of(net), float(numpy.linalg.norm(v))
        if v.shape != w.shape or length == 0:
            raise ValueError(
                f"v has shape {v.shape} and length {length}; expected {w.shape}, one number for "
                "each trained weight, and not all 0"
            )
        gradients = []
        for sign in (1, -1):
            move_to(net, w + sign * step / length * v)
            gradients.append(loss_and_gradient(net, X, y, seed)[1])
    return (gradients[0] - gradients[1]) * (length / (2 * step))


def largest_eigenvalue(
    net: gluon.Block,
    X: np.ndarray,
    y: np.ndarray,
    iterations: int = 15,
    step: float = 1e-2,
    seed: int = 0,
) -> float:
    r"""The largest magnitude of an eigenvalue of the Hessian, by power iteration.

    .. math:: v \leftarrow \frac{H v}{\|H v\|}, \qquad \|H v\| \to \max_i |\lambda_i|

    From below: it is at least this large. On a quadratic, gradient descent diverges with a learning
    rate above :math:`2/\lambda_{max}`.

    Arguments:
        net, X, y, step, seed: as in :func:`hessian_vector`. The first direction comes of ``seed``.
        iterations: each costs two gradients.

    >>> net = gluon.nn.Dense(2, use_bias=False, in_units=1)
    >>> net.initialize("zeros")
    >>> round(largest_eigenvalue(net, np.ones((4, 1)), np.zeros((4,))), 3)
    0.5
    """
    check_count("iterations", iterations, "each costs two gradients")
    v = numpy.random.default_rng(seed).normal(size=weights_of(net).shape)
    length = float(numpy.linalg.norm(v))
    for _ in range(iterations):
        # not v · Hv, in which eigenvalues λ and -λ of equal size cancel
        v = hessian_vector(net, X, y, v / length, step, seed)
        length = float(numpy.linalg.norm(v))
        if length == 0:
            break
    return length


def layer_gradients(
    net: gluon.Block, X: np.ndarray, y: np.ndarray, seed: int = 0
) -> dict[str, numpy.ndarray]:
    r"""The gradient of each layer's ``weight``, flat, by the name of the layer; no trace is left.

    >>> net = gluon.nn.Sequential()
    >>> net.add(gluon.nn.Dense(2, in_units=3))
    >>> net.initialize()
    >>> {name: g.shape for name, g in layer_gradients(net, np.ones((1, 3)), np.zeros((1,))).items()}
    {'0': (6,)}
    """
    _check_batch(X, y)
    with kept_parameters(net):
        _, gradient = loss_and_gradient(net, X, y, seed)
    places = weight_slices(net)
    return {layer: gradient[where] for layer, where in places.items()}


def _check_batch(X: Any, y: Any) -> None:
    check_array("X", X)
    if len(X) == 0 or len(X) != len(y):
        raise ValueError(f"{len(X)} examples and {len(y)} labels; expected as many, one or more")
