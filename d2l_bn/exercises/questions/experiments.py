r"""Assignment 6, experiments: the chapter's exercises as small studies.

The tools of a study are graded here, on made-up runs whose outcome is known, and on real networks;
what a student concludes from them is graded by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy
from mxnet import autograd, gluon, init, np
from mxnet.gluon import nn

from d2l_bn.exercises import Questions, Wrong, expect, ours
from d2l_bn.exercises.guard import Rules
from d2l_bn.networks.lenet import lenet

__all__ = ["asked"]

WITH_BIAS = ("conv1", "conv2", "dense1", "dense2", "output")

asked = Questions("experiments", Rules(seconds=30.0, modules=("d2l_bn",), normalizers=True))


def network(rng: numpy.random.Generator, norm: str | None) -> tuple[gluon.Block, Any, Any]:
    r"""A LeNet with random weights, and a random batch."""
    net = lenet(norm=norm)
    X = np.array(rng.uniform(0, 1, (6, 1, 28, 28)), dtype="float32")
    net.initialize(init.Normal(0.1))
    net(X)
    for parameter in net.collect_params().values():
        if parameter.name.endswith("bias"):
            parameter.set_data(np.array(rng.normal(0, 0.5, parameter.shape), dtype="float32"))
    return net, X, np.array(rng.integers(0, 10, 6), dtype="int32")


def bias_gradients_are_right(bias_gradients: Callable, rng: Any, norm: str | None) -> None:
    r"""The largest |∂L/∂b| of each layer, L the mean loss in training mode."""
    net, X, y = ours(network, rng, norm)
    result = bias_gradients(net, X, y)
    if not isinstance(result, dict) or set(result) != set(WITH_BIAS):
        raise Wrong(f"expected a dictionary with the keys {', '.join(WITH_BIAS)}, got {result!r}")
    training = ours(_largest, net, X, y, True, abs)
    prediction = ours(_largest, net, X, y, False, abs)
    signed = ours(_largest, net, X, y, True, lambda g: g)
    for name in WITH_BIAS:
        right, n = training[name], len(y)
        if right < 1e-6 and abs(float(result[name])) < 1e-5:
            continue  # 0 but for rounding
        reasons = [
            (n * right, "L is the mean of the losses, not their sum.", 0.5),
            (prediction[name], "That is the gradient in prediction: record in training mode.", 0.3),
            (signed[name], "The largest absolute value: abs() before max().", 0.5),
        ]
        what = f"the largest gradient of the bias of {name}, norm={norm!r}"
        expect(what, float(result[name]), right, reasons, rtol=1e-2, atol=1e-6)


def _largest(net: Any, X: Any, y: Any, training: bool, size: Callable) -> dict[str, float]:
    with autograd.record(train_mode=training):
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y).mean()
    loss.backward(train_mode=training)
    return {n: float(size(getattr(net, n).bias.grad().asnumpy()).max()) for n in WITH_BIAS}


def largest_rate_is_right(largest_rate: Callable, rng: Any, kind: str) -> None:
    r"""On made-up runs. ``kind``: how training fails above the limit."""
    rates = sorted(float(r) for r in rng.uniform(0.01, 20, 7).round(3))
    limit, seeds = int(rng.integers(1, 5)), [int(s) for s in rng.integers(0, 1000, 3)]
    bad_seed = int(rng.choice(seeds))

    def run(lr: float, seed: int) -> float:
        works = lr <= rates[limit]
        if kind == "one seed fails" and seed != bad_seed:
            works = True
        if kind == "it works again":
            works = lr != rates[limit + 1]
        failure = math.nan if kind == "not a number" else float(rng.uniform(2.4, 9))
        return float(rng.uniform(0.2, 2.2)) if works else failure

    why = {
        "loss stays high": "A loss of ln 10 = 2.303 or more is no better than guessing.",
        "not a number": "NaN means that training diverged; `nan > x` is False.",
        "one seed fails": "A rate works if it works for every seed.",
        "it works again": "Stop at the first rate that fails: what works above it is luck.",
    }[kind]
    reasons = [(rate, why, 0.3) for rate in rates[limit + 1 :]]
    result = largest_rate(run, list(rates), list(seeds))
    expect(f"the largest rate of {rates} ({kind})", result, rates[limit], reasons)
    if kind == "loss stays high" and largest_rate(lambda lr, seed: 9.0, rates, seeds) is not None:
        raise Wrong("No rate works in these runs; expected None.", credit=0.7)


def summary_is_right(summary: Callable, rng: Any, count: int) -> None:
    r"""Mean and standard error of made-up runs."""
    seeds = [int(s) for s in rng.permutation(1000)[:count]]
    losses = {name: rng.uniform(0.2, 2, count) for name in ("conv1", "dense2", "none")}

    def run(setting: str, seed: int) -> float:
        return float(losses[setting][seeds.index(seed)])

    result = summary(run, list(losses), seeds)
    if not isinstance(result, dict) or set(result) != set(losses):
        raise Wrong(f"expected a dictionary with the keys {', '.join(losses)}, got {result!r}")
    for name, x in losses.items():
        error = x.std(ddof=1) / math.sqrt(count)
        try:
            mean, spread = (float(number) for number in result[name])
        except (TypeError, ValueError):
            message = f"{name}: expected two numbers, (mean, standard error), got {result[name]!r}"
            raise Wrong(message) from None
        median = (float(numpy.median(x)), "That is the median.", 0.3)
        expect(f"the mean for {name}", mean, float(x.mean()), [median])
        reasons = [
            (float(x.std(ddof=1)), "That is the standard deviation; divide by √n.", 0.6),
            (float(x.std()), "That is the standard deviation, and with n for n - 1.", 0.4),
            (float(x.std()) / math.sqrt(count), "The deviation divides by n - 1 (ddof=1).", 0.7),
            (float(x.var(ddof=1)), "That is the variance.", 0.3),
        ]
        expect(f"the standard error for {name}", spread, float(error), reasons)


def freeze_is_right(freeze: Callable, rng: Any, norm: str) -> None:
    r"""A step leaves γ and β, and moves the weights and the averages."""
    net, X, y = ours(network, rng, norm)
    frozen = {n: p for n, p in net.collect_params().items() if n.endswith(("gamma", "beta"))}
    for parameter in frozen.values():
        value = rng.uniform(0.5, 2, parameter.shape)
        parameter.set_data(np.array(value, dtype="float32"))
    before = _values(net)
    freeze(net)
    changed = [n for n in frozen if (_values(net)[n] != before[n]).any()]
    if changed:
        raise Wrong(f"freeze changes {changed[0]}; expected that it stays what it is.", credit=0.3)
    ours(_one_step, net, X, y)
    after = _values(net)
    moved = {n for n in before if (after[n] != before[n]).any()}
    free = [n for n in frozen if n in moved]
    if free:
        share = 0.5 if len(free) < len(frozen) else 0.0
        raise Wrong(f"{free[0]} was trained; set its grad_req to 'null'.", credit=share)
    still = [n for n in before if n not in frozen and n not in moved and not n.endswith("bias")]
    if still:
        raise Wrong(f"{still[0]} does not move any more; only γ and β are to be frozen.", 0.3)


def _one_step(net: Any, X: Any, y: Any) -> None:
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5}, kvstore=None)
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y)
    loss.backward()
    trainer.step(len(y))


def _values(net: gluon.Block) -> dict[str, numpy.ndarray]:
    return {n: p.data().asnumpy().copy() for n, p in net.collect_params().items()}


def dropout_net_is_right(dropout_net: Callable, rng: Any) -> None:
    r"""No normalizer; a dropout of the given rate behind each activation of a dense layer."""
    rate = round(float(rng.uniform(0.1, 0.9)), 2)
    net = dropout_net(rate)
    if not isinstance(net, gluon.Block):
        raise Wrong(f"dropout_net returns a {type(net).__name__}; expected a network.")
    layers = list(net._children.values())
    normalizers = [x for x in layers if "Norm" in type(x).__name__]
    if normalizers:
        raise Wrong(f"There is still a {type(normalizers[0]).__name__} in it: norm=None.", 0.3)
    drops = [k for k, layer in enumerate(layers) if isinstance(layer, nn.Dropout)]
    if len(drops) != 2:
        raise Wrong(f"There are {len(drops)} dropouts in it; expected 2, behind act3 and act4.")
    wrong = [layers[k]._rate for k in drops if abs(layers[k]._rate - rate) > 1e-6]
    if wrong:
        complement = abs(wrong[0] - (1 - rate)) < 1e-6
        why = " In Gluon the rate is the share that is dropped." if complement else ""
        raise Wrong(f"A rate is {wrong[0]}; expected {rate}.{why}", credit=0.5)
    for k in drops:
        before = [type(layer).__name__ for layer in layers[max(k - 2, 0) : k]]
        if before != ["Dense", "Activation"]:
            came = ", ".join(before)
            raise Wrong(f"Before a dropout stand {came}; expected Dense, Activation.", credit=0.5)
    X = np.array(rng.uniform(0, 1, (4, 1, 28, 28)), dtype="float32")
    net.initialize(init.Xavier())
    if net(X).shape != (4, 10):
        raise Wrong(f"Its output for 4 images has shape {net(X).shape}; expected (4, 10).")


@asked.add("bias_gradients", "with batch normalization")
def _(bias_gradients, rng):
    bias_gradients_are_right(bias_gradients, rng, "gluon")


@asked.add("bias_gradients", "without")
def _(bias_gradients, rng):
    bias_gradients_are_right(bias_gradients, rng, None)


@asked.add("largest_rate", "runs that end with a high loss")
def _(largest_rate, rng):
    largest_rate_is_right(largest_rate, rng, "loss stays high")


@asked.add("largest_rate", "runs that diverge")
def _(largest_rate, rng):
    largest_rate_is_right(largest_rate, rng, "not a number")


@asked.add("summary", "three seeds")
def _(summary, rng):
    summary_is_right(summary, rng, 3)


@asked.add("freeze", "Gluon's layers")
def _(freeze, rng):
    freeze_is_right(freeze, rng, "gluon")


@asked.add("dropout_net", "the network")
def _(dropout_net, rng):
    dropout_net_is_right(dropout_net, rng)
