r"""Assignment 3, backward: stage by stage, then in closed form."""

from __future__ import annotations

from typing import Any

import numpy

from d2l_bn.exercises import Questions, Wrong, expect
from d2l_bn.exercises.asking import Answer, answer
from d2l_bn.exercises.guard import DIFFERENTIATION, Rules

__all__ = ["asked"]

EPS = 0.3  # large, so that it shows where it is missing
STAGES = ("Y", "beta", "gamma", "X_hat", "inverse", "var", "squares", "centred", "mean", "X")
Arrays = dict[str, numpy.ndarray]

asked = Questions("backward", Rules(operators=DIFFERENTIATION))


def arrays(rng: numpy.random.Generator, shape: tuple[int, ...]) -> Arrays:
    r"""dY, X, γ, β and averages."""
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    return {
        "dY": rng.normal(size=shape),
        "X": rng.normal(rng.uniform(-2, 2, small), rng.uniform(0.5, 2, small), shape),
        "gamma": rng.uniform(0.5, 2, small) * rng.choice([-1, 1], small),
        "beta": rng.normal(size=small),
        "moving_mean": rng.normal(size=small),
        "moving_var": rng.uniform(0.5, 2, small),
    }


def forward(X: Any, gamma: Any, beta: Any, eps: float) -> dict[str, Any]:
    r"""Every array of the forward pass in training, by name."""
    axes = (0,) if X.ndim == 2 else (0, 2, 3)
    v = {"X": X, "gamma": gamma, "beta": beta}
    v["mean"] = X.mean(axis=axes, keepdims=True)
    v["centred"] = X - v["mean"]
    v["squares"] = v["centred"] ** 2
    v["var"] = v["squares"].mean(axis=axes, keepdims=True)
    v["inverse"] = (v["var"] + eps) ** -0.5
    v["X_hat"] = v["centred"] * v["inverse"]
    v["Y"] = gamma * v["X_hat"] + beta
    return v


def stage(name: str, d: Arrays, v: Arrays) -> tuple[numpy.ndarray, list[tuple]]:
    r"""The gradient of one array from those in ``d``, and the usual wrong ones.

    ``d`` may hold the student's own: each stage is judged for itself.
    """
    axes = (0,) if v["X"].ndim == 2 else (0, 2, 3)
    m = v["X"].size // v["X"].shape[1]

    def total(g: numpy.ndarray) -> numpy.ndarray:
        return g.sum(axis=axes, keepdims=True)

    copied = "What was copied to m places gets the sum of m gradients"
    if name == "Y":
        return d["Y"], []
    if name == "beta":
        return total(d["Y"]), _sums(d["Y"], axes, copied)
    if name == "gamma":
        right = d["Y"] * v["X_hat"]
        return total(right), [
            *_sums(right, axes, copied),
            (total(d["Y"] * v["X"]), "gamma multiplies X_hat, not X.", 0.3),
            (total(d["Y"]), "The factor X_hat is missing.", 0.3),
        ]
    if name == "X_hat":
        return v["gamma"] * d["Y"], [(d["Y"], "The factor gamma is missing.", 0.3)]
    if name == "inverse":
        right = d["X_hat"] * v["centred"]
        return total(right), _sums(right, axes, copied)
    if name == "var":
        r, g = v["inverse"], d["inverse"]
        return -0.5 * r**3 * g, [
            (0.5 * r**3 * g, "The sign: a larger variance makes its inverse root smaller.", 0.5),
            (-0.5 * r * g, "The power falls by one, from -1/2 to -3/2: that is r cubed.", 0.5),
            (-(r**3) * g, "The factor 1/2 of the derivative of a root is missing.", 0.5),
        ]
    if name == "squares":
        g = numpy.broadcast_to(d["var"], v["X"].shape)
        return g / m, [
            (g, "A mean of m values hands each of them one m-th.", 0.5),
            (d["var"] / m, "The numbers are right; copy them to the shape of X.", 0.7),
        ]
    if name == "centred":
        one, two = d["X_hat"] * v["inverse"], 2 * v["centred"] * d["squares"]
        return one + two, [
            (one, "centred is used twice: the way through squares is missing.", 0.4),
            (two, "centred is used twice: the way through X_hat is missing.", 0.4),
            (one + two / 2, "The derivative of a square is 2 c: the 2 is missing.", 0.6),
        ]
    if name == "mean":
        return -total(d["centred"]), [
            (total(d["centred"]), "The sign: the mean is subtracted.", 0.5),
            *_sums(-d["centred"], axes, copied),
        ]
    return d["centred"] + d["mean"] / m, [
        (d["centred"], "X is used twice: the way through the mean is missing.", 0.4),
        (d["centred"] + d["mean"], "A mean of m values hands each of them one m-th.", 0.5),
        (d["centred"] - d["mean"] / m, "The sign: both ways add up.", 0.5),
    ]


