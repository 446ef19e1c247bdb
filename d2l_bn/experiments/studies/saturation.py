r"""Does saturation keep a network of sigmoids from learning, or does it follow from not learning?

The LeNet of the chapter without normalization, 564 steps, with batches of 64 and of 256. Some runs
are interfered with at the last sigmoid:

===================  =============================================================================
``"shifted"``        its inputs start 3.4 lower, where those of the small batches drift to: three
                     quarters of it are saturated before the first step
``"slow"``           the two layers around it learn at a tenth of the rate
``"slow, shifted"``  both
``"held"``           after each step, the biases before it are moved together so that its inputs
                     have the mean -1.5 again, about where those of the large batches stay
===================  =============================================================================

Others have batch normalization in one of the four places. Measured are, at each look (``step``) on
the same images in training mode, for ``act1`` … ``act4``,

================  ================================================================================
``saturated/…``   share of outputs below 0.05 or above 0.95
``mean/…``        mean of all inputs
``spread/…``      standard deviation of the inputs of a channel, the mean over its channels
================  ================================================================================

and ``loss_between_looks``, the mean over the steps from one look to the next.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from typing import Any

import mxnet as mx
import numpy
from mxnet import autograd, gluon, init, np

from d2l_bn.data.batches import Batches
from d2l_bn.diagnostics.activation_stats import SATURATED
from d2l_bn.diagnostics.covariate_shift import input_moments
from d2l_bn.experiments.lenet_training import chosen_images, lenet_case, network
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import DIVERGED, FINISHED, Case, Measured, Study, grid
from d2l_bn.networks.batch_norm_layers import kept_averages
from d2l_bn.networks.population import recalibrate
from d2l_bn.networks.watching import named_blocks, uncompiled, watched
from d2l_bn.training.evaluation import evaluate

ACTIVATIONS = ("act1", "act2", "act3", "act4")
SLOWER, LOWER, HELD_AT = 0.1, -3.4, -1.5


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network and look at its sigmoids on the way."""
    train_iter, test_iter = chosen_images(case, seed, data)
    net = network(case)
    mx.random.seed(seed)
    net.initialize(init.Xavier())
    probe = next(iter(train_iter))[0]
    net(probe)
    interfered = case["interfered"] or ""
    if "slow" in interfered:
        for layer in (net.dense2, net.output):
            layer.collect_params().setattr("lr_mult", SLOWER)
    if "shifted" in interfered:
        _shift(net, LOWER)
    trainer = gluon.Trainer(
        net.collect_params(), "sgd", {"learning_rate": case["lr"]}, kvstore=None
    )
    loss_function = gluon.loss.SoftmaxCrossEntropyLoss()
    columns: dict[str, list[Any]] = defaultdict(list)
    losses: list[float] = []
    train_iter.epoch = 0
    epochs = itertools.chain.from_iterable(train_iter for _ in itertools.count())
    for step, (X, y) in enumerate(itertools.islice(epochs, case["steps"])):
        if step % case["every"] == 0:
            _look(columns, step, net, probe)
        with autograd.record():
            batch_losses = loss_function(net(X), y)
        batch_losses.backward()
        trainer.step(len(y))
        losses.append(batch_losses.mean().item())
        if not math.isfinite(losses[-1]):
            return DIVERGED, dict(columns)
        if interfered == "held":
            _shift(net, HELD_AT - input_moments(net, X, ["act4"])["act4"][0].mean())
    _look(columns, case["steps"], net, probe)
    every = case["every"]
    means = [float(numpy.mean(losses[i : i + every])) for i in range(0, len(losses), every)]
    name, accuracy = _test_accuracy(net, train_iter, test_iter, case["population_batches"])
    measures = {name: rounded(column) for name, column in columns.items()}
    return FINISHED, {**measures, "loss_between_looks": rounded(means), name: rounded(accuracy)}


def _shift(net: gluon.Block, by: float) -> None:
    """Move all inputs of the last sigmoid by as much."""
    net.dense2.bias.set_data(net.dense2.bias.data() + by)


def _look(columns: dict[str, list[Any]], step: int, net: gluon.Block, X: np.ndarray) -> None:
    """Append what is seen of the four activations, in training mode; no trace is left."""
    low, high = SATURATED["sigmoid"]
    columns["step"].append(step)

    def note(name: str, Z: np.ndarray, A: np.ndarray) -> None:
        flat = float(((A <= low) | (A >= high)).mean())
        columns[f"saturated/{name}"].append(flat)

    with kept_averages(net), uncompiled(net), watched(named_blocks(net, ACTIVATIONS), note):
        with autograd.pause(train_mode=True):
            net(X)
    for name, (mean, deviation) in input_moments(net, X, ACTIVATIONS).items():
        columns[f"mean/{name}"].append(float(mean.mean()))
        columns[f"spread/{name}"].append(float(deviation.mean()))


def _test_accuracy(
    net: gluon.Block, train_iter: Batches, test_iter: Batches, batches: int
) -> tuple[str, float]:
    if not batches:
        return "test_accuracy_moving", evaluate(net, test_iter)
    recalibrate(net, train_iter, batches=batches)
    return "test_accuracy_population", evaluate(net, test_iter)


def _case(**settings: Any) -> Case:
    batches = 50 if settings.get("norm") else 0
    case = lenet_case(examples=12_000, population_batches=batches, **{"norm": None, **settings})
    del case["epochs"]
    return {**case, "steps": 564, "every": 25, "interfered": None}


STUDY = Study(
    "saturation",
    "Does saturation keep a network of sigmoids from learning, or does it follow?",
    [
        *grid(_case(), batch_size=(64, 256), lr=(1.0, 0.9)),
        *grid(_case(batch_size=64, lr=1.0), interfered=("held", "slow", "slow, shifted")),
        *grid(_case(batch_size=256, lr=0.9), interfered=("shifted",)),
        *grid(_case(norm="gluon", batch_size=64, lr=1.0), places=([1], [2], [3], [4])),
    ],
    run,
    seeds=tuple(range(8)),
)
