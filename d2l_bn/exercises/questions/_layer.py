r"""Questions about a Block: does it train, predict, learn, survive saving, serve in a network?

``BatchNorm`` below is the student's class, called as ``BatchNorm(num_features, num_dims, eps=...,
momentum=...)``; it has ``gamma``, ``beta``, ``moving_mean`` and ``moving_var``.
"""

from __future__ import annotations

from typing import Any

import numpy
from mxnet import autograd, np

from d2l_bn.exercises.asking import Answer
from d2l_bn.exercises.messages import Wrong, expect
from d2l_bn.exercises.mistakes import MISTAKES, RIGHT, Recipe, batch_norm

__all__ = ["keeps_no_graph", "learns", "predicts", "serves_in_a_network", "survives_saving",
           "trains"]  # fmt: skip

EPS, MOMENTUM = 0.3, 0.75
NO_GRADIENT = (
    f"{MISTAKES['constant_statistics'].reason} Call batch_norm outside of autograd.pause(); only "
    "what moves the averages belongs inside."
)
OF_MXNETS_VAR = (
    "No gradient flows through the variance. That of .var() and .std() is 0 in MXNet 1.9: compute "
    "it as ((X - mean) ** 2).mean(...)."
)
Shape = tuple[int, ...]


def trains(BatchNorm: Answer, rng: Any, shape: Shape) -> None:
    r"""A fresh layer's output in training mode, and its averages after two batches."""
    batches = [_batch(rng, shape) for _ in range(2)]
    days = _life(BatchNorm, shape, *(("train", X) for X in batches))
    zero, one = _constants(shape)
    mean, var, from_zero = zero, one, zero
    for X, day in zip(batches, days):
        expected = batch_norm(X, one, zero, mean, var, EPS, MOMENTUM)
        names = ("eps_outside", "eps_missing", "unbiased", "no_root", "pooled", "per_example")
        known = [
            (batch_norm(X, one, zero, mean, var, EPS, recipe=m.recipe)[0], m.reason, m.credit)
            for m in (MISTAKES[name] for name in (*names, "average_in_training"))
        ]
        expect(f"the output for X {shape} in training mode", day["Y"], expected[0], known)
        from_zero = batch_norm(X, one, zero, mean, from_zero, EPS, MOMENTUM)[2]
        mean, var = expected[1:]
    for name, right, start in (("moving_mean", mean, zero), ("moving_var", var, one)):
        known = [
            (start, "It has not moved: store what batch_norm returns.", 0.3),
            (var if name == "moving_mean" else mean, "Mean and variance are exchanged.", 0.4),
        ]
        if name == "moving_var":
            known.append((from_zero, MISTAKES["starts_at_zero"].reason, 0.5))
        expect(f"{name} after two batches", days[-1][name], right, known)


def predicts(BatchNorm: Answer, rng: Any, shape: Shape) -> None:
    r"""An untrained layer passes its input through; a trained one uses its averages."""
    X = _batch(rng, shape)
    new, trained, later = _life(
        BatchNorm, shape, ("predict", X), ("train", _batch(rng, shape)), ("predict", X)
    )
    zero, one = _constants(shape)
    known = [
        (X / numpy.sqrt(EPS), "The moving variance starts at 0: start it at 1.", 0.4),
        (
            batch_norm(X, one, zero, zero, one, EPS)[0],
            MISTAKES["batch_in_prediction"].reason,
        ),
    ]
    expect("the output of an untrained layer, prediction", new["Y"], X / (1 + EPS) ** 0.5, known)
    expected = (X - trained["moving_mean"]) / numpy.sqrt(trained["moving_var"] + EPS)
    what = "the output after one batch of training, prediction"
    expect(what, later["Y"], expected, known[1:])
    for name in ("moving_mean", "moving_var"):
        if not numpy.array_equal(later[name], trained[name]):
            why = "only training moves the averages: ask autograd.is_training()."
            raise Wrong(f"{name} moved in a prediction; {why}", credit=0.5)


def learns(BatchNorm: Answer, rng: Any, shape: Shape) -> None:
    r"""The gradient of X; a trainer's step moves γ and β, and the forward pass the averages."""
    X, dY = _batch(rng, shape), rng.normal(size=shape)
    day, _ = _life(BatchNorm, shape, *[("learn", X, dY, 0.1)] * 2)  # the second one must run
    zero, one = _constants(shape)
    right = _gradients(X, dY, one, zero, RIGHT)
    constant = _gradients(X, dY, one, zero, MISTAKES["constant_statistics"].recipe)
    known = [
        (constant["X"], NO_GRADIENT, 0.2),
        (without_that_of_the_variance(X, dY, one, EPS), OF_MXNETS_VAR, 0.5),
        (0 * X, "No gradient arrives at X.", 0.2),
    ]
    expect("the gradient of X through the layer", day["dX"], right["X"], known)
    for name, start in (("gamma", one), ("beta", zero)):
        why = f"{name} has not moved: make it a parameter, self.params.get('{name}', …)."
        after = start - 0.1 * right[name]
        expect(f"{name} after a step of 0.1", day[name], after, [(start, why)])
    for name, before in zip(("moving_mean", "moving_var"), day["averages"]):
        why = "The trainer moved it: give that parameter grad_req='null'."
        if not numpy.array_equal(day[name], before):
            raise Wrong(f"{name} changed in the trainer's step. {why}", credit=0.5)


