r"""Assignment 5, family: other index sets.

Written in NumPy here, independently of the package's normalizers.
"""

from __future__ import annotations

from typing import Any

import numpy

from d2l_bn.exercises import Questions, Wrong, expect
from d2l_bn.exercises.asking import Answer, answer, leaves_alone

__all__ = ["asked"]

EPS = 0.3  # large, so that it shows where it stands
Shape = tuple[int, ...]

asked = Questions("family")


def moments(X: numpy.ndarray, axes: Shape) -> tuple[numpy.ndarray, numpy.ndarray]:
    return X.mean(axis=axes, keepdims=True), X.var(axis=axes, keepdims=True)


def normalized(X: numpy.ndarray, axes: Shape, eps: float = EPS) -> numpy.ndarray:
    r"""Mean 0 and, up to ε, variance 1 over ``axes``."""
    mean, var = moments(X, axes)
    return (X - mean) / numpy.sqrt(var + eps)


def mistaken(X: numpy.ndarray, axes: Shape) -> list[tuple[numpy.ndarray, str, float]]:
    r"""The usual wrong results for ``normalized(X, axes)``."""
    (mean, var), m = moments(X, axes), X.size // X.mean(axis=axes).size
    unbiased = var * m / (m - 1) if m > 1 else var
    with numpy.errstate(all="ignore"):
        results = [
            ((X - mean) / (numpy.sqrt(var) + EPS), "ε stands outside the root.", 0.6),
            ((X - mean) / numpy.sqrt(var), "ε is missing.", 0.5),
            (
                (X - mean) / numpy.sqrt(unbiased + EPS),
                "The variance divides by m - 1; here it divides by m.",
                0.6,
            ),
            ((X - mean) / (var + EPS), "The root is missing.", 0.3),
            (
                X - mean / numpy.sqrt(var + EPS),
                "A parenthesis is missing: it is (X - mean) / sqrt(var + eps).",
                0.5,
            ),
            (X - mean, "The division by the deviation is missing.", 0.3),
        ]
    others = tuple(k for k in range(X.ndim) if k not in axes)
    complement = "These are the statistics over the other axes: the given ones collapse."
    return [*results, (normalized(X, others), complement, 0.2)]


def images(rng: numpy.random.Generator, shape: Shape) -> numpy.ndarray:
    r"""Each channel of each example has a mean and a deviation of its own."""
    small = shape[:2] + (1,) * (len(shape) - 2)
    return rng.normal(rng.uniform(-4, 4, small), rng.uniform(0.5, 2, small), shape)


def normalize_is_right(normalize: Answer, rng: Any, shape: Shape, axes: Shape) -> None:
    r"""``normalize(X, axes, eps)``, what all of the family have in common."""
    X = images(rng, shape)
    result = answer(normalize, X, axes, EPS)
    expect(f"normalize(X {shape}, axes={axes})", result, normalized(X, axes), mistaken(X, axes))


def argument_stays(normalize: Answer, rng: Any, shape: Shape, axes: Shape) -> None:
    r"""It computes, and leaves X as it was."""
    normalize_is_right(normalize, rng, shape, axes)
    leaves_alone(normalize, images(rng, shape), axes, EPS)


