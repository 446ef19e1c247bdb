r"""The names that the first edition's code needs, so that it runs here as it was pasted.

The first edition of *Dive into Deep Learning* (the Chinese book, package ``d2lzh``) was written for
``mxnet.nd``. Change its import lines to these, and nothing else::

    from mxnet import autograd, gluon, init
    from mxnet.gluon import nn
    import d2l_bn.d2lzh as d2l
    from d2l_bn.d2lzh import nd

Arrays are then ``mx.np`` arrays, as everywhere in this package: ``nd.zeros`` is ``np.zeros``. A
name that NumPy arrays do not have gets an error that says what it is called now.

======================================  ======================================================
first edition                           here
======================================  ======================================================
``from mxnet import nd``                ``from mxnet import np, npx``; ``npx.set_np()``
``nd.concat(a, b, dim=0)``              ``np.concatenate([a, b], axis=0)``
``nd.random.normal(0, 1, shape=s)``     ``np.random.normal(0, 1, size=s)``
``x.asscalar()``                        ``x.item()``
``x.context``, ``as_in_context``        ``x.ctx``, ``as_in_ctx``
``d2l.load_data_fashion_mnist(256)``    ``d2l_bn.load_fashion_mnist(256)``
``d2l.try_gpu()``                       ``d2l_bn.try_gpu()``
``d2l.evaluate_accuracy(data, net)``    ``d2l_bn.evaluate(net, data)``
``d2l.train_ch5(net, …, trainer, …)``   ``d2l_bn.train(net, train_iter, test_iter, lr=1.0)``
``BatchNorm(6, num_dims=4)``            ``d2l_bn.BatchNorm(6, num_dims=4)``
``nd.save``, ``net.save_parameters``    ``d2l_bn.save_weights(net, file)``
======================================  ======================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mxnet as mx
from mxnet import gluon, np
from mxnet.gluon import nn

import d2l_bn._support.backend  # noqa: F401
from d2l_bn.data.batches import Batches
from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.norms.reference.chapter import train_pass
from d2l_bn.training.device import try_gpu
from d2l_bn.training.evaluation import evaluate

__all__ = ["evaluate_accuracy", "load_data_fashion_mnist", "nd", "train_ch5", "try_gpu"]

NEW_NAMES = {
    "concat": "np.concatenate([a, b], axis=0)",
    "NDArray": "np.ndarray",
    "relu": "npx.relu(x)",
    "sigmoid": "npx.sigmoid(x)",
    "softmax": "npx.softmax(x)",
    "pick": "npx.pick(x, index)",
    "one_hot": "npx.one_hot(x, depth)",
    "waitall": "npx.waitall()",
    "save": "npx.save(file, arrays)",
    "load": "npx.load(file)",
}


class _LegacyArrays:
    r"""What stands for ``mxnet.nd``: the functions of ``mxnet.np``.

    >>> nd.zeros((1, 2)) + nd.sqrt(nd.array([[4.0, 9.0]]))
    array([[2., 3.]])
    >>> nd.concat
    Traceback (most recent call last):
    AttributeError: nd.concat is np.concatenate([a, b], axis=0) in mx.np
    """

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and hasattr(np, name):
            return getattr(np, name)
        if name in NEW_NAMES:
            raise AttributeError(f"nd.{name} is {NEW_NAMES[name]} in mx.np")
        raise AttributeError(
            f"nd.{name} is not known to mx.np; the table of d2l_bn.d2lzh has some of the new names"
        )


nd = _LegacyArrays()


def load_data_fashion_mnist(
    batch_size: int, resize: None = None, root: str = "auto"
) -> tuple[Batches, Batches]:
    r"""Batches to train and to test; ``root`` is ``data`` of :func:`d2l_bn.load_fashion_mnist`.

    Raises:
        ValueError: ``resize`` is asked for, which this package cannot do.
    """
    if resize is not None:
        raise ValueError(f"resize is {resize!r}; expected None: images stay 28 x 28 here")
    return load_fashion_mnist(batch_size, data=root)


def evaluate_accuracy(data_iter: Iterable[Any], net: nn.Block, ctx: Any = None) -> float:
    r"""The share of correct answers; see :func:`d2l_bn.evaluate`."""
    return evaluate(net, data_iter, ctx)


def train_ch5(
    net: nn.Block,
    train_iter: Iterable[Any],
    test_iter: Iterable[Any],
    batch_size: int,
    trainer: gluon.Trainer,
    ctx: mx.Context,
    num_epochs: int,
) -> None:
    r"""The first edition's loop: ``step(batch_size)``, a test by the moving averages, and a line.

    The network must be initialized on ``ctx``; :func:`d2l_bn.train` is what to use otherwise.
    """
    print("training on", ctx)
    for number in range(1, num_epochs + 1):
        if hasattr(train_iter, "epoch"):
            train_iter.epoch = number - 1
        batches = ((X.as_in_ctx(ctx), y.as_in_ctx(ctx)) for X, y in train_iter)
        loss, accuracy, seconds = train_pass(net, batches, batch_size, trainer)
        tested = evaluate(net, test_iter, ctx)
        print(
            f"epoch {number}, loss {loss:.4f}, train acc {accuracy:.3f}, test acc {tested:.3f}, "
            f"time {seconds:.1f} sec"
        )
