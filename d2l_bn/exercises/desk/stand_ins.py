r"""Right functions, lent to a notebook while another task of it is looked at."""

from __future__ import annotations

from typing import Any

from mxnet import autograd

from d2l_bn.exercises import mistakes

__all__ = ["batch_norm", "normalize"]


def batch_norm(X: Any, gamma: Any, beta: Any, mean: Any, var: Any, eps: Any, momentum: Any) -> Any:
    """The function of assignment batchnorm."""
    return mistakes.batch_norm(
        X, gamma, beta, mean, var, eps, momentum, training=autograd.is_training()
    )


def normalize(X: Any, axes: Any, eps: Any) -> Any:
    """The function of assignment family."""
    centred = X - X.mean(axis=axes, keepdims=True)
    return centred / ((centred * centred).mean(axis=axes, keepdims=True) + eps) ** 0.5
