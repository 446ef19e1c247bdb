r"""Right functions, lent to a notebook while another task of it is looked at."""

from __future__ import annotations

from typing import Any

from mxnet import autograd, np

from d2l_bn.exercises import mistakes

__all__ = ["batch_norm", "normalize", "whiten"]


def batch_norm(X: Any, gamma: Any, beta: Any, mean: Any, var: Any, eps: Any, momentum: Any) -> Any:
    """The function of assignment batchnorm."""
    return mistakes.batch_norm(
        X, gamma, beta, mean, var, eps, momentum, training=autograd.is_training()
    )


def normalize(X: Any, axes: Any, eps: Any) -> Any:
    """The function of assignment family."""
    centred = X - X.mean(axis=axes, keepdims=True)
    return centred / ((centred * centred).mean(axis=axes, keepdims=True) + eps) ** 0.5


def whiten(X: Any, eps: Any) -> Any:
    """The function of assignment whitening."""
    centred, one = X - X.mean(axis=0, keepdims=True), np.eye(X.shape[1])
    A = np.dot(centred.T, centred) / len(X) + eps * one
    size = (A * A).sum() ** 0.5
    Y, Z = A / size, one
    for _ in range(20):
        T = 1.5 * one - 0.5 * np.dot(Z, Y)
        Y, Z = np.dot(Y, T), np.dot(T, Z)
    return np.dot(centred, Z / size**0.5)
