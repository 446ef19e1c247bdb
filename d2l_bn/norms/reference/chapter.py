r"""The chapter's own layer and training loop, as they were: **for comparison, not for use.**

Written for ``mx.np``; operations, shapes and the host's wait after every batch are the chapter's,
and so are five defects. Lesson 08 shows each of them fail:

1. ``save_parameters`` loses the moving averages, which are plain attributes;
2. the averages carry the autograd graph of every batch that went into them;
3. ``moving_var`` starts at 0;
4. shapes that do not fit broadcast silently;
5. it is slow.

``step(batch_size)`` also for a smaller last batch is no defect but a choice, and this package's,
too (``weigh_alike`` of :func:`d2l_bn.train`).

Source: *Dive into Deep Learning*, first edition (``d2lzh``, MXNet), section "Batch Normalization".
Other editions have other code: see the table in lesson 03.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

__all__ = ["BatchNorm", "batch_norm", "train_epoch", "train_pass"]


def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    r"""The chapter's function; use :func:`d2l_bn.batch_norm`."""
    if not autograd.is_training():
        X_hat = (X - moving_mean) / np.sqrt(moving_var + eps)
    else:
        assert len(X.shape) in (2, 4)
        if len(X.shape) == 2:
            mean = X.mean(axis=0)
            var = ((X - mean) ** 2).mean(axis=0)
        else:
            mean = X.mean(axis=(0, 2, 3), keepdims=True)
            var = ((X - mean) ** 2).mean(axis=(0, 2, 3), keepdims=True)
        X_hat = (X - mean) / np.sqrt(var + eps)
        moving_mean = momentum * moving_mean + (1.0 - momentum) * mean
        moving_var = momentum * moving_var + (1.0 - momentum) * var
    Y = gamma * X_hat + beta
    return Y, moving_mean, moving_var


class BatchNorm(nn.Block):
    r"""The chapter's layer; use :class:`d2l_bn.BatchNorm`."""

    def __init__(self, num_features, num_dims, **kwargs):
        super().__init__(**kwargs)
        if num_dims == 2:
            shape = (1, num_features)
        else:
            shape = (1, num_features, 1, 1)
        self.gamma = self.params.get("gamma", shape=shape, init=init.One())
        self.beta = self.params.get("beta", shape=shape, init=init.Zero())
        self.moving_mean = np.zeros(shape)
        self.moving_var = np.zeros(shape)

    def forward(self, X):
        if self.moving_mean.ctx != X.ctx:
            self.moving_mean = self.moving_mean.copyto(X.ctx)
            self.moving_var = self.moving_var.copyto(X.ctx)
        Y, self.moving_mean, self.moving_var = batch_norm(
            X, self.gamma.data(), self.beta.data(), self.moving_mean,
            self.moving_var, eps=1e-5, momentum=0.9,
        )  # fmt: skip
        return Y


def train_epoch(net: nn.Block, batches: Iterable, batch_size: int, lr: float = 1.0) -> float:
    r"""Seconds of one pass of the chapter's loop; use :func:`d2l_bn.train`."""
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})
    return train_pass(net, batches, batch_size, trainer)[2]


def train_pass(
    net: nn.Block, batches: Iterable, batch_size: int, trainer: gluon.Trainer
) -> tuple[float, float, float]:
    r"""One pass of the chapter's loop: mean loss, share of correct answers, seconds."""
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    loss_sum = correct = examples = 0.0
    npx.waitall()
    start = time.perf_counter()
    for X, y in batches:
        with autograd.record():
            y_hat = net(X)
            loss = loss_function(y_hat, y).sum()
        loss.backward()
        trainer.step(batch_size)
        loss_sum += loss.item()
        correct += (y_hat.argmax(axis=1).astype(y.dtype) == y).sum().item()
        examples += len(y)
    npx.waitall()
    return loss_sum / examples, correct / examples, time.perf_counter() - start
