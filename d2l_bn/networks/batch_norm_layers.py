r"""The batch normalizations in a network, this package's and Gluon's alike: find, read, keep."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from mxnet import autograd, gluon, np
from mxnet.gluon import nn

from d2l_bn.networks.watching import blocks
from d2l_bn.norms.batch import BatchNorm, batch_norm

__all__ = [
    "averages",
    "batch_norm_by_averages",
    "batch_norms",
    "channel_axis",
    "has_averages",
    "kept",
    "kept_averages",
]


def batch_norms(net: gluon.Block) -> dict[str, gluon.Block]:
    r"""Every batch normalization in ``net`` whose averages may move, by name.

    Layers that are frozen (:func:`d2l_bn.networks.freezing.freeze`; Gluon's with
    ``use_global_stats=True``) are so on purpose, and left out.

    Raises:
        ValueError: there is none.

    >>> import d2l_bn
    >>> list(batch_norms(d2l_bn.lenet()))
    ['norm1', 'norm2', 'norm3', 'norm4']
    """
    found = _batch_norms(net)
    if not found:
        raise ValueError(
            f"no batch normalization in this {type(net).__name__}; expected a network with layers "
            "of d2l_bn.BatchNorm or gluon.nn.BatchNorm"
        )
    return found


def has_averages(net: gluon.Block) -> bool:
    """Whether there is a batch normalization in ``net`` whose averages may move."""
    return bool(_batch_norms(net))


def _batch_norms(net: gluon.Block) -> dict[str, gluon.Block]:
    return {
        name: block
        for name, block in blocks(net).items()
        if isinstance(block, (BatchNorm, nn.BatchNorm)) and not _is_frozen(block)
    }


def _is_frozen(layer: gluon.Block) -> bool:
    if isinstance(layer, BatchNorm):
        return layer.function is batch_norm_by_averages
    return layer._kwargs["use_global_stats"]


def averages(layer: gluon.Block) -> tuple[gluon.Parameter, gluon.Parameter]:
    """The parameters that hold the moving mean and variance: Gluon has other names for them."""
    if isinstance(layer, BatchNorm):
        return layer.moving_mean, layer.moving_var
    return layer.running_mean, layer.running_var


def channel_axis(layer: gluon.Block) -> int:
    """The axis that the layer does not average over."""
    return 1 if isinstance(layer, BatchNorm) else layer._kwargs["axis"]


@contextlib.contextmanager
def kept_averages(net: gluon.Block) -> Iterator[None]:
    r"""Whatever happens inside, the moving averages are afterwards what they were before.

    A network without any has nothing to keep.

    To predict with the statistics of the *batch*, and leave no trace:

    >>> layer = BatchNorm(1, num_dims=2)
    >>> layer.initialize()
    >>> with kept_averages(layer), autograd.train_mode():
    ...     Y = layer(np.array([[1.0], [3.0]]))
    >>> layer.moving_mean.data()
    array([[0.]])
    """
    parameters = [p for layer in _batch_norms(net).values() for p in averages(layer)]
    with kept(data for p in parameters for data in p.list_data()):
        yield


@contextlib.contextmanager
def kept(arrays: Iterable[np.ndarray]) -> Iterator[None]:
    """Whatever happens inside, these arrays are afterwards what they were before."""
    saved = [(array, array.copy()) for array in arrays]
    try:
        yield
    finally:
        with autograd.pause():
            for array, before in saved:
                array[:] = before


def batch_norm_by_averages(
    X: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    moving_mean: np.ndarray,
    moving_var: np.ndarray,
    eps: float = 1e-5,
    momentum: float = 0.9,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What :func:`d2l_bn.batch_norm` computes in prediction, in training as well."""
    with autograd.predict_mode():  # goes on recording
        return batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum)
