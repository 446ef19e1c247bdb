r"""Assignment 3, backward: stage by stage, then in closed form (row 25 and correction 8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
from mxnet import np

from d2l_bn.diagnostics.gradient_check import check_gradients
from d2l_bn.exercises import Questions, Wrong, expect, ours
from d2l_bn.exercises.asking import answer, as_mx, as_numpy
from d2l_bn.exercises.guard import DIFFERENTIATION, Rules
from d2l_bn.exercises.mistakes import batch_norm

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


def stages_are_right(backward_stages: Callable, rng: Any, shape: tuple[int, ...]) -> None:
    r"""Each stage by itself, from the student's own gradients before it; credit for each."""
    a = arrays(rng, shape)
    v = forward(a["X"], a["gamma"], a["beta"], EPS)
    given = {name: as_mx(array, "float64") for name, array in v.items()}
    d = backward_stages(as_mx(a["dY"], "float64"), given)
    if not isinstance(d, dict):
        raise Wrong(f"backward_stages returns a {type(d).__name__}; expected a dictionary from "
                    "names to gradients.")  # fmt: skip
    known, wrong, lost = {"Y": a["dY"]}, [], 0.0
    for name in STAGES[1:]:
        expected, reasons = stage(name, known, v)
        known[name] = expected
        try:
            if not isinstance(d.get(name), np.ndarray):
                raise Wrong(f"the gradient of {name} is missing.")
            expect(f"the gradient of {name}", d[name], expected, reasons)
        except Wrong as error:
            wrong.append(str(error))
            lost += 1 - error.credit
            if isinstance(d.get(name), np.ndarray) and d[name].shape == expected.shape:
                known[name] = as_numpy(d[name])  # the next stage starts from this one
    if wrong:
        told = " Also: ".join(wrong[:2]) + (f" And {len(wrong) - 2} more." if wrong[2:] else "")
        count = len(STAGES) - 1
        raise Wrong(f"{count - len(wrong)} of {count} stages right. {told}", 1 - lost / count)


def closed_form_is_right(backward: Callable, rng: Any, shape: tuple[int, ...]) -> None:
    r"""(dX, dgamma, dbeta) in training; central differences have the last word."""
    a = arrays(rng, shape)
    v = forward(a["X"], a["gamma"], a["beta"], EPS)
    arguments = a["dY"], a["X"], a["gamma"], EPS
    results = answer(backward, *arguments, dtype="float64", results=3)
    d: Arrays = {"Y": a["dY"]}
    for name in STAGES[1:]:
        d[name] = stage(name, d, v)[0]
    m, axes = a["X"].size // a["X"].shape[1], (0,) if len(shape) == 2 else (0, 2, 3)
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
        (_without_eps(a, axes), "ε is missing in the root.", 0.6),
    ]  # fmt: skip
    expect("dX", results[0], d["X"], of_X)
    expect("dgamma", results[1], d["gamma"], stage("gamma", d, v)[1])
    expect("dbeta", results[2], d["beta"], stage("beta", d, v)[1])
    if len(shape) == 2:  # of fewer values, so that it takes no time
        ours(_central_differences, a, results[0])


def _central_differences(a: Arrays, dX: numpy.ndarray) -> None:
    """The judge that knows no formula."""
    gamma, beta = (as_mx(a[name], "float64") for name in ("gamma", "beta"))

    def output(X: np.ndarray) -> np.ndarray:
        return batch_norm(X, gamma, beta, 0 * gamma, 1 + 0 * gamma, EPS)[0]

    inputs, analytic = {"X": as_mx(a["X"], "float64")}, {"X": as_mx(dX, "float64")}
    report = check_gradients(output, inputs, as_mx(a["dY"], "float64"), analytic=analytic)
    if not report.ok:
        raise Wrong(f"Central differences disagree: {report}", credit=0.5)


def prediction_is_right(backward: Callable, rng: Any, shape: tuple[int, ...]) -> None:
    r"""(dX, dgamma, dbeta) in prediction mode."""
    a = arrays(rng, shape)
    names = ("dY", "X", "gamma", "moving_mean", "moving_var")
    results = answer(backward, *(a[n] for n in names), EPS, dtype="float64", results=3)
    axes = (0,) if len(shape) == 2 else (0, 2, 3)
    inverse = (a["moving_var"] + EPS) ** -0.5
    X_hat = (a["X"] - a["moving_mean"]) * inverse
    v = {**forward(a["X"], a["gamma"], a["beta"], EPS), "X_hat": X_hat}
    d: Arrays = {"Y": a["dY"]}
    trained = forward(a["X"], a["gamma"], a["beta"], EPS)
    for name in STAGES[1:]:
        d[name] = stage(name, d, trained)[0]
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


def _without_eps(a: Arrays, axes: tuple[int, ...]) -> numpy.ndarray:
    v, d = forward(a["X"], a["gamma"], a["beta"], 0.0), {"Y": a["dY"]}
    for name in STAGES[1:]:
        d[name] = stage(name, d, v)[0]
    return d["X"]


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
