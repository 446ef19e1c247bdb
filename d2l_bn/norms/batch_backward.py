r"""The gradient of batch normalization, twice: stage by stage, and in closed form.

In training, with m = N (dense) or N·H·W (convolution) values a channel, sums over these values, and
:math:`\bar v = \partial L / \partial v`:

.. math::
    \bar\beta = \sum \bar y, \qquad \bar\gamma = \sum \bar y\,\hat x, \qquad
    \bar x = \frac{\gamma}{m\sqrt{\sigma^2 + \varepsilon}}
        \left(m\,\bar y - \bar\beta - \hat x\,\bar\gamma\right)

The two terms that are subtracted are the mean and the variance, on which every x acts. In
prediction these are constants, and :math:`\bar x = \gamma\,\bar y / \sqrt{\sigma^2 + \varepsilon}`.

The layer itself leaves its gradient to autograd. The closed form in an ``autograd.Function`` was
tried: it was no faster (68.8 ms a training step of LeNet against 68.9 ms, at batch 256), it ignores
``grad_req='add'``, and it stops at the first input that wants no gradient.

Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.
"""

from __future__ import annotations

from typing import Any

from mxnet import autograd, np

from d2l_bn.norms.batch import AXES
from d2l_bn.norms.checks import LAYOUTS, check_arguments, check_array, check_like

__all__ = ["backward_stages", "batch_norm_backward", "forward_stages"]


