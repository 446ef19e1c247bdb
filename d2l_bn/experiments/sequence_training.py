r"""Training a transformer to sort: the loop, and what is measured afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import mean

import numpy
from mxnet import autograd, gluon, init, np, npx
from mxnet.gluon import nn

from d2l_bn.data.sorting import VOCABULARY, Sorting, sorting_batch
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import DIVERGED, FINISHED, Case, Measured
from d2l_bn.networks.batch_norm_layers import kept_averages
from d2l_bn.networks.transformer import Transformer
from d2l_bn.training.schedules import Line, Schedule, WarmUp

__all__ = [
    "answer_loss",
    "draw_lengths",
    "problems",
    "solved",
    "sorter",
    "together",
    "train_sorter",
]

SCHEDULES: dict[bool, Schedule] = {False: Line(), True: WarmUp(Line(), share=0.2)}
EVERY = 20  # steps between the values of a curve
VALIDATION_SEED, TEST_SEED = 1_000_001, 1_000_002  # no seed of a training


def sorter(case: Case, seed: int) -> Transformer:
    """The network of a case, its weights drawn by the seed."""
    npx.random.seed(seed)
    options = {name: case[name] for name in ("features", "heads", "depth", "norm", "place")}
    net = Transformer(VOCABULARY, 2 * case["longest"], **options)
    net.initialize(init.Xavier())
    return net


def answer_loss(net: nn.Block, batch: Sorting) -> np.ndarray:
    r"""The cross-entropy of the next token, on average over the tokens of the answers.

    >>> rng = numpy.random.default_rng(0)
    >>> batch = sorting_batch(rng, [2, 5])
    >>> answer_loss(lambda tokens: np.zeros((*tokens.shape, 12)), batch).round(2)  # log 12
    array(2.48)
    """
    logarithms = npx.log_softmax(net(batch.tokens), axis=-1)
    losses = -npx.pick(logarithms, batch.targets, axis=-1)
    return (losses * batch.answers).sum() / batch.answers.sum()


def solved(net: nn.Block, batch: Sorting, *, train_mode: bool = False) -> float:
    r"""The share of the problems whose answer is right in every token.

    The tokens in front of each are the true ones. If all are right, the network that goes on from
    its own tokens writes the same: so this is the share that it solves by itself, as long as no
    token's scores depend on a later one.

    Arguments:
        train_mode: by the statistics of this batch, where a layer takes any.
    """
    with autograd.pause(train_mode=train_mode):
        guesses = net(batch.tokens).asnumpy().argmax(axis=-1)
    wrong = (guesses != batch.targets.asnumpy()) & (batch.answers.asnumpy() > 0)
    return float(1 - wrong.any(axis=1).mean())


def draw_lengths(rng: numpy.random.Generator, case: Case) -> numpy.ndarray:
    r"""The lengths of a batch; with ``batches="by length"`` one length, else each its own.

    Over many batches all lengths come equally often either way.
    """
    drawn = 1 if case["batches"] == "by length" else case["batch_size"]
    lengths = rng.integers(case["shortest"], case["longest"] + 1, drawn)
    return numpy.broadcast_to(lengths, case["batch_size"])


def problems(case: Case, seed: int) -> dict[int, Sorting]:
    """For each length the same number of problems, the same ones for all runs."""
    rng = numpy.random.default_rng(seed)
    lengths = range(case["shortest"], case["longest"] + 1)
    each = max(2, case["test_examples"] // len(lengths))
    return {k: sorting_batch(rng, [k] * each, case["longest"]) for k in lengths}


def together(by_length: Iterable[Sorting]) -> Sorting:
    """Problems of all lengths as one batch."""
    return Sorting(*(np.concatenate(arrays) for arrays in zip(*by_length)))


def train_sorter(case: Case, seed: int) -> Measured:
    r"""Train once, by Adam; the rate falls to 0 along a line, with ``warmup`` after a rise.

    Returns:
        How it ended, and a ``curve`` of rows (steps so far, mean loss of the last of them); the
        share of validation and test problems that are solved, by the moving averages where there
        are any. With batch normalization, also that by the statistics of the test batch: all
        lengths in one, and ``/one length`` each length by itself.
    """
    net = sorter(case, seed)
    rng, schedule, losses = numpy.random.default_rng(seed), SCHEDULES[case["warmup"]], []
    adam = {"learning_rate": case["lr"]}
    trainer = gluon.Trainer(net.collect_params(), "adam", adam, kvstore=None)
    for step in range(case["steps"]):
        batch = sorting_batch(rng, draw_lengths(rng, case), case["longest"])
        with autograd.record():
            loss = answer_loss(net, batch)
        loss.backward()
        trainer.set_learning_rate(case["lr"] * schedule((step + 0.5) / case["steps"]))
        trainer.step(1)
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            return DIVERGED, {"curve": rounded(_curve(losses))}
    by_length = problems(case, TEST_SEED)
    mixed = together(by_length.values())
    measures = {
        "curve": _curve(losses),
        "validation_accuracy": solved(net, together(problems(case, VALIDATION_SEED).values())),
        "test_accuracy_moving": solved(net, mixed),
    }
    for length, batch in by_length.items():
        measures[f"test_accuracy_moving/{length} digits"] = solved(net, batch)
    if case["norm"] == "batch":
        with kept_averages(net):
            alone = [solved(net, batch, train_mode=True) for batch in by_length.values()]
            measures["test_accuracy_batch"] = solved(net, mixed, train_mode=True)
        measures["test_accuracy_batch/one length"] = mean(alone)
    return FINISHED, {name: rounded(value) for name, value in measures.items()}


def _curve(losses: list[float]) -> list[list[float]]:
    ends = range(EVERY, len(losses) + 1, EVERY)
    return [[end, mean(losses[end - EVERY : end])] for end in ends]
