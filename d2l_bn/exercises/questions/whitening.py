r"""Assignment 7, whitening (optional): the full covariance instead of the variances alone.

What is expected comes from an eigenvalue decomposition in float64; the gradient, from Newton's
iteration in float64.
"""

from __future__ import annotations

from typing import Any

import numpy
from mxnet import autograd, np

from d2l_bn.exercises import Questions, Wrong, expect
from d2l_bn.exercises.asking import Answer, answer, gradients_of

__all__ = ["asked"]

EPS, MOMENTUM = 0.3, 0.75
STATE = ("moving_mean", "moving_cov")
LENT = ("whiten",)

asked = Questions("whitening")


def rows(rng: numpy.random.Generator, N: int, C: int) -> numpy.ndarray:
    r"""N examples of C features that go together."""
    mixing = numpy.eye(C) + rng.uniform(-0.5, 0.5, (C, C))
    return rng.normal(size=(N, C)) @ mixing + rng.uniform(-3, 3, C)


def statistics(X: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    r"""The mean, (1, C), and the biased covariance, (C, C)."""
    mean = X.mean(axis=0, keepdims=True)
    return mean, (X - mean).T @ (X - mean) / len(X)


def power(A: numpy.ndarray, exponent: float) -> numpy.ndarray:
    r"""Of a symmetric matrix.

    >>> power(numpy.diag([4.0, 9.0]), -0.5).round(3).tolist()
    [[0.5, 0.0], [0.0, 0.333]]
    """
    values, vectors = numpy.linalg.eigh(A)
    return (vectors * values**exponent) @ vectors.T


def whitened(X: numpy.ndarray, mean: numpy.ndarray, cov: numpy.ndarray) -> numpy.ndarray:
    r"""(X - μ)(Σ + εI)^(-1/2)."""
    return (X - mean) @ power(cov + EPS * numpy.eye(len(cov)), -0.5)


def known_mistakes(X: numpy.ndarray, mean: Any, cov: Any) -> list[tuple]:
    r"""The usual wrong results."""
    one, N = numpy.eye(len(cov)), len(X)
    centred = X - mean
    values, vectors = numpy.linalg.eigh(cov + EPS * one)
    cholesky = numpy.linalg.inv(numpy.linalg.cholesky(cov + EPS * one))
    turned = "It is white, and turned: expected is the symmetric root, which turns nothing (ZCA)."
    return [
        (centred / numpy.sqrt(numpy.diag(cov) + EPS), "These are the variances alone (batch "
         "normalization): the features still go together.", 0.2),
        (centred @ power(cov + EPS * one, -1), "The root is missing.", 0.4),
        (centred @ power(cov + EPS * one, 0.5), "The inverse is missing.", 0.4),
        (centred @ power(cov * N / max(N - 1, 1) + EPS * one, -0.5), "It divides by N - 1.", 0.7),
        (centred @ (power(cov, -0.5) if N > len(cov) else one), "ε is missing.", 0.6),
        (X @ power(cov + EPS * one, -0.5), "The mean is not subtracted.", 0.3),
        (centred @ vectors / numpy.sqrt(values), turned, 0.5),
        (centred @ cholesky.T, turned, 0.5),
    ]  # fmt: skip


def whiten_is_right(whiten: Answer, rng: Any, N: int, C: int) -> None:
    r"""``whiten(X, eps)``."""
    X = rows(rng, N, C)
    mean, cov = statistics(X)
    right = whitened(X, mean, cov)
    what = f"whiten(X {X.shape}, {EPS})"
    expect(what, answer(whiten, X, EPS), right, known_mistakes(X, mean, cov), 5e-3, 1e-3)


def gradient_is_right(whiten: Answer, rng: Any, N: int, C: int) -> None:
    r"""∂L/∂X by autograd: X acts through the mean and the covariance, too."""
    X, dY = rows(rng, N, C), rng.normal(size=(N, C))
    (came,) = gradients_of(whiten, X, EPS, upstream=dY)
    mean, cov = statistics(X)
    constant = dY @ power(cov + EPS * numpy.eye(C), -0.5)
    why = (
        "No gradient flows through the covariance. (MXNet's eigh and svd may hand none back: "
        "Newton's iteration, which is made of products, does.)"
    )
    known = [
        (constant, why, 0.3),
        (constant - constant.mean(axis=0), why, 0.3),
        (0 * X, "No gradient arrives at X.", 0.0),
    ]
    expect("the gradient of X, by autograd", came, _gradient(X, dY), known, 2e-2, 2e-3)


def _gradient(given: numpy.ndarray, dY: numpy.ndarray) -> numpy.ndarray:
    X, one = np.array(given, dtype="float64"), np.eye(given.shape[1], dtype="float64")
    X.attach_grad()
    with autograd.record():
        centred = X - X.mean(axis=0, keepdims=True)
        A = np.dot(centred.T, centred) / len(X) + EPS * one
        size = (A * A).sum() ** 0.5
        Y, Z = A / size, one
        for _ in range(40):
            T = 1.5 * one - 0.5 * np.dot(Z, Y)
            Y, Z = np.dot(Y, T), np.dot(T, Z)
        white = np.dot(centred, Z / size**0.5)
    white.backward(np.array(dY, dtype="float64"))
    return X.grad.asnumpy()


def trains(Whitening: Answer, rng: Any, N: int, C: int) -> None:
    r"""The output in training, and the averages after two batches."""
    batches = [rows(rng, N, C) for _ in range(2)]
    days = _life(Whitening, C, *(("train", X) for X in batches))
    mean, cov = numpy.zeros((1, C)), numpy.eye(C)
    other = [mean, cov]  # with the weights exchanged
    for X, day in zip(batches, days):
        of_batch = statistics(X)
        known = [
            (whitened(X, mean, cov), "In training it uses the averages.", 0.0),
            *known_mistakes(X, *of_batch),
        ]
        expect("the output in training", day["Y"], whitened(X, *of_batch), known, 5e-3, 1e-3)
        other = [(1 - MOMENTUM) * a + MOMENTUM * b for a, b in zip(other, of_batch)]
        mean = MOMENTUM * mean + (1 - MOMENTUM) * of_batch[0]
        cov = MOMENTUM * cov + (1 - MOMENTUM) * of_batch[1]
    still = "It has not moved: keep what training sees."
    swapped = "The momentum weights the new value; here it weights the old one."
    for name, right, wrong in zip(STATE, (mean, cov), other):
        known = [
            (numpy.zeros((1, C)) if name == "moving_mean" else numpy.eye(C), still, 0.3),
            (wrong, swapped, 0.5),
        ]
        expect(f"{name} after two batches", days[-1][name], right, known, 1e-3, 1e-4)


def predicts(Whitening: Answer, rng: Any, N: int, C: int) -> None:
    r"""It uses the averages, and leaves them."""
    X = rows(rng, N, C)
    trained, later = _life(Whitening, C, ("train", rows(rng, N + 4, C)), ("predict", X))
    mean, cov = (trained[name].astype("float64") for name in STATE)
    known = [(whitened(X, *statistics(X)), "These are the statistics of the batch.", 0.0)]
    expect("the output in prediction", later["Y"], whitened(X, mean, cov), known, 5e-3, 1e-3)
    for name in STATE:
        if not numpy.array_equal(later[name], trained[name]):
            raise Wrong(f"{name} moved in a prediction.", credit=0.5)


def survives_saving(Whitening: Answer, rng: Any, N: int, C: int) -> None:
    r"""Saved and loaded, it predicts what it predicted before."""
    X = rows(rng, N, C)
    days = _life(Whitening, C, *[("train", X)] * 2, ("predict", X), ("move",), ("predict", X))
    if not days[1]["moving_mean"].any():
        raise Wrong("moving_mean is still 0 after training: there is nothing to look at yet.")
    if not numpy.allclose(days[-1]["Y"], days[2]["Y"], rtol=1e-3, atol=1e-4):
        raise Wrong("Saved and loaded, it predicts something else: make the averages parameters "
                    "with grad_req='null'.")  # fmt: skip


def _life(Whitening: Answer, C: int, *days: tuple) -> list[dict]:
    options = {"eps": EPS, "momentum": MOMENTUM}
    return Whitening.ask("life_of_a_layer", made_with=(C,), options=options, days=days, names=STATE)


@asked.add("whiten", "X of shape (8, 3)")
def _(whiten, rng):
    whiten_is_right(whiten, rng, 8, 3)


@asked.add("whiten", "the gradient by autograd")
def _(whiten, rng):
    gradient_is_right(whiten, rng, 6, 3)


@asked.add("layer", "training: the output, and the averages move", lent=LENT)
def _(Whitening, rng):
    trains(Whitening, rng, 8, 3)


@asked.add("layer", "prediction: uses the averages, and leaves them", lent=LENT)
def _(Whitening, rng):
    predicts(Whitening, rng, 8, 3)


@asked.add("layer", "the averages survive saving", lent=LENT)
def _(Whitening, rng):
    survives_saving(Whitening, rng, 8, 3)