def grouped(X: numpy.ndarray, groups: int) -> numpy.ndarray:
    r"""(N, C, H, W) as (N, G, C/G, H, W)."""
    N, C, H, W = X.shape
    return X.reshape(N, groups, C // groups, H, W)


def group_norm_is_right(group_norm: Answer, rng: Any, shape: Shape, groups: int) -> None:
    r"""``group_norm(X, num_groups, gamma, beta, eps)``; γ and β for each channel."""
    X, (_, C, H, W) = images(rng, shape), shape
    gamma, beta = rng.uniform(0.5, 2, (1, C, 1, 1)), rng.normal(size=(1, C, 1, 1))
    result = answer(group_norm, X, groups, gamma, beta, EPS)

    def affine(X_hat: numpy.ndarray) -> numpy.ndarray:
        return gamma * X_hat.reshape(shape) + beta

    right = normalized(grouped(X, groups), (2, 3, 4))
    strided = X.reshape(shape[0], C // groups, groups, H, W)
    with numpy.errstate(all="ignore"):
        batch_too = normalized(grouped(X, groups), (0, 2, 3, 4))
    reasons = [
        (right.reshape(shape), "γ and β are missing.", 0.6),
        (gamma * (right.reshape(shape) + beta), "β is added before the product with γ.", 0.6),
        (
            affine(normalized(strided, (1, 3, 4))),
            f"A group is C/G = {C // groups} channels in a row: reshape to (N, G, C/G, H, W), not "
            "to (N, C/G, G, H, W).",
            0.4,
        ),
        (affine(batch_too), "N is among the axes: each example is normalized by itself.", 0.4),
        (affine(normalized(X, (2, 3))), "Each channel is normalized by itself (instance norm): the "
         "C/G channels of a group share one mean.", 0.3),
        (affine(normalized(X, (1, 2, 3))), "All channels share one mean (layer norm): each group "
         "has its own.", 0.3),
        (affine(normalized(X, (0, 2, 3))), "This is batch normalization.", 0.1),
        (affine(normalized(grouped(X, groups), (2,))), "The mean runs over H and W, too.", 0.3),
    ]  # fmt: skip
    reasons += [(affine(w), why, c) for w, why, c in mistaken(grouped(X, groups), (2, 3, 4))]
    if C != groups and C // groups != groups:
        swapped = X.reshape(shape[0], C // groups, groups, H, W)
        why = "num_groups is the number of groups, not of the channels in one."
        reasons.insert(0, (affine(normalized(swapped, (2, 3, 4))), why, 0.4))
    expect(f"X {shape} in {groups} groups", result, affine(right), reasons)


def standardize_is_right(standardize_weight: Answer, rng: Any, shape: Shape) -> None:
    r"""``standardize_weight(W, eps)`` of (O, I, kH, kW): each filter by itself."""
    W = images(rng, shape)
    W[: shape[0] // 2 + 1] += rng.normal(0, 3, (shape[0] // 2 + 1, 1, 1, 1))
    reasons = [
        (normalized(W, (2, 3)), "I is missing among the axes: a filter is (I, kH, kW).", 0.4),
        (normalized(W, (0, 2, 3)), "The statistics are those of an input channel; each *output* "
         "filter has its own: axis 0 stays.", 0.3),
        (normalized(W, (0, 1, 2, 3)), "All filters share one mean: each has its own.", 0.3),
        (normalized(W, (0,)), "Axis 0, the filters, is the one that stays.", 0.2),
        (normalized(W, (1,)), "kH and kW are missing among the axes.", 0.3),
    ]  # fmt: skip
    reasons += mistaken(W, (1, 2, 3))
    result = answer(standardize_weight, W, EPS)
    expect(f"standardize_weight(W {shape})", result, normalized(W, (1, 2, 3)), reasons)


def adain_is_right(adain: Answer, rng: Any, shape: Shape, style_shape: Shape) -> None:
    r"""``adain(content, style, eps)``; heights and widths may differ."""
    x, y = images(rng, shape), images(rng, style_shape)
    result = answer(adain, x, y, EPS)

    def restyled(axes: Shape, x: numpy.ndarray, y: numpy.ndarray) -> numpy.ndarray:
        mean, var = moments(y, axes)
        return numpy.sqrt(var + EPS) * normalized(x, axes) + mean

    mean, var = moments(y, (2, 3))
    x_hat = normalized(x, (2, 3))
    reasons = [
        (restyled((2, 3), y, x), "Content and style are exchanged.", 0.4),
        (restyled((0, 2, 3), x, y), "N is among the axes: each image has its own statistics.", 0.4),
        (
            restyled((1, 2, 3), x, y),
            "C is among the axes: each channel has its own.",
            0.4,
        ),
        (numpy.sqrt(var + EPS) * x_hat, "The mean of the style is missing.", 0.5),
        (x_hat + mean, "The deviation of the style is missing.", 0.5),
        (var * x_hat + mean, "The scale is the deviation of the style, not its variance.", 0.5),
        (numpy.sqrt(var) * x_hat + mean, "σ(style), too, has ε inside the root.", 0.7),
        (numpy.sqrt(var + EPS) * x + mean, "The content is not normalized.", 0.2),
        *((numpy.sqrt(var + EPS) * w + mean, why, c) for w, why, c in mistaken(x, (2, 3))),
    ]
    expected = numpy.sqrt(var + EPS) * x_hat + mean
    expect(f"adain(content {shape}, style {style_shape})", result, expected, reasons)


def identity_is_right(adain: Answer, rng: Any, shape: Shape) -> None:
    r"""With its own statistics an image stays what it is, exactly: ε cancels."""
    adain_is_right(adain, rng, shape, shape)
    x = images(rng, shape)
    why = "The two deviations must be computed alike, sqrt(var + eps)."
    result = answer(adain, x, x, EPS)
    if not numpy.allclose(result, x, rtol=1e-3, atol=1e-4):
        difference = abs(numpy.asarray(result) - x).max() if result.shape == x.shape else "a shape"
        raise Wrong(f"adain(x, x) is not x; the largest difference is {difference:.4g}. {why}")


@asked.add("normalize", "rows, channels, examples")
def _(normalize, rng):
    for shape, axes in (((4, 3), (0,)), ((2, 3, 2, 2), (0, 2, 3)), ((2, 3, 2, 2), (1, 2, 3))):
        normalize_is_right(normalize, rng, shape, axes)


@asked.add("normalize", "leaves X as it was")
def _(normalize, rng):
    argument_stays(normalize, rng, (3, 4), (0,))


@asked.add("group_norm", "six channels in two and in three groups", lent=("normalize",))
def _(group_norm, rng):
    for groups in (2, 3):
        group_norm_is_right(group_norm, rng, (2, 6, 3, 2), groups)


@asked.add("group_norm", "its relatives: one group, as many as channels", lent=("normalize",))
def _(group_norm, rng):
    for groups in (1, 4):
        group_norm_is_right(group_norm, rng, (2, 4, 2, 3), groups)


@asked.add("standardize_weight", "filters of (2, 3, 3)", lent=("normalize",))
def _(standardize_weight, rng):
    standardize_is_right(standardize_weight, rng, (4, 2, 3, 3))


@asked.add("adain", "content and style of one size", lent=("normalize",))
def _(adain, rng):
    adain_is_right(adain, rng, (2, 3, 3, 2), (2, 3, 3, 2))


@asked.add("adain", "its own style", lent=("normalize",))
def _(adain, rng):
    identity_is_right(adain, rng, (2, 3, 3, 2))