def survives_saving(BatchNorm: Answer, rng: Any, shape: Shape) -> None:
    r"""A network that was saved and loaded predicts what it predicted before."""
    X = _batch(rng, shape)
    days = _life(BatchNorm, shape, *[("train", X)] * 3, ("predict", X), ("move",), ("predict", X))
    _has_moved(days[2])
    before, after = days[-3], days[-1]
    if numpy.allclose(after["Y"], before["Y"], rtol=1e-4, atol=1e-5):
        return
    mean, var = after["moving_mean"], after["moving_var"]
    message = "A network that was saved and loaded predicts something else."
    if not mean.any():
        why = f"The loaded moving_mean is 0 and moving_var {var.flat[0]:g}, as in a new layer. "
        raise Wrong(f"{message} {why}{MISTAKES['not_saved'].reason} Make them parameters with "
                    "grad_req='null'.")  # fmt: skip
    raise Wrong(f"{message} Is there anything else that the layer has to remember?")


def serves_in_a_network(BatchNorm: Answer, rng: Any, shape: Shape) -> None:
    r"""Dense → BatchNorm, three steps of descent: the weights of both, and the prediction."""
    N, C = shape
    weight = rng.normal(size=(C, 4))
    batches = [(rng.normal(1.0, 2.0, (N, 4)), rng.normal(size=shape)) for _ in range(3)]
    came = BatchNorm.ask(
        "behind_a_dense_layer", made_with=(C, 2), options=_options(), weight=weight,
        batches=batches, lr=0.05,
    )  # fmt: skip
    right = _descent(weight, batches, shape, RIGHT)
    constant = _descent(weight, batches, shape, MISTAKES["constant_statistics"].recipe)
    still = "The layer in front of it has not moved: no gradient passes through the layer."
    no_var = _descent(weight, batches, shape, None)
    known = [
        (constant["weight"], NO_GRADIENT, 0.0),
        (no_var["weight"], OF_MXNETS_VAR, 0.5),
        (weight, still, 0.0),
    ]
    expect("the weight in front of the layer, after three steps", came["weight"], right["weight"],
           known)  # fmt: skip
    for name in ("gamma", "beta", "moving_mean", "moving_var", "prediction"):
        expect(f"{name} after three steps in a network", came[name], right[name], [])


def keeps_no_graph(BatchNorm: Answer, rng: Any, shape: Shape) -> None:
    r"""After recorded forward passes, the averages know nothing of autograd."""
    made_with = (shape[1], len(shape))
    found = BatchNorm.ask(
        "graph_of_averages", made_with=made_with, options=_options(), X=_batch(rng, shape)
    )
    _has_moved(found)
    if found["recorded"]:
        raise Wrong(
            f"{found['recorded'][0]} carries the graph of the batches that went into it: each one "
            "stays in memory. Update it inside `with autograd.pause():`, from .detach()ed "
            "statistics."
        )


def without_that_of_the_variance(X: Any, dY: Any, gamma: Any, eps: float) -> numpy.ndarray:
    r"""∂L/∂X, were the variance a constant and the mean none."""
    axes = tuple(k for k in range(X.ndim) if k != 1)
    scale = gamma / numpy.sqrt(X.var(axis=axes, keepdims=True) + eps)
    return scale * (dY - dY.mean(axis=axes, keepdims=True))


def _life(BatchNorm: Answer, shape: Shape, *days: tuple) -> list[dict]:
    made_with = (shape[1], len(shape))
    return BatchNorm.ask("life_of_a_layer", made_with=made_with, options=_options(), days=days)


def _options() -> dict[str, float]:
    return {"eps": EPS, "momentum": MOMENTUM}


def _gradients(X: Any, dY: Any, gamma: Any, beta: Any, recipe: Recipe) -> dict[str, numpy.ndarray]:
    arrays = {n: np.array(a, dtype="float64") for n, a in zip("Xgb", (X, gamma, beta))}
    for array in arrays.values():
        array.attach_grad()
    zero, one = (np.array(a, dtype="float64") for a in _constants(X.shape))
    with autograd.record():
        affine = arrays["g"], arrays["b"]
        Y = batch_norm(arrays["X"], *affine, zero, one, EPS, MOMENTUM, True, recipe)[0]
    Y.backward(np.array(dY, dtype="float64"))
    names = {"X": "X", "gamma": "g", "beta": "b"}
    return {name: arrays[key].grad.asnumpy() for name, key in names.items()}


def _descent(
    weight: Any, batches: list, shape: Shape, recipe: Recipe | None
) -> dict[str, numpy.ndarray]:
    """Three steps by hand; without a recipe, the variance counts as a constant."""
    zero, one = _constants(shape)
    w, gamma, beta, mean, var = weight, one, zero, zero, one
    for X, dY in batches:
        U = X @ w.T
        d = _gradients(U, dY, gamma, beta, recipe or RIGHT)
        if recipe is None:
            d["X"] = without_that_of_the_variance(U, dY, gamma, EPS)
        mean, var = batch_norm(U, gamma, beta, mean, var, EPS, MOMENTUM)[1:]
        w = w - 0.05 * d["X"].T @ X
        gamma, beta = gamma - 0.05 * d["gamma"], beta - 0.05 * d["beta"]
    prediction = gamma * (batches[0][0] @ w.T - mean) / numpy.sqrt(var + EPS) + beta
    state = {"gamma": gamma, "beta": beta, "moving_mean": mean, "moving_var": var}
    return {**state, "weight": w, "prediction": prediction}


def _has_moved(state: dict) -> None:
    if not state["moving_mean"].any():
        raise Wrong("moving_mean is still 0 after training: there is nothing to look at yet.")


def _batch(rng: Any, shape: Shape) -> numpy.ndarray:
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    return rng.normal(rng.uniform(2, 5, small), rng.uniform(0.5, 2, small), shape)


def _constants(shape: Shape) -> tuple[numpy.ndarray, numpy.ndarray]:
    small = (1, shape[1]) + (1,) * (len(shape) - 2)
    return numpy.zeros(small), numpy.ones(small)