def batch_norm_backward(
    dY: np.ndarray,
    X: np.ndarray,
    gamma: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""The gradient of :func:`~d2l_bn.batch_norm` in closed form; see the module.

    The mode is that of ``autograd.is_training()``, as there. β plays no part.

    Arguments:
        dY: the gradient that arrives at the output, shaped and typed like ``X``.
        X: (N, C) or (N, C, H, W), float32 or float64.
        gamma: (1, C) or (1, C, 1, 1), of the dtype of ``X``.
        moving_mean, moving_var: like ``gamma``; used in prediction.
        eps: ε > 0, inside the root.

    Returns:
        ``(dX, dgamma, dbeta)``, shaped like ``X``, ``gamma`` and ``gamma``.

    Raises:
        TypeError, ValueError: an array, a shape, a dtype or an ``eps`` that does not fit.

    >>> X, dY = np.array([[1.0], [3.0]]), np.array([[1.0], [0.0]])
    >>> one, zero = np.ones((1, 1)), np.zeros((1, 1))
    >>> with autograd.train_mode():
    ...     dX, dgamma, dbeta = batch_norm_backward(dY, X, one, zero, one, eps=3.0)
    >>> dX.tolist(), dgamma.item(), dbeta.item()
    ([[0.1875], [-0.1875]], -0.5, 1.0)
    """
    _check(X, eps, gamma=gamma, moving_mean=moving_mean, moving_var=moving_var)
    _check_upstream(dY, X)
    axes = AXES[X.ndim]
    with autograd.pause(train_mode=autograd.is_training()):
        mean, var = moving_mean, moving_var
        if autograd.is_training():
            mean = X.mean(axis=axes, keepdims=True)
            var = np.square(X - mean).mean(axis=axes, keepdims=True)
        std = np.sqrt(var + eps)  # (1, C) or (1, C, 1, 1)
        X_hat = (X - mean) / std
        dbeta = dY.sum(axis=axes, keepdims=True)
        dgamma = (dY * X_hat).sum(axis=axes, keepdims=True)
        if autograd.is_training():
            m = X.size // X.shape[1]
            dX = gamma / (m * std) * (m * dY - dbeta - X_hat * dgamma)
        else:
            dX = gamma / std * dY
    return dX, dgamma, dbeta


def forward_stages(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
) -> dict[str, np.ndarray]:
    r"""Every array of the forward pass by name, in the order in which one is made from another.

    =======  ===========================================  ===============
    name     in training                                  in prediction
    =======  ===========================================  ===============
    mean     :math:`\mu = \frac1m \sum x`                 ``moving_mean``
    centred  :math:`c = x - \mu`                          the same
    squares  :math:`q = c^2`                              missing
    var      :math:`\sigma^2 = \frac1m\sum q`             ``moving_var``
    inverse  :math:`r = (\sigma^2 + \varepsilon)^{-1/2}`  the same
    X_hat    :math:`\hat x = c\,r`                        the same
    Y        :math:`y = \gamma\,\hat x+\beta`             the same
    =======  ===========================================  ===============

    ``X``, ``gamma`` and ``beta`` come first. Arguments and errors: as in
    :func:`batch_norm_backward`.

    >>> X, one, zero = np.array([[1.0], [3.0]]), np.ones((1, 1)), np.zeros((1, 1))
    >>> with autograd.train_mode():
    ...     stages = forward_stages(X, 2 * one, zero, zero, one, eps=3.0)
    >>> list(stages)
    ['X', 'gamma', 'beta', 'mean', 'centred', 'squares', 'var', 'inverse', 'X_hat', 'Y']
    >>> stages["var"].item(), stages["Y"].tolist()
    (1.0, [[-1.0], [1.0]])
    """
    _check(X, eps, gamma=gamma, beta=beta, moving_mean=moving_mean, moving_var=moving_var)
    axes = AXES[X.ndim]
    v = {"X": X, "gamma": gamma, "beta": beta}
    with autograd.pause(train_mode=autograd.is_training()):
        training = autograd.is_training()
        v["mean"] = X.mean(axis=axes, keepdims=True) if training else moving_mean
        v["centred"] = X - v["mean"]
        if training:
            v["squares"] = v["centred"] * v["centred"]
        v["var"] = v["squares"].mean(axis=axes, keepdims=True) if training else moving_var
        v["inverse"] = 1 / np.sqrt(v["var"] + eps)
        v["X_hat"] = v["centred"] * v["inverse"]
        v["Y"] = gamma * v["X_hat"] + beta
    return v


def backward_stages(dY: np.ndarray, stages: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    r"""The gradient of every array that :func:`forward_stages` gave, in the order of the way back.

    Each is the sum of what comes back from all the places where the array was used: ``centred`` is
    used in ``squares`` and in ``X_hat``, ``X`` in ``mean`` and in ``centred``.

    In prediction ``mean`` and ``var`` do not depend on X, and the way through them is missing.

    Arguments:
        dY: the gradient that arrives at the output, shaped and typed like ``X``.
        stages: what :func:`forward_stages` gave, in either mode.

    Returns:
        From the same names to gradients; each has the shape of its array.

    Raises:
        TypeError, ValueError: ``dY`` does not fit.

    >>> X, one, zero = np.array([[1.0], [3.0]]), np.ones((1, 1)), np.zeros((1, 1))
    >>> with autograd.train_mode():
    ...     stages = forward_stages(X, one, zero, zero, one)
    >>> list(backward_stages(np.ones_like(X), stages))
    ['Y', 'beta', 'gamma', 'X_hat', 'inverse', 'var', 'squares', 'centred', 'mean', 'X']
    """
    v, X = stages, stages["X"]
    _check_upstream(dY, X)
    axes, m = AXES[X.ndim], X.size // X.shape[1]

    def total(d: np.ndarray) -> np.ndarray:  # what was copied to m places gets m gradients
        return d.sum(axis=axes, keepdims=True)

    with autograd.pause():
        d = {"Y": dY}
        d["beta"] = total(d["Y"])
        d["gamma"] = total(d["Y"] * v["X_hat"])
        d["X_hat"] = d["Y"] * v["gamma"]
        if "squares" not in v:  # prediction
            d["centred"] = d["X_hat"] * v["inverse"]
            d["X"] = d["centred"]
            return d
        d["inverse"] = total(d["X_hat"] * v["centred"])
        d["var"] = -0.5 * v["inverse"] ** 3 * d["inverse"]
        d["squares"] = np.broadcast_to(d["var"] / m, X.shape)
        d["centred"] = d["X_hat"] * v["inverse"] + 2 * v["centred"] * d["squares"]
        d["mean"] = -total(d["centred"])
        d["X"] = d["centred"] + d["mean"] / m
    return d


def _check(X: Any, eps: Any, **statistics: Any) -> None:
    check_array("X", X)
    if str(X.dtype) == "float16":
        raise TypeError("X has dtype float16; expected float32 or float64: cast it, and dY with it")
    check_arguments(X, LAYOUTS, eps, **statistics)


def _check_upstream(dY: Any, X: np.ndarray) -> None:
    check_array("dY", dY)
    if dY.shape != X.shape:
        raise ValueError(
            f"dY has shape {dY.shape}; expected {X.shape}, that of X: the gradient of the loss "
            "with respect to each output"
        )
    check_like("dY", dY, X)
