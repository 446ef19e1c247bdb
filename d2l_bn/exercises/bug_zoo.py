r"""The bug zoo: complete implementations of batch normalization, each with one mistake.

A specimen is a :class:`Kit`: the layer and what is around it. :func:`right` makes one without a
mistake; all look the same from outside. Which specimen has which mistake is not written down here:
the visitor's task is to write tests that tell them apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

from d2l_bn.exercises.mistakes import MISTAKES, RIGHT, Recipe, batch_norm

__all__ = ["ON_SHOW", "Kit", "make", "order", "right", "specimen", "specimens"]

#: The kinds of mistake on show, in the order of the alphabet and not of the cages.
ON_SHOW = (
    "bias_kept",
    "eps_missing",
    "eps_outside",
    "evaluated_in_training",
    "gamma_fixed",
    "momentum_swapped",
    "not_saved",
    "pooled",
    "recorded",
    "starts_at_zero",
    "unbiased",
    "wrong_step",
)


class Kit(NamedTuple):
    r"""An implementation.

    Attributes:
        BatchNorm: ``BatchNorm(num_features, num_dims, eps=1e-5, momentum=0.9)`` makes a layer with
            the parameters ``gamma`` and ``beta`` and the method ``averages()``, which returns the
            arrays ``(moving_mean, moving_var)``.
        network: ``network()`` makes a network for (N, 4) inputs and 3 classes, initialized: the
            layers ``dense``, ``norm``, ``act``, ``output``.
        train_epoch: ``train_epoch(net, batches, lr)`` takes one step of plain descent down the mean
            loss of each batch (X, y).
        predict: ``predict(net, X)`` gives the scores of each example, as for a test set.
    """

    BatchNorm: type
    network: Callable[[], nn.Sequential]
    train_epoch: Callable[[nn.Block, Iterable, float], None]
    predict: Callable[[nn.Block, np.ndarray], np.ndarray]


def right() -> Kit:
    r"""A kit without a mistake.

    >>> net = right().network()
    >>> right().predict(net, np.ones((2, 4))).shape
    (2, 3)
    """
    return make(RIGHT)


def specimen(number: int) -> Kit:
    r"""The kit in cage ``number``, 1 to 12: each has one mistake."""
    return specimens()[number - 1]


def specimens(names: Sequence[str] = ON_SHOW) -> list[Kit]:
    r"""A kit for each mistake, by :func:`order`."""
    return [make(MISTAKES[name].recipe) for name in order(names)]


def order(names: Sequence[str]) -> list[str]:
    r"""The names in an order that says nothing."""
    return sorted(names, key=lambda name: hashlib.sha256(f"cage of {name}".encode()).digest())


def make(recipe: Recipe) -> Kit:
    r"""The kit of a recipe. All four see the recipe, and show it to nobody."""

    class BatchNorm(nn.Block):
        def __init__(
            self,
            num_features: int,
            num_dims: int,
            eps: float = 1e-5,
            momentum: float = 0.9,
            **kwargs: Any,
        ) -> None:
            super().__init__(**kwargs)
            shape = (1, num_features) + (1,) * (num_dims - 2)
            self.eps, self.momentum = eps, momentum
            get, fixed = self.params.get, recipe.gamma == "fixed"
            req = "null" if fixed else "write"
            self.gamma = get("gamma", shape=shape, init=init.One(), grad_req=req)
            self.beta = get("beta", shape=shape, init=init.Zero())
            if recipe.averages == "attributes":
                self.moving_mean = np.zeros(shape)
                self.moving_var = np.full(shape, recipe.first_variance)
            else:
                start, none = init.Constant(recipe.first_variance), {"grad_req": "null"}
                self.moving_mean = get("moving_mean", shape=shape, init=init.Zero(), **none)
                self.moving_var = get("moving_var", shape=shape, init=start, **none)
            self._live: tuple | None = None

        def averages(self) -> tuple[np.ndarray, np.ndarray]:
            """(moving_mean, moving_var)."""
            if recipe.averages == "attributes":
                return self.moving_mean, self.moving_var
            saved = self.moving_mean.data(), self.moving_var.data()
            if self._live and all((a == b).all() for a, b in zip(self._live, saved)):
                return self._live
            return saved

        def forward(self, X: np.ndarray) -> np.ndarray:
            given = X, self.gamma.data(), self.beta.data(), *self.averages()
            training = autograd.is_training()
            numbers = self.eps, self.momentum
            Y, *moved = batch_norm(*given, *numbers, training, recipe)
            if recipe.moves == "always" and not training:
                _, *moved = batch_norm(*given, *numbers, True, recipe)
            if training or recipe.moves == "always":
                self._keep(moved)
            return Y

        def _keep(self, moved: list[np.ndarray]) -> None:
            self._live = tuple(moved) if recipe.recorded else None
            with autograd.pause():
                if recipe.averages == "attributes":
                    self.moving_mean, self.moving_var = (array.detach() for array in moved)
                else:
                    self.moving_mean.data()[:] = moved[0].detach()
                    self.moving_var.data()[:] = moved[1].detach()

        def load_parameters(self, filename: str, ctx: Any = None, **options: Any) -> None:
            """Of this layer alone, too, which Gluon's own cannot load under ``npx.set_np()``."""
            options.update(restore_prefix=self.params.prefix, filename=filename)
            self.collect_params().load_dict(npx.load(filename), ctx, **options)

    def network() -> nn.Sequential:
        net = nn.Sequential()
        net.dense = nn.Dense(8, use_bias=recipe.bias, in_units=4)
        net.norm = BatchNorm(8, num_dims=2)
        net.act = nn.Activation("sigmoid")
        net.output = nn.Dense(3, in_units=8)
        net.initialize(init.Xavier())
        return net

    def train_epoch(net: nn.Block, batches: Iterable, lr: float) -> None:
        trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr}, kvstore=None)
        loss = gluon.loss.SoftmaxCrossEntropyLoss()
        first = None
        for X, y in batches:
            first = first or len(y)
            with autograd.record():
                losses = loss(net(X), y)
            losses.backward()
            trainer.step(len(y) if recipe.step == "of this batch" else first)

    def predict(net: nn.Block, X: np.ndarray) -> np.ndarray:
        in_training = recipe.predicts == "in training mode"
        with autograd.train_mode() if in_training else autograd.predict_mode():
            return net(X)

    return Kit(BatchNorm, network, train_epoch, predict)
