r"""Assignment 1, shapes: axis, keepdims, broadcasting.

The functions ``*_is_right`` are the questions; the hidden ones ask of other shapes.
"""

from __future__ import annotations

from typing import Any

import numpy

from d2l_bn.exercises import Questions, Wrong, expect
from d2l_bn.exercises.asking import Answer, answer, leaves_alone
from d2l_bn.exercises.guard import Rules

__all__ = ["asked"]

Shape = tuple[int, ...]

NO_ARRAYS = Rules(arrays=False)  # to predict a shape is arithmetic on tuples

asked = Questions("shapes")


def reduced(shape: Shape, axes: Shape, keepdims: bool) -> Shape:
    r"""The shape of a mean over ``axes``.

    >>> reduced((2, 3, 4), (0, 2), True), reduced((2, 3, 4), (0, 2), False)
    ((1, 3, 1), (3,))
    """
    kept = ((k, 1 if k in axes else n) for k, n in enumerate(shape))
    return tuple(n for k, n in kept if keepdims or k not in axes)


def mean_shape_is_right(mean_shape: Answer, shape: Shape, axis: Any, keepdims: bool) -> None:
    r"""Of one array; ``axis`` is a number or a tuple."""
    axes = axis if isinstance(axis, tuple) else (axis,)
    others = tuple(k for k in range(len(shape)) if k not in axes)
    fate = "stays, with length 1" if keepdims else "goes away"
    expect(
        f"mean_shape({shape}, axis={axis}, keepdims={keepdims})",
        mean_shape.ask("returns", rules=NO_ARRAYS, arguments=(shape, axis, keepdims)),
        reduced(shape, axes, keepdims),
        [
            (reduced(shape, axes, not keepdims), f"keepdims is {keepdims}: such an axis {fate}."),
            (reduced(shape, others, keepdims), "The axis that you name is the one that collapses."),
            (list(reduced(shape, axes, keepdims)), "A shape is a tuple; this is a list."),
        ],
    )


def some_shape(rng: numpy.random.Generator, rank: int) -> Shape:
    r"""Of ``rank`` different lengths from 2 to 9."""
    return tuple(int(n) for n in rng.permutation(numpy.arange(2, 10))[:rank])


def mean_shapes_are_right(mean_shape: Answer, rng: Any, rank: int, count: int) -> None:
    r"""``count`` axes of ``rank``, with keepdims and without; a number for a single axis."""
    for keepdims in (False, True, False, True):
        axes = tuple(sorted(int(k) for k in rng.permutation(rank)[:count]))
        shape, axis = some_shape(rng, rank), axes[0] if count == 1 else axes
        mean_shape_is_right(mean_shape, shape, axis, keepdims)


def broadcast(a: Shape, b: Shape) -> Shape | None:
    r"""The shape of A + B, or None.

    >>> broadcast((5, 1, 4), (3, 1)), broadcast((2, 3), (2,))
    ((5, 3, 4), None)
    """
    rank = max(len(a), len(b))
    pairs = list(zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b))
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        return None
    return tuple(n if m == 1 else m for m, n in pairs)


def broadcast_shape_is_right(broadcast_shape: Answer, a: Shape, b: Shape) -> None:
    r"""Of two shapes."""
    expected, result = (
        broadcast(a, b),
        broadcast_shape.ask("returns", rules=NO_ARRAYS, arguments=(a, b)),
    )
    if result == expected and type(result) is type(expected):
        return
    from_left = broadcast(a[::-1], b[::-1])
    if expected is None:
        why = "Two lengths differ and neither is 1: these do not go together."
    elif result is None:
        why = "They do go together: from the right, lengths are equal, or one is 1 or missing."
    elif isinstance(result, list):
        why = "A shape is a tuple."
    elif from_left is not None and result == from_left[::-1]:
        why = "Shapes are aligned at their last axes, not at their first."
    else:
        why = "Align them at the right; of two lengths, the one that is not 1 counts."
    raise Wrong(f"broadcast_shape({a}, {b}): expected `{expected}`, got `{result!r}`. {why}")


def same_rank_is_right(broadcast_shape: Answer, rng: Any, rank: int) -> None:
    r"""Axes of length 1 on either side."""
    for _ in range(4):
        shape, ones = some_shape(rng, rank), rng.integers(0, 3, rank)
        a = tuple(1 if one == 0 else n for n, one in zip(shape, ones))
        b = tuple(1 if one == 1 else n for n, one in zip(shape, ones))
        broadcast_shape_is_right(broadcast_shape, a, b)


def other_rank_is_right(broadcast_shape: Answer, rng: Any, rank: int) -> None:
    r"""One of them has fewer axes, once the first and once the second."""
    for short in range(1, rank):
        shape = some_shape(rng, rank)
        broadcast_shape_is_right(broadcast_shape, shape, shape[-short:])
        broadcast_shape_is_right(broadcast_shape, (1,) + shape[-short:][1:], shape)


def refusal_is_right(broadcast_shape: Answer, rng: Any, rank: int) -> None:
    r"""Lengths that do not go together, and a pair that would if aligned at the left."""
    a = some_shape(rng, rank)
    broadcast_shape_is_right(broadcast_shape, a, a[:-1] + (a[-1] + 1,))
    broadcast_shape_is_right(broadcast_shape, a, a[:-1])
    broadcast_shape_is_right(broadcast_shape, a, a)