def stages_are_right(backward_stages: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""Each stage by itself, from the student's own gradients before it; credit for each."""
    a = arrays(rng, shape)
    v = forward(a["X"], a["gamma"], a["beta"], EPS)
    d = backward_stages.ask("to_dictionary", arguments=(a["dY"], v), dtype="float64")
    known, wrong, lost = {"Y": a["dY"]}, [], 0.0
    for name in STAGES[1:]:
        expected, reasons = stage(name, known, v)
        known[name] = expected
        try:
            if name not in d:
                raise Wrong(f"a gradient is missing, that of {name}.")
            expect(f"the gradient of `{name}`", d[name], expected, reasons)
        except Wrong as error:
            wrong.append(str(error))
            lost += 1 - error.credit
            if name in d and d[name].shape == expected.shape:
                known[name] = d[name]  # the next stage starts from this one
    if wrong:
        told = [wrong[0], *(f"Also, {each}" for each in wrong[1:2])]
        if wrong[2:]:
            told.append(f"And {len(wrong) - 2:d} more.")
        count = len(STAGES) - 1
        right = f"{count - len(wrong):d} of {count:d} stages right."
        raise Wrong(" ".join([right, *told]), 1 - lost / count)


def all_gradients(a: Arrays, eps: float = EPS) -> tuple[Arrays, Arrays]:
    r"""The arrays of the forward pass, and the gradients of all of them, by the stages."""
    v, d = forward(a["X"], a["gamma"], a["beta"], eps), {"Y": a["dY"]}
    for name in STAGES[1:]:
        d[name] = stage(name, d, v)[0]
    return v, d


def closed_form_is_right(backward: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""(dX, dgamma, dbeta) in training."""
    a = arrays(rng, shape)
    v, d = all_gradients(a)
    arguments = a["dY"], a["X"], a["gamma"], EPS
    results = answer(backward, *arguments, dtype="float64", results=3)
    m = a["X"].size // a["X"].shape[1]
    scale = a["gamma"] * v["inverse"]
    sums, along = d["beta"], v["X_hat"] * d["gamma"]
    n = shape[0]
    of_X = [
        (scale * a["dY"], "That is the gradient in prediction: in training X also acts through the "
         "mean and the variance.", 0.3),
        (scale * (a["dY"] - sums / m), "The term of the variance, X_hat * dgamma, lacks.", 0.5),
        (scale * (a["dY"] - along / m), "The term of the mean, dbeta, is missing.", 0.5),
        (scale / m * (m * a["dY"] - sums - v["X_hat"] * sums), "X_hat goes with dgamma.", 0.5),
        (scale * (m * a["dY"] - sums - along), "The factor 1/m is missing.", 0.5),
        (scale / n * (n * a["dY"] - sums - along), "m counts all values of a channel, N·H·W.", 0.5),
        (d["X"] / a["gamma"], "The factor gamma is missing.", 0.5),
        (all_gradients(a, 0.0)[1]["X"], "ε is missing in the root.", 0.6),
    ]  # fmt: skip
    expect("dX", results[0], d["X"], of_X)
    expect("dgamma", results[1], d["gamma"], stage("gamma", d, v)[1])
    expect("dbeta", results[2], d["beta"], stage("beta", d, v)[1])


def group_backward_is_right(
    group_norm_backward: Answer, rng: Any, shape: tuple[int, ...], groups: int
) -> None:
    r"""(dX, dgamma, dbeta) of group normalization; layer normalization with one group."""
    a, (N, C, *_) = arrays(rng, shape), shape
    X, dY, gamma = a["X"] + rng.normal(size=(N, C, 1, 1)), a["dY"], a["gamma"]
    results = answer(group_norm_backward, dY, X, groups, gamma, EPS, dtype="float64", results=3)

    def grouped(array: numpy.ndarray, dim: int = N) -> numpy.ndarray:
        return array.reshape(dim, groups, -1)

    def mean(array: numpy.ndarray) -> numpy.ndarray:
        return array.mean(axis=2, keepdims=True)

    centred = grouped(X) - mean(grouped(X))
    inverse = (mean(centred**2) + EPS) ** -0.5
    x_hat, of_channels = centred * inverse, (0, 2, 3)

    def dX(g: numpy.ndarray, first: float = 1, second: float = 1) -> numpy.ndarray:
        g = grouped(g)
        along = x_hat * mean(g * x_hat)
        return (inverse * (g - first * mean(g) - second * along)).reshape(shape)

    right, X_hat = dX(gamma * dY), x_hat.reshape(shape)
    dgamma = (dY * X_hat).sum(axis=of_channels, keepdims=True)
    dbeta = dY.sum(axis=of_channels, keepdims=True)
    in_front = "γ differs within a group: it belongs inside of the means, g = γ·dY."
    n = shape[1] // groups * shape[2] * shape[3]
    g = gamma * dY
    of_X = [
        (gamma * dX(dY), in_front, 0.4),
        (dX(dY), "The factor gamma is missing.", 0.3),
        (dX(g, 0, 0), "The ways through the mean and the variance are missing.", 0.2),
        (dX(g, 1, 0), "The term of the variance, X_hat times a mean, is missing.", 0.5),
        (dX(g, 0, 1), "The term of the mean is missing.", 0.5),
        (dX(g, n, n), "A mean of m values, not their sum: 1/m is missing.", 0.5),
    ]
    alone = X - X.mean(axis=(0, 2, 3), keepdims=True)
    batch = alone * (alone**2).mean(axis=(0, 2, 3), keepdims=True) ** -0.5
    copied = "What serves all examples and pixels of a channel gets the sum of their gradients"
    of_gamma = [
        *_sums(dY * X_hat, of_channels, copied),
        ((dY * batch).sum(axis=of_channels, keepdims=True), "That X_hat is of the batch.", 0.3),
    ]

    def of_this(name: str) -> str:
        return f"{name} of X {shape}, num_groups={groups:d}"

    expect(of_this("dX"), results[0], right, of_X)
    expect(of_this("dgamma"), results[1], dgamma, of_gamma)
    expect(of_this("dbeta"), results[2], dbeta, _sums(dY, of_channels, copied))


def prediction_is_right(backward: Answer, rng: Any, shape: tuple[int, ...]) -> None:
    r"""(dX, dgamma, dbeta) in prediction mode."""
    a = arrays(rng, shape)
    names = ("dY", "X", "gamma", "moving_mean", "moving_var")
    results = answer(backward, *(a[n] for n in names), EPS, dtype="float64", results=3)
    axes = (0,) if len(shape) == 2 else (0, 2, 3)
    inverse = (a["moving_var"] + EPS) ** -0.5
    X_hat = (a["X"] - a["moving_mean"]) * inverse
    v = {**forward(a["X"], a["gamma"], a["beta"], EPS), "X_hat": X_hat}
    trained, d = all_gradients(a)
    right = a["gamma"] * inverse * a["dY"]
    of_X = [
        (d["X"], "That is the gradient in training; now mean and variance are constants.", 0.2),
        (a["dY"] * inverse, "The factor gamma is missing.", 0.4),
        (a["gamma"] * a["dY"], "The factor 1 / sqrt(moving_var + eps) is missing.", 0.4),
        (a["gamma"] * trained["inverse"] * a["dY"], "The variance is the moving one.", 0.4),
    ]
    expect("dX in prediction", results[0], right, of_X)
    of_gamma = [(d["gamma"], "X_hat comes from the moving averages here.", 0.4)]
    product = a["dY"] * X_hat
    dgamma = product.sum(axis=axes, keepdims=True)
    expect("dgamma in prediction", results[1], dgamma, of_gamma + stage("gamma", d, v)[1])
    expect("dbeta in prediction", results[2], d["beta"], stage("beta", d, v)[1])


def _sums(g: numpy.ndarray, axes: tuple[int, ...], copied: str) -> list[tuple]:
    """The wrong sums of ``g``."""
    return [
        (g.sum(axis=axes), "The numbers are right: keep the axes, keepdims=True.", 0.6),
        (g.mean(axis=axes, keepdims=True), f"{copied}, not their mean.", 0.5),
        (g, f"{copied}: the sum is missing.", 0.3),
        (g.sum(axis=0, keepdims=True), "The sum runs over H and W, too.", 0.4),
    ]


@asked.add("backward_stages", "(N, C)")
def _(backward_stages, rng):
    stages_are_right(backward_stages, rng, (4, 3))


@asked.add("backward_stages", "(N, C, H, W)")
def _(backward_stages, rng):
    stages_are_right(backward_stages, rng, (2, 3, 2, 4))


@asked.add("backward", "(N, C)")
def _(backward, rng):
    closed_form_is_right(backward, rng, (4, 3))


@asked.add("backward", "(N, C, H, W)")
def _(backward, rng):
    closed_form_is_right(backward, rng, (2, 3, 2, 2))


@asked.add("backward_in_prediction", "(N, C) and (N, C, H, W)")
def _(backward_in_prediction, rng):
    prediction_is_right(backward_in_prediction, rng, (4, 3))
    prediction_is_right(backward_in_prediction, rng, (2, 3, 2, 2))


@asked.add("group_norm_backward", "six channels in two and in three groups")
def _(group_norm_backward, rng):
    for groups in (2, 3):
        group_backward_is_right(group_norm_backward, rng, (2, 6, 2, 3), groups)


@asked.add("group_norm_backward", "one group: layer normalization")
def _(group_norm_backward, rng):
    group_backward_is_right(group_norm_backward, rng, (2, 3, 3, 2), 1)
