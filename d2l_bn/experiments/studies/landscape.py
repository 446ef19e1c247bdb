r"""Why batch normalization works: shift, landscape and gradients, measured while LeNet trains.

Five networks, some hundred steps each: without normalization (none), with it (batch), with noise
injected behind it (noisy; very_noisy with four times as much), and with a gradient that takes the
batch's statistics for constants (detached). Some run again at other learning rates, which is the
same as a gradient larger or smaller by that factor. Measured are, at each look (``step``),

========================================  ========================================================
``moment_shift/act1`` … ``act4``          what one step moves the inputs of an activation by, in
                                          units of their deviation
``absolute_shift/act1`` … ``act4``        the same in units of the inputs
``gradient_shift/conv2`` … ``output``     :math:`\|G - G'\| / \|G\|`, the layers before it updated
``gradient_cosine/conv2`` … ``output``    the cosine between G and G′
``batch_loss``, ``gradient_norm``         of the batch, before the step
``losses_along_gradient``                 the loss at each of the case's ``step_factors`` × rate
``gradient_distances``                    :math:`\|g(w) - g(w - \eta g)\|` at the same places
``smoothness``                            the effective β
``layer_gradient_norm/conv1`` …           of each layer's weight; ``layer_weight_norm/…`` likewise
``largest_eigenvalue``                    of the Hessian, its magnitude, and the root mean square
                                          of all, ``rms_eigenvalue``; at ``curvature_step``
========================================  ========================================================

and for all steps, as means from one look to the next, ``loss_between_looks`` and
``train_accuracy_between_looks``; the last of these is ``final_loss``, ``final_train_accuracy``.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import mxnet as mx
import numpy
from mxnet import autograd, gluon, init
from mxnet.gluon import nn

from d2l_bn.data.batches import Batches
from d2l_bn.diagnostics import covariate_shift
from d2l_bn.diagnostics import loss_landscape as landscape
from d2l_bn.experiments.lenet_training import chosen_images
from d2l_bn.experiments.study import DIVERGED, FINISHED, Case, Measured, Study
from d2l_bn.networks.lenet import lenet
from d2l_bn.networks.population import recalibrate
from d2l_bn.norms.detached_batch import DetachedBatchNorm
from d2l_bn.norms.noisy_batch import NoisyBatchNorm, without_noise
from d2l_bn.training.evaluation import evaluate

NOISE = {
    "noisy": {"shift": 0.5, "scale": 1.25, "jitter": 0.1},  # as in the paper
    "very_noisy": {"shift": 2.0, "scale": 2.0, "jitter": 0.4},
}
LEARNING_RATES = {"sigmoid": 1.0, "relu": 0.1}
MEASURED = ("none", "batch", "noisy", "very_noisy", "detached")
IN_DETAIL = ("none", "batch")  # the landscape and the shift of gradients, too
# network and factor of the learning rate; trained without being measured
CONTROLS = (("none", 3), ("none", 10), ("batch", 0.1))
ACTIVATIONS = ("act1", "act2", "act3", "act4")
CURVATURE_EVERY, RANDOM_DIRECTIONS = 3, 2  # one look in three


def run(case: Case, seed: int, data: str) -> Measured:
    """One run. Whether and how often it is measured changes nothing in its training."""
    train_iter, test_iter = chosen_images(case, seed, data)
    net = lenet(normalizer(case), activation=case["activation"])
    mx.random.seed(seed)
    net.initialize(init.Xavier())
    probe = next(iter(train_iter))[0]  # the same images at each look
    net(probe)
    options = {"learning_rate": case["lr"]}
    trainer = gluon.Trainer(net.collect_params(), case["optimizer"], options, kvstore=None)
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()

    losses, right, outcome = [], [], FINISHED
    columns: dict[str, Any] = defaultdict(list)
    for step, (X, y) in enumerate(_batches(train_iter, case["steps"])):
        look = case["lr_factor"] == 1 and step % case["every"] == 0
        if look:
            columns["step"].append(step)
            before = covariate_shift.input_moments(net, probe, ACTIVATIONS)
            if case["network"] in IN_DETAIL:
                _measure_landscape(columns, net, X, y, case)
                if step % (CURVATURE_EVERY * case["every"]) == 0:
                    _measure_curvature(columns, net, X, y, case["power_iterations"])
        mx.random.seed(1 + step + seed * case["steps"])
        with autograd.record():
            scores = net(X)
            batch_losses = loss_function(scores, y)
        batch_losses.backward()
        trainer.step(len(y))
        losses.append(batch_losses.mean().item())
        right.append((scores.argmax(axis=1).astype(y.dtype) == y).mean().item())
        if not math.isfinite(losses[-1]):
            outcome = DIVERGED
            break
        if look:
            after = covariate_shift.input_moments(net, probe, ACTIVATIONS)
            for name in ACTIVATIONS:
                for column, relative in (("moment_shift", True), ("absolute_shift", False)):
                    shift = covariate_shift.moment_shift(before[name], after[name], relative)
                    columns[f"{column}/{name}"].append(shift)
    for name, values in (("loss", losses), ("train_accuracy", right)):
        columns[f"{name}_between_looks"] = _means(values, case["every"])
        columns[f"final_{name}"] = columns[f"{name}_between_looks"][-1]
    if outcome == FINISHED:
        name, accuracy = _test_accuracy(net, train_iter, test_iter, case["population_batches"])
        columns[name] = accuracy
    return outcome, _as_json(dict(columns))


def normalizer(case: Case) -> Any:
    """The one of a case, in words of :func:`d2l_bn.networks.lenet.lenet`."""
    if case["noise"] is not None:
        return lambda channels, rank: NoisyBatchNorm(
            nn.BatchNorm(in_channels=channels), **case["noise"]
        )
    if case["network"] == "detached":
        return lambda channels, rank: DetachedBatchNorm(channels, rank)
    return {"none": None, "batch": "gluon"}[case["network"]]


def _batches(train_iter: Batches, steps: int) -> Iterator:
    """The first ``steps`` batches of epoch after epoch, shuffled anew in each."""
    train_iter.epoch = 0
    epochs = itertools.chain.from_iterable(train_iter for _ in itertools.count())
    return itertools.islice(epochs, steps)


def _measure_landscape(columns, net, X, y, case: Case) -> None:
    """Append to each column what it is before a training step on (X, y)."""
    steps = [factor * case["lr"] for factor in case["step_factors"]]
    walk = landscape.along_gradient(net, X, y, steps)
    columns["batch_loss"].append(walk.loss)
    columns["gradient_norm"].append(walk.gradient_norm)
    columns["losses_along_gradient"].append(walk.losses)
    columns["gradient_distances"].append(walk.gradient_distances)
    columns["smoothness"].append(walk.smoothness)
    for name, shift in covariate_shift.gradient_shift(net, X, y, case["lr"]).items():
        columns[f"gradient_shift/{name}"].append(shift.relative)
        columns[f"gradient_cosine/{name}"].append(shift.cosine)
    weights = landscape.weights_of(net)
    gradients = landscape.layer_gradients(net, X, y)
    for name, where in landscape.weight_slices(net).items():
        columns[f"layer_gradient_norm/{name}"].append(numpy.linalg.norm(gradients[name]))
        columns[f"layer_weight_norm/{name}"].append(numpy.linalg.norm(weights[where]))


def _measure_curvature(columns, net, X, y, power_iterations: int) -> None:
    """Append the largest eigenvalue of the Hessian, and the root mean square of all."""
    columns["curvature_step"].append(columns["step"][-1])
    columns["largest_eigenvalue"].append(
        landscape.largest_eigenvalue(net, X, y, iterations=power_iterations)
    )
    random = numpy.random.default_rng(0)
    squares = []  # |Hv|², v a random direction of length 1
    for _ in range(RANDOM_DIRECTIONS):
        v = random.normal(size=landscape.weights_of(net).shape)
        v /= numpy.linalg.norm(v)
        squares.append((landscape.hessian_vector(net, X, y, v, step=0.1) ** 2).sum())
    columns["rms_eigenvalue"].append(math.sqrt(numpy.mean(squares)))


def _test_accuracy(net, train_iter, test_iter, batches: int) -> tuple[str, float]:
    """In prediction mode, without noise, by statistics for the final weights."""
    if all(parameter.grad_req != "null" for parameter in net.collect_params().values()):
        return "test_accuracy_moving", evaluate(net, test_iter)
    with without_noise(net):
        recalibrate(net, train_iter, batches=batches)
    return "test_accuracy_population", evaluate(net, test_iter)


def _means(values: list[float], size: int) -> list[float]:
    """The mean of each ``size`` values in a row."""
    return [float(numpy.mean(values[i : i + size])) for i in range(0, len(values), size)]


def _as_json(value):
    """Five digits of each number, to keep the file small; None where it is not finite."""
    if isinstance(value, dict):
        return {name: _as_json(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(entry) for entry in value]
    if isinstance(value, (float, numpy.floating)):
        return float(f"{value:.5g}") if math.isfinite(value) else None
    return value


def _case(activation: str, network: str, factor: float) -> Case:
    return {
        "activation": activation,
        "network": network,
        "noise": NOISE.get(network),
        "optimizer": "sgd",
        "lr": LEARNING_RATES[activation] * factor,
        "lr_factor": factor,
        "batch_size": 64,
        "shuffle": True,
        "examples": None,
        "test_examples": None,
        "steps": 160,
        "every": 20,
        "step_factors": [0.25, 0.5, 1.0, 2.0, 4.0],  # of the learning rate, along the gradient
        "power_iterations": 10,
        "population_batches": 40,
    }


STUDY = Study(
    "landscape",
    "Why does batch normalization work?",
    [
        _case(activation, network, factor)
        for activation in LEARNING_RATES
        for network, factor in (*((network, 1) for network in MEASURED), *CONTROLS)
    ],
    run,
    seeds=tuple(range(8)),
)