def centre_is_right(centre: Answer, rng: Any, shape: Shape, axis: Any) -> None:
    r"""X - mean for one shape and axis (a number or a tuple)."""
    X = rng.normal(2.0, 3.0, shape)
    reasons = [(X - X.mean(), "The mean runs over all numbers: give mean() the axis.", 0.2)]
    lost = X.mean(axis=axis)
    if broadcast(X.shape, lost.shape) == X.shape:
        why = (
            "Without keepdims=True the means are laid along the wrong axis; since the lengths "
            "are equal, broadcasting does not complain."
        )
        reasons.insert(0, (X - lost, why, 0.4))
    for other in range(len(shape)):
        why = f"The mean runs along axis {other}; asked for is axis={axis}."
        reasons.append((X - X.mean(axis=other, keepdims=True), why, 0.2))
    expected = X - X.mean(axis=axis, keepdims=True)
    expect(f"centre(X, axis={axis}), X {shape}", answer(centre, X, axis), expected, reasons)


def argument_stays(centre: Answer, rng: Any, shape: Shape, axis: int) -> None:
    r"""It computes, and leaves X as it was."""
    centre_is_right(centre, rng, shape, axis)
    leaves_alone(centre, rng.normal(2.0, 3.0, shape), axis)


def channel_mean_is_right(channel_mean: Answer, rng: Any, shape: Shape) -> None:
    r"""The mean of each channel, as (1, C, 1, 1)."""
    X = rng.normal(rng.uniform(-5, 5, shape[:2] + (1, 1)), 1.0, shape)
    reasons = [
        (X.mean(axis=(0, 2, 3)), "The numbers are right: keep the axes, keepdims=True.", 0.6),
        (
            X.mean(axis=(2, 3), keepdims=True),
            "These are the means of each image alone; a channel's mean runs over N, too.",
            0.3,
        ),
        (X.mean(axis=(2, 3)), "The mean runs over N, too; and keep the axes.", 0.2),
        (X.mean(axis=0, keepdims=True), "The mean runs over H and W, too.", 0.3),
        (X.mean(axis=1, keepdims=True), "Axis 1, the channels, is the one that stays.", 0.2),
    ]
    expected = X.mean(axis=(0, 2, 3), keepdims=True)
    expect(f"X {shape}, the mean of each channel", answer(channel_mean, X), expected, reasons)


def check_images_is_right(check_images: Answer, rng: Any, channels: int) -> None:
    r"""Passes what fits, refuses the rest by a ValueError that names the shape."""
    n, h, w = (int(k) for k in rng.integers(2, 6, 3))

    def refusal(shape: Shape) -> dict[str, Any] | None:
        arguments = (numpy.zeros(shape), channels)
        return check_images.ask("raises", arguments=arguments, dtype="float32")

    fits = (n, channels, h, w)
    error = refusal(fits)
    if error:
        words = f"{error['types'][0]}: {error['words']}"
        raise Wrong(f"It refuses {fits} for {channels} channels: {words}")
    for shape in ((n, channels), (n, channels + 1, h, w), (n, channels + 2, w, channels)):
        error = refusal(shape)
        if error is None:
            raise Wrong(f"It accepts X of shape {shape} for {channels} channels.")
        if "AssertionError" in error["types"]:
            why = "It fails by assert, which `python -O` leaves out: raise ValueError."
            raise Wrong(why, credit=0.5)
        if "ValueError" not in error["types"]:
            came = f"{error['types'][0]}: {error['words']}"
            raise Wrong(f"For X of shape {shape} it raises {came}; expected a ValueError.", 0.3)
        if str(shape) not in error["words"]:
            raise Wrong(
                f"The error for X of shape {shape} says {error['words']!r}; expected that it names "
                "the shape that came, so that a reader can find the mistake.",
                credit=0.5,
            )


@asked.add("mean_shape", "one axis of three")
def _(mean_shape, rng):
    mean_shapes_are_right(mean_shape, rng, rank=3, count=1)


@asked.add("mean_shape", "two axes of three")
def _(mean_shape, rng):
    mean_shapes_are_right(mean_shape, rng, rank=3, count=2)


@asked.add("broadcast_shape", "two axes each")
def _(broadcast_shape, rng):
    same_rank_is_right(broadcast_shape, rng, rank=2)


@asked.add("broadcast_shape", "three axes and fewer")
def _(broadcast_shape, rng):
    other_rank_is_right(broadcast_shape, rng, rank=3)


@asked.add("broadcast_shape", "shapes that do not go together")
def _(broadcast_shape, rng):
    refusal_is_right(broadcast_shape, rng, rank=2)


@asked.add("centre", "the columns of X (4, 3)")
def _(centre, rng):
    centre_is_right(centre, rng, (4, 3), 0)


@asked.add("centre", "the rows of a square X")
def _(centre, rng):
    centre_is_right(centre, rng, (4, 4), 1)


@asked.add("centre", "X stays as it was")
def _(centre, rng):
    argument_stays(centre, rng, (4, 3), 0)


@asked.add("channel_mean", "X (4, 3, 2, 5)")
def _(channel_mean, rng):
    channel_mean_is_right(channel_mean, rng, (4, 3, 2, 5))


@asked.add("check_images", "fits and misfits")
def _(check_images, rng):
    check_images_is_right(check_images, rng, channels=3)
