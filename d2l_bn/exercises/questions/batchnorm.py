r"""Assignment 2, batchnorm: the function, in two and four dimensions, in two modes; the Block.

The functions ``*_is_right`` are the questions; the hidden ones ask of other shapes. What is
expected, and the usual wrong answers, come from :mod:`d2l_bn.exercises.mistakes`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy
from mxnet import autograd, np

from d2l_bn.exercises import Questions, Wrong, expect
from d2l_bn.exercises.asking import Answer, answer, gradients_of, leaves_alone
from d2l_bn.exercises.mistakes import MISTAKES, RIGHT, Recipe, batch_norm
from d2l_bn.exercises.questions import _layer

__all__ = ["asked"]

FORWARD = (
    "eps_outside",
    "eps_missing",
    "unbiased",
    "no_root",
    "shift_first",
    "no_affine",
    "pooled",
    "per_example",
)
IMAGES = (*FORWARD, "per_image", "per_pixel")
AVERAGES = ("momentum_swapped", "unbiased", "unbiased_averaged", "deviation_averaged", "pooled")
PREDICTION = ("eps_outside", "eps_missing", "no_root", "shift_first", "no_affine")
EPS, MOMENTUM = 0.3, 0.75  # ε is large, so that it shows where it stands

asked = Questions("batchnorm")


Five = tuple[Any, Any, Any, Any, Any]  # X, γ, β, and the two averages


def arrays(rng: numpy.random.Generator, shape: tuple[int, ...]) -> Five:
    r"""X, γ, β, and averages that are far from the statistics of X; one value a channel."""
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    X = rng.normal(rng.uniform(-3, 3, small), rng.uniform(0.5, 2, small), shape)
    gamma, beta = rng.uniform(0.5, 2, small), rng.uniform(-2, 2, small)
    return X, gamma, beta, rng.uniform(4, 6, small), rng.uniform(3, 5, small)


def reasons(names: Iterable[str], result: int, given: Five, training: bool) -> list[tuple]:
    r"""What the mistakes give as result 0 (Y), 1 (mean) or 2 (variance)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 0/0 in a recipe without ε
        return [
            (
                batch_norm(*given, EPS, MOMENTUM, training, mistake.recipe)[result],
                mistake.reason,
                mistake.credit,
            )
            for mistake in (MISTAKES[name] for name in names)
        ]


