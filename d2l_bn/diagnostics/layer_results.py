r"""Seven results of a batch normalization, for comparing implementations number by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy
from mxnet import autograd, gluon, np

from d2l_bn.diagnostics.gradient_check import numeric_gradient

__all__ = ["RESULTS", "results_of_formula", "results_of_layer"]

#: What a layer gives, by name.
RESULTS = (
    "output in training",
    "output in prediction",
    "new moving mean",
    "new moving variance",
    "gradient of X",
    "gradient of γ",
    "gradient of β",
)
Results = dict[str, numpy.ndarray]


def results_of_layer(
    layer: gluon.Block,
    X: numpy.ndarray,
    statistics: Sequence[numpy.ndarray],
    upstream: numpy.ndarray,
) -> Results:
    r"""The seven of a Gluon layer in float64, its gradients by autograd.

    Arguments:
        layer: this package's, Gluon's, or one with ``gamma``, ``beta``, ``moving_mean`` and
            ``moving_var``; it is cast and initialized here.
        X: (N, C) or (N, C, H, W).
        statistics: γ, β, moving mean and moving variance to begin with, of one number a channel.
        upstream: the gradient for the output, of the shape of ``X``.

    Returns:
        From the names in :data:`RESULTS` to flat arrays.
    """
    layer.cast("float64")
    layer.initialize()
    gluons = isinstance(layer, gluon.nn.BatchNorm)
    names = ("running_mean", "running_var") if gluons else ("moving_mean", "moving_var")
    for name, value in zip(("gamma", "beta", *names), statistics):
        array = np.array(value, dtype="float64")
        kept = getattr(layer, name)
        if isinstance(kept, gluon.Parameter):
            kept.set_data(array.reshape(kept.shape))
        else:  # a plain attribute
            setattr(layer, name, array.reshape(kept.shape))
    images = np.array(X, dtype="float64")
    predicted = layer(images)
    images.attach_grad()
    with autograd.record():
        Y = layer(images)
    Y.backward(np.array(upstream, dtype="float64"))
    moved = [getattr(layer, name) for name in names]
    arrays = [p.data() if isinstance(p, gluon.Parameter) else p for p in moved]
    gradients = [images.grad, layer.gamma.grad(), layer.beta.grad()]
    return dict(zip(RESULTS, (a.asnumpy().ravel() for a in (Y, predicted, *arrays, *gradients))))


def results_of_formula(
    formula: Callable,
    X: numpy.ndarray,
    statistics: Sequence[numpy.ndarray],
    upstream: numpy.ndarray,
) -> Results:
    r"""The seven of a function of NumPy arrays, its gradients by central differences.

    Arguments:
        formula: of (X, γ, β, moving mean, moving variance, training); gives the output and the new
            averages in training, the output alone in prediction.
        X, statistics, upstream: as in :func:`results_of_layer`; the statistics broadcast with X.
    """
    Y, mean, var = formula(X, *statistics, True)
    inputs = [X, *statistics]

    def gradient(k: int) -> numpy.ndarray:
        def of_one(value: np.ndarray) -> np.ndarray:
            changed = [value.asnumpy() if j == k else given for j, given in enumerate(inputs)]
            return np.array(formula(*changed, True)[0], dtype="float64")

        at, arriving = (np.array(a, dtype="float64") for a in (inputs[k], upstream))
        return numeric_gradient(of_one, at, arriving).asnumpy()

    arrays = (Y, formula(X, *statistics, False), mean, var, *map(gradient, range(3)))
    return dict(zip(RESULTS, (numpy.ravel(array) for array in arrays)))
