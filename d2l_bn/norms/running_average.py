r"""The moving average of the statistics, and the one place that states the momentum convention.

**Momentum weights the old value**, in the whole package as in MXNet and in the chapter:

.. math::
    \text{new} = m \cdot \text{old} + (1 - m) \cdot \text{batch}, \qquad m = 0.9

PyTorch writes :math:`(1 - m)\,\text{old} + m\,\text{batch}` with :math:`m = 0.1`: the same average,
another name for the weight. :func:`to_pytorch` and :func:`from_pytorch` convert.

It has nothing to do with the momentum of an optimizer (:class:`d2l_bn.descent.Momentum`), which
adds up gradients to change the weights. This one averages statistics, changes no weight, and
matters only in prediction.

Source: Ioffe & Szegedy 2015, arXiv:1502.03167, Algorithm 2 and section 3.1, where moving averages
stand in for the statistics of the whole training set.
"""

from __future__ import annotations

from typing import Any

from mxnet import np

from d2l_bn._support.arguments import check_count, check_number


def running_average(old: Any, new: Any, momentum: float) -> Any:
    r"""Move the average ``old`` towards the batch statistic ``new``.

    .. math:: m \cdot \text{old} + (1 - m) \cdot \text{new}

    Arguments:
        old: the average so far, an ``mx.np`` array of any shape, or a number. It is not written to.
        new: the statistic of this batch, of the same shape. It should carry no autograd graph
            (``.detach()``): an average that carries one keeps every batch in memory.
        momentum: :math:`m` in [0, 1], the weight of the *old* value.

    Returns:
        A new array of the same shape and dtype, or a number.

    Raises:
        TypeError: a momentum that is not a number.
        ValueError: a momentum outside [0, 1] or NaN, or two different shapes.

    Source: see the module.

    >>> running_average(np.array([0.0, 1.0]), np.array([10.0, 3.0]), momentum=0.75)
    array([2.5, 1.5])
    """
    check_momentum(momentum)
    old_shape, new_shape = getattr(old, "shape", ()), getattr(new, "shape", ())
    if old_shape != new_shape:
        raise ValueError(
            f"the average has shape {old_shape} and the new statistic {new_shape}; they must be "
            "equal: compute the statistic with keepdims=True, or reshape it"
        )
    return momentum * old + (1.0 - momentum) * new


def to_pytorch(momentum: float) -> float:
    r"""The ``momentum`` of ``torch.nn.BatchNorm2d`` that makes the same average, and back again.

    PyTorch's ``momentum=None``, the plain mean of all batches, has no counterpart here.

    >>> round(to_pytorch(0.9), 12), from_pytorch(0.1)
    (0.1, 0.9)
    """
    check_momentum(momentum)
    return 1.0 - momentum


from_pytorch = to_pytorch  # 1 - m, there as back


def past_weights(momentum: float, batches: int) -> np.ndarray:
    r"""How much each of the last ``batches`` batches counts in the average, the newest first.

    .. math:: w_k = (1 - m)\, m^k, \qquad k = 0, 1, \dots

    The rest, :math:`m^t` after :math:`t` batches, is the weight of the value that the average
    started from, so ``past_weights(m, t).sum() + m**t`` is 1.

    Returns:
        A float64 array of shape ``(batches,)``.

    >>> past_weights(0.5, 3)
    array([0.5  , 0.25 , 0.125], dtype=float64)
    """
    check_momentum(momentum)
    check_count("batches", batches)
    return (1.0 - momentum) * momentum ** np.arange(batches, dtype="float64")


def check_momentum(momentum: float) -> None:
    r"""Refuse a momentum that is not a number in [0, 1].

    >>> check_momentum(9)
    Traceback (most recent call last):
    ValueError: momentum is 9; expected a number in [0, 1], the weight of the old value, often 0.9
    """
    check_number("momentum", momentum, "[0, 1]", "the weight of the old value, often 0.9")