def normalize_is_right(normalize: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""``normalize(X, gamma, beta, eps)`` in training, of (N, C) or (N, C, H, W)."""
    given = arrays(rng, shape)
    Y = answer(normalize, *given[:3], EPS)
    expected = batch_norm(*given, EPS, MOMENTUM)[0]
    names = FORWARD if len(shape) == 2 else IMAGES
    known = reasons(names, 0, given, True)
    if shape[-1] == shape[1] and len(shape) == 4:  # the means of C channels go along W
        X, gamma, beta, *_ = given
        centred = X - X.mean(axis=(0, 2, 3))
        scale = numpy.sqrt((centred**2).mean(axis=(0, 2, 3)) + EPS)
        why = "Without keepdims the means lie along W, and here broadcasting does not complain."
        known.append((gamma * centred / scale + beta, why, 0.3))
    expect(f"Y for X {shape}, ε {EPS:g}", Y, expected, known)


def output_is_right(function: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""Y of ``batch_norm`` in training mode."""
    given = arrays(rng, shape)
    Y, _, _ = answer(function, *given, EPS, MOMENTUM, training=True, results=3)
    expected = batch_norm(*given, EPS, MOMENTUM)[0]
    names = (*(FORWARD if len(shape) == 2 else IMAGES), "average_in_training")
    expect(f"Y for X {shape} in training mode", Y, expected, reasons(names, 0, given, True))


def averages_are_right(function: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""The two averages of ``batch_norm`` in training mode."""
    given = arrays(rng, shape)
    returned = answer(function, *given, EPS, MOMENTUM, training=True, results=3)
    expected = batch_norm(*given, EPS, MOMENTUM)
    for k, name in ((1, "new_mean"), (2, "new_var")):
        old, batch = given[2 + k], batch_norm(*given, EPS, 0.0)[k]
        known = reasons(AVERAGES, k, given, True) + [
            (old, "This is the old average: move it towards the batch.", 0.0),
            (batch, "This is the statistic of the batch; the old average counts, too.", 0.2),
            (expected[3 - k], "Mean and variance are exchanged: return (Y, mean, variance).", 0.5),
            (expected[k].reshape(-1), "The numbers are right: keep the axes (keepdims).", 0.6),
        ]
        expect(f"{name} for X {shape}, momentum {MOMENTUM:g}", returned[k], expected[k], known)


def prediction_is_right(function: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""All three results in prediction mode."""
    given = arrays(rng, shape)
    returned = answer(function, *given, EPS, MOMENTUM, training=False, results=3)
    expected = batch_norm(*given, EPS, MOMENTUM, False)
    known = reasons((*PREDICTION, "batch_in_prediction"), 0, given, False)
    expect(f"Y for X {shape} in prediction mode", returned[0], expected[0], known)
    moved = batch_norm(*given, EPS, MOMENTUM, True)
    why = "They moved; in prediction mode the averages are returned as they came."
    for k, name in ((1, "the mean"), (2, "the variance")):
        expect(f"{name} after prediction", returned[k], expected[k], [(moved[k], why, 0.5)])


def one_example_is_right(function: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""In prediction, an example's output does not depend on who else is in the batch."""
    X, *rest = arrays(rng, shape)
    together = answer(function, X, *rest, EPS, MOMENTUM, training=False, results=3)[0]
    alone = answer(function, X[:1], *rest, EPS, MOMENTUM, training=False, results=3)[0]
    if numpy.shape(together[:1]) != numpy.shape(alone) or not numpy.allclose(
        together[:1], alone, rtol=1e-3, atol=1e-5
    ):
        raise Wrong(
            "The first example has one output alone and another in a batch: expected the same. "
            + MISTAKES["batch_in_prediction"].reason
        )


def gradient_is_right(function: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""∂L/∂X, ∂L/∂γ and ∂L/∂β by autograd in training: X acts through mean and variance, too."""
    given, upstream = arrays(rng, shape), rng.normal(size=shape)
    came = gradients_of(function, *given, EPS, MOMENTUM, upstream=upstream, results=3)
    right, constant = (
        _gradients(given, upstream, MISTAKES[name].recipe if name else RIGHT)
        for name in ("", "constant_statistics")
    )
    why = (
        f"{MISTAKES['constant_statistics'].reason} Compute both from X with mx.np, outside of "
        "autograd.pause(), without .detach() and .asnumpy(); only the averages go into a pause."
    )
    X, gamma = given[:2]
    no_variance = _layer.without_that_of_the_variance(X, upstream, gamma, EPS)
    for k, name in enumerate(("X", "gamma", "beta")):
        known = [(constant[k], why, 0.0), (0 * right[k], "No gradient arrives there at all.", 0.0)]
        if name == "X":
            known.insert(1, (no_variance, _layer.OF_MXNETS_VAR, 0.5))
        expect(f"the gradient of {name}, X {shape}, by autograd", came[k], right[k], known)


def _gradients(given: Five, upstream: numpy.ndarray, recipe: Recipe) -> list[numpy.ndarray]:
    arrays = [np.array(a, dtype="float64") for a in given]
    for array in arrays:
        array.attach_grad()
    X, gamma, beta, mean, var = arrays
    with autograd.record():
        Y = batch_norm(X, gamma, beta, mean, var, EPS, MOMENTUM, True, recipe)[0]
    Y.backward(np.array(upstream, dtype="float64"))
    return [array.grad.asnumpy() for array in arrays]


def arguments_stay(function: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""It computes in both modes, and writes to nothing that it was given."""
    output_is_right(function, rng, shape)
    prediction_is_right(function, rng, shape)
    for training in (True, False):
        leaves_alone(function, *arrays(rng, shape), EPS, MOMENTUM, training=training)


@asked.add("normalize_2d", "X of shape (4, 3)")
def _(normalize_2d, rng):
    normalize_is_right(normalize_2d, rng, (4, 3))


@asked.add("normalize_2d", "a square X, (3, 3)")
def _(normalize_2d, rng):
    normalize_is_right(normalize_2d, rng, (3, 3))


@asked.add("normalize_4d", "X of shape (4, 3, 2, 5)")
def _(normalize_4d, rng):
    normalize_is_right(normalize_4d, rng, (4, 3, 2, 5))


@asked.add("batch_norm", "output in training, two axes and four")
def _(batch_norm, rng):
    output_is_right(batch_norm, rng, (4, 3))
    output_is_right(batch_norm, rng, (2, 3, 4, 2))


@asked.add("batch_norm", "the gradient by autograd, two axes and four")
def _(batch_norm, rng):
    gradient_is_right(batch_norm, rng, (4, 3))
    gradient_is_right(batch_norm, rng, (2, 3, 4, 2))


@asked.add("batch_norm", "the averages, two axes and four")
def _(batch_norm, rng):
    averages_are_right(batch_norm, rng, (4, 3))
    averages_are_right(batch_norm, rng, (2, 3, 4, 2))


@asked.add("batch_norm", "prediction, two axes and four")
def _(batch_norm, rng):
    prediction_is_right(batch_norm, rng, (4, 3))
    prediction_is_right(batch_norm, rng, (2, 3, 4, 2))


@asked.add("batch_norm", "prediction for one example")
def _(batch_norm, rng):
    one_example_is_right(batch_norm, rng, (4, 3))


@asked.add("batch_norm", "leaves its arguments as they were")
def _(batch_norm, rng):
    arguments_stay(batch_norm, rng, (4, 3))


LENT = ("batch_norm",)  # a mistake in the function costs nothing in the layer


@asked.add("layer", "training: the output, and the averages move", lent=LENT)
def _(BatchNorm, rng):
    _layer.trains(BatchNorm, rng, (4, 3))


@asked.add("layer", "prediction: uses the averages, and leaves them", lent=LENT)
def _(BatchNorm, rng):
    _layer.predicts(BatchNorm, rng, (4, 3))


@asked.add("layer", "the gradient; γ and β are trained, the averages are not", lent=LENT)
def _(BatchNorm, rng):
    _layer.learns(BatchNorm, rng, (4, 3))


@asked.add("layer", "the averages survive saving", lent=LENT)
def _(BatchNorm, rng):
    _layer.survives_saving(BatchNorm, rng, (4, 3))


@asked.add("layer", "in a network, behind a dense layer; the averages carry no graph", lent=LENT)
def _(BatchNorm, rng):
    _layer.serves_in_a_network(BatchNorm, rng, (4, 3))
    _layer.keeps_no_graph(BatchNorm, rng, (4, 3))
