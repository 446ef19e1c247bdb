r"""Batch normalization with its decisions laid open: the right ones, and the usual wrong ones.

A :class:`Recipe` lists everything that one can decide while writing the layer; the defaults are
right. One changed decision is one mistake. The same mistakes serve three times: to name the likely
reason of a wrong answer, to give it the credit that it deserves, and as the specimens of the bug
zoo (:mod:`d2l_bn.exercises.bug_zoo`).

:func:`batch_norm` is written independently of the package's and takes NumPy arrays as well as
``mx.np`` arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

__all__ = ["MISTAKES", "RIGHT", "Mistake", "Recipe", "batch_norm"]


@dataclass(frozen=True)
class Recipe:
    """The decisions; see the comments for the alternatives."""

    # in the function
    axes_2d: tuple[int, ...] = (0,)
    axes_4d: tuple[int, ...] = (0, 2, 3)
    variance: str = "biased"  # or "unbiased"
    eps: str = "inside"  # the root; or "outside", "missing"
    root: bool = True  # False: divides by the variance
    affine: str = "scale, shift"  # or "shift, scale", "none"
    momentum: str = "of the old"  # or "of the new"
    averaged: str = "variance"  # or "deviation", "unbiased"
    statistics: str = "of the mode"  # or "of the batch", "of the average"
    constant: bool = False  # True: no gradient through the statistics

    # in the Block
    gamma: str = "trained"  # or "fixed"
    averages: str = "parameters"  # or "attributes"
    recorded: bool = False  # True: the averages carry the autograd graph
    first_variance: float = 1.0
    moves: str = "in training"  # or "always"

    # around it
    bias: bool = False  # True: the layer in front keeps its bias
    step: str = "of this batch"  # or "of the first batch"
    predicts: str = "in prediction mode"  # or "in training mode"


class Mistake(NamedTuple):
    """One wrong decision: the recipe, why one may have come to it, and what it still is worth."""

    recipe: Recipe
    reason: str
    credit: float = 0.0


RIGHT = Recipe()


def _mistake(reason: str, credit: float = 0.0, **decision: Any) -> Mistake:
    return Mistake(replace(RIGHT, **decision), reason, credit)


MISTAKES: dict[str, Mistake] = {
    "eps_outside": _mistake(
        "ε stands outside the root: it is sqrt(var + eps), not sqrt(var) + eps.", 0.6, eps="outside"
    ),
    "eps_missing": _mistake("ε is missing: divide by sqrt(var + eps).", 0.5, eps="missing"),
    "unbiased": _mistake(
        "The variance divides by m - 1; batch normalization divides by m.",
        0.6,
        variance="unbiased",
    ),
    "no_root": _mistake("The root is missing: divide by sqrt(var + eps).", 0.3, root=False),
    "shift_first": _mistake(
        "β is added before the product with γ: it is gamma * X_hat + beta.",
        0.5,
        affine="shift, scale",
    ),
    "no_affine": _mistake(
        "These are the normalized values; γ and β are missing: gamma * X_hat + beta.",
        0.5,
        affine="none",
    ),
    "pooled": _mistake(
        "The mean runs over all numbers, channels included: each channel has its own.",
        0.2,
        axes_2d=(0, 1),
        axes_4d=(0, 1, 2, 3),
    ),
    "per_example": _mistake(
        "The statistics are those of each example over its features (that is layer "
        "normalization); here axis 0 is the one that collapses.",
        0.2,
        axes_2d=(1,),
        axes_4d=(1, 2, 3),
    ),
    "per_image": _mistake(
        "The statistics are those of each image alone (that is instance normalization); the mean "
        "of a channel runs over N, too: axis=(0, 2, 3).",
        0.3,
        axes_4d=(2, 3),
    ),
    "per_pixel": _mistake(
        "Each pixel has a mean of its own: with 4 axes the mean runs over N, H and W, "
        "axis=(0, 2, 3).",
        0.3,
        axes_4d=(0,),
    ),
    "momentum_swapped": _mistake(
        "The momentum weights the new value; here it weights the old one: "
        "momentum * old + (1 - momentum) * batch.",
        0.5,
        momentum="of the new",
    ),
    "deviation_averaged": _mistake(
        "The average takes sqrt(var); it is to take the variance.", 0.3, averaged="deviation"
    ),
    "unbiased_averaged": _mistake(
        "The average takes the unbiased variance, as in PyTorch; here it takes the biased one.",
        0.6,
        averaged="unbiased",
    ),
    "batch_in_prediction": _mistake(
        "In prediction mode it still uses the statistics of the batch; the moving averages belong "
        "there: ask autograd.is_training().",
        0.0,
        statistics="of the batch",
    ),
    "average_in_training": _mistake(
        "In training mode it uses the moving averages; the statistics of the batch belong there.",
        0.0,
        statistics="of the average",
    ),
    "constant_statistics": _mistake(
        "No gradient flows through the mean and the variance.", constant=True
    ),
    "gamma_fixed": _mistake("γ is not trained.", gamma="fixed"),
    "not_saved": _mistake(
        "The moving averages are plain attributes, which save_parameters does not write.",
        averages="attributes",
    ),
    "recorded": _mistake("The moving averages carry the graph of past batches.", recorded=True),
    "starts_at_zero": _mistake("The moving variance starts at 0, not 1.", first_variance=0.0),
    "moves_in_prediction": _mistake("The averages move in prediction, too.", moves="always"),
    "bias_kept": _mistake("The layer in front keeps a bias that the mean removes.", bias=True),
    "wrong_step": _mistake(
        "The gradient of each batch is divided by the size of the first one.",
        step="of the first batch",
    ),
    "evaluated_in_training": _mistake(
        "Predictions are made in training mode.", predicts="in training mode"
    ),
}


def batch_norm(
    X: Any,
    gamma: Any,
    beta: Any,
    moving_mean: Any,
    moving_var: Any,
    eps: float = 1e-5,
    momentum: float = 0.9,
    training: bool = True,
    recipe: Recipe = RIGHT,
) -> tuple[Any, Any, Any]:
    r"""``(Y, new_mean, new_var)`` by a recipe; shapes as for :func:`d2l_bn.batch_norm`.

    >>> import numpy
    >>> X, one, zero = numpy.array([[0.0], [2.0]]), numpy.ones((1, 1)), numpy.zeros((1, 1))
    >>> batch_norm(X, one, zero, zero, one, eps=3.0)[0].tolist()
    [[-0.5], [0.5]]
    >>> outside = MISTAKES["eps_outside"].recipe
    >>> batch_norm(X, one, zero, zero, one, eps=3.0, recipe=outside)[0].tolist()
    [[-0.25], [0.25]]
    """
    axes = recipe.axes_2d if X.ndim == 2 else recipe.axes_4d
    from_batch = {"of the mode": training, "of the batch": True, "of the average": False}
    mean, var = moving_mean, moving_var
    if training or from_batch[recipe.statistics]:
        batch_mean = X.mean(axis=axes, keepdims=True)
        batch_var = ((X - batch_mean) ** 2).mean(axis=axes, keepdims=True)
        m = X.size // batch_mean.size
        unbiased = batch_var * m / (m - 1) if m > 1 else batch_var * float("nan")
        if recipe.variance == "unbiased":
            batch_var = unbiased
        if recipe.constant:
            batch_mean, batch_var = batch_mean.detach(), batch_var.detach()
        if from_batch[recipe.statistics]:
            mean, var = batch_mean, batch_var
    if recipe.eps == "inside":
        var = var + eps
    scale = var**0.5 if recipe.root else var
    if recipe.eps == "outside":
        scale = scale + eps
    Y = (X - mean) / scale
    if recipe.affine == "scale, shift":
        Y = gamma * Y + beta
    elif recipe.affine == "shift, scale":
        Y = gamma * (Y + beta)
    if not training:
        return Y, moving_mean, moving_var
    averaged = {"variance": batch_var, "deviation": batch_var**0.5, "unbiased": unbiased}
    old = momentum if recipe.momentum == "of the old" else 1 - momentum
    new_mean = old * moving_mean + (1 - old) * _of_channels(batch_mean)
    new_var = old * moving_var + (1 - old) * _of_channels(averaged[recipe.averaged])
    return Y, new_mean, new_var


def _of_channels(statistic: Any) -> Any:
    """Of a mistaken shape, too: (N, C, 1, 1) as (1, C, 1, 1)."""
    others = tuple(axis for axis in range(statistic.ndim) if axis != 1)
    return statistic.mean(axis=others, keepdims=True)
