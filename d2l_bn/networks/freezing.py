r"""Frozen batch normalization: the moving averages are used, and stay, in training as well.

.. math:: y = \gamma \, \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta, \qquad
    \mu, \sigma^2 \text{ fixed}

The layer is a fixed linear map then (but for γ and β, if these go on learning): an example depends
on no other, and training and prediction compute the same. It is the usual choice where a trained
network is fine-tuned with few images, or with few in a batch.

Source: He, Zhang, Ren & Sun 2015, *Deep Residual Learning for Image Recognition*, arXiv:1512.03385,
appendix A, where the statistics are fixed for object detection.
"""

from __future__ import annotations

from mxnet import gluon
from mxnet.gluon import nn

from d2l_bn.networks.batch_norm_layers import batch_norm_by_averages, batch_norms
from d2l_bn.networks.watching import blocks
from d2l_bn.norms.batch import BatchNorm

__all__ = ["freeze"]

FREEZABLE = (BatchNorm, nn.BatchNorm)


def freeze(net: gluon.Block, *, affine: bool = False) -> None:
    r"""From now on, every batch normalization in ``net`` uses its moving averages, and keeps them.

    Layers that are frozen are no longer looked at by :func:`d2l_bn.recalibrate`. A hybridized
    network stays so; its graphs are made anew.

    Arguments:
        net: a network with layers of :class:`d2l_bn.BatchNorm` or Gluon's.
        affine: γ and β are no longer trained, either.

    Raises:
        TypeError: a batch normalization of another kind, whose formula is not known here.
        ValueError: there is none to freeze. In both cases nothing has changed.

    >>> from mxnet import autograd, np
    >>> layer = BatchNorm(1, num_dims=2)
    >>> layer.initialize()
    >>> freeze(layer)
    >>> with autograd.train_mode():  # mean 0, variance 1, whatever the batch is
    ...     layer(np.array([[1.0], [3.0]]))
    array([[0.999995],
           [2.999985]])
    """
    layers = batch_norms(net)
    for name, layer in layers.items():
        if type(layer) not in FREEZABLE:
            raise TypeError(
                f"{name} is a {type(layer).__name__}; expected d2l_bn.BatchNorm or Gluon's "
                "nn.BatchNorm: other kinds cannot be frozen here"
            )
    for layer in layers.values():
        if isinstance(layer, BatchNorm):
            layer.function = batch_norm_by_averages
        else:
            layer._kwargs["use_global_stats"] = True
        if affine:
            layer.gamma.grad_req = layer.beta.grad_req = "null"
    for block in blocks(net).values():
        if isinstance(block, gluon.HybridBlock):
            block._clear_cached_op()  # graphs in which the layers are as they were
