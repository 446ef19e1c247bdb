r"""Assignment 6, experiments: the chapter's exercises as small studies.

The tools of a study are graded here, on made-up runs whose outcome is known, and on real networks,
which are judged by what they do; what a student concludes from them is graded by hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy
from mxnet import autograd, gluon, np

from d2l_bn.exercises import Questions, Wrong, expect
from d2l_bn.exercises.asking import Answer
from d2l_bn.exercises.desk.networks import known_network
from d2l_bn.exercises.guard import Rules

__all__ = ["asked"]

WITH_BIAS = ("conv1", "conv2", "dense1", "dense2", "output")
#: Below it a gradient of a bias is 0 but for rounding (1e-5 at most, where a real one has 5e-4).
NOTHING = 1e-4

asked = Questions("experiments", Rules(seconds=30.0, modules=("d2l_bn",), normalizers=True))


def bias_gradients_are_right(bias_gradients: Answer, rng: Any, norm: str | None) -> None:
    r"""The largest |∂L/∂b| of each layer, L the mean loss in training mode."""
    seed = int(rng.integers(2**31))
    result = bias_gradients.ask("of_a_network", seed=seed, norm=norm)
    if not isinstance(result, dict) or set(result) != set(WITH_BIAS):
        raise Wrong(f"expected a dictionary with the keys {', '.join(WITH_BIAS)}, got {result!r}")
    n = 6  # examples
    training, signed = _largest(seed, norm, abs), _largest(seed, norm, lambda g: g)
    for name in WITH_BIAS:
        right, came = training[name], float(result[name])
        if abs(right) < NOTHING and abs(came) < NOTHING:
            continue
        reasons = [
            (n * right, "L is the mean of the losses, not their sum.", 0.5),
            (signed[name], "The largest absolute value: abs() before max().", 0.5),
        ]
        what = f"the largest gradient of the bias of `{name}`, `norm={norm!r}`"
        expect(what, came, right, reasons, rtol=1e-2, atol=1e-5)


def _largest(seed: int, norm: str | None, size: Callable) -> dict[str, float]:
    net, X, y = known_network(seed, norm, pooling="avg")
    with autograd.record():
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(net(X), y).mean()
    loss.backward()
    return {n: float(size(getattr(net, n).bias.grad().asnumpy()).max()) for n in WITH_BIAS}


def largest_rate_is_right(largest_rate: Answer, rng: Any, kind: str) -> None:
    r"""On made-up runs. ``kind``: how training fails above the limit."""
    rates = [round(float(r), 3) for r in numpy.cumsum(rng.uniform(0.1, 3, 7))]
    limit, seeds = int(rng.integers(1, 5)), [int(s) for s in rng.permutation(1000)[:3]]
    bad_seed = int(rng.choice(seeds))

    def outcome(lr: float, seed: int) -> float:
        works = lr <= rates[limit]
        if kind == "one seed fails" and seed != bad_seed:
            works = True
        if kind == "it works again":
            works = lr != rates[limit + 1]
        if works:  # so low that a mean over the seeds hides the one that fails
            return float(rng.uniform(0.2, 1.5))
        return math.nan if kind == "not a number" else float(rng.uniform(2.4, 3.5))

    why = {
        "loss stays high": "A loss of ln 10 = 2.303 or more is no better than guessing.",
        "not a number": "NaN means that training diverged; `nan > x` is False.",
        "one seed fails": "A rate works if it works for every seed.",
        "it works again": "Stop at the first rate that fails: what works above it is luck.",
    }[kind]
    reasons = [(rate, why, 0.3) for rate in rates[limit + 1 :]]
    runs = {(lr, seed): outcome(lr, seed) for lr in rates for seed in seeds}
    result = largest_rate.ask("of_made_up_runs", runs=runs, arguments=(rates, seeds))
    expect(f"the largest rate of {rates} ({kind})", result, rates[limit], reasons)
    if kind == "loss stays high":
        runs = dict.fromkeys(runs, 9.0)
        if largest_rate.ask("of_made_up_runs", runs=runs, arguments=(rates, seeds)) is not None:
            raise Wrong("No rate works in these runs; expected None.", credit=0.7)


def summary_is_right(summary: Answer, rng: Any, count: int) -> None:
    r"""Mean and standard error of made-up runs."""
    seeds = [int(s) for s in rng.permutation(1000)[:count]]
    losses = {name: rng.uniform(0.2, 2, count) for name in ("conv1", "dense2", "none")}
    runs = {(name, s): float(x) for name in losses for s, x in zip(seeds, losses[name])}
    result = summary.ask("of_made_up_runs", runs=runs, arguments=(list(losses), seeds))
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
        expect(f"the mean for the setting `{name}`", mean, float(x.mean()), [median])
        reasons = [
            (float(x.std(ddof=1)), "That is the standard deviation; divide by √n.", 0.6),
            (float(x.std()), "That is the standard deviation, and with n for n - 1.", 0.4),
            (float(x.std()) / math.sqrt(count), "The deviation divides by n - 1 (ddof=1).", 0.7),
            (float(x.var(ddof=1)), "That is the variance.", 0.3),
        ]
        expect(f"the standard error for the setting `{name}`", spread, float(error), reasons)


def freeze_is_right(freeze: Answer, rng: Any, norm: str) -> None:
    r"""A step leaves γ and β, and moves the weights and the averages."""
    came = freeze.ask("train_frozen", seed=int(rng.integers(2**31)), norm=norm)
    frozen = [n for n in came["all"] if n.endswith(("gamma", "beta"))]
    changed = [n for n in frozen if n in came["changed"]]
    if changed:
        raise Wrong(f"freeze changes {changed[0]}; expected that it stays what it is.", credit=0.3)
    free = [n for n in frozen if n in came["moved"]]
    if free:
        share = 0.5 if len(free) < len(frozen) else 0.0
        raise Wrong(f"{free[0]} was trained; set its grad_req to 'null'.", credit=share)
    others = [n for n in came["all"] if n not in frozen and not n.endswith("bias")]
    still = [n for n in others if n not in came["moved"]]
    if still:
        raise Wrong(f"{still[0]} does not move any more; only γ and β are to be frozen.", 0.3)


class Probe:
    r"""A LeNet whose outputs show what was dropped.

    ``dense2`` hands each of ten values of ``act3`` to one value of ``act4``, and ``output`` each of
    those to one score. So in training a score is one of three numbers: 0 if dropped behind
    ``act4``, another if dropped behind ``act3``, a third if kept. All images are the same one: a
    fourth number means that something else drops, too.
    """

    BIAS, GAIN, COUNT = -1.5, 4.0, 400

    def __init__(self, rng: Any) -> None:
        draw = rng.normal
        dense2, output = numpy.zeros((84, 120)), numpy.zeros((10, 84))
        dense2[range(10), range(10)], output[range(10), range(10)] = self.GAIN, 1.0
        biases = [draw(0, 0.1, n) for n in (6, 16, 120)] + [numpy.full(84, self.BIAS)]
        shapes = ((6, 1, 5, 5), (16, 6, 5, 5), (120, 256))
        kernels = [draw(0, deviation, s) for deviation, s in zip((0.3, 0.2, 0.1), shapes)]
        self.weights = [*kernels, dense2, output, *biases, numpy.zeros(10)]
        self.X = numpy.repeat(rng.uniform(0, 1, (1, 1, 28, 28)), self.COUNT, axis=0)

    def prediction(self) -> numpy.ndarray:
        """The ten scores of LeNet in prediction."""
        net, *_ = known_network(0, None)
        by_shape = {w.shape: w for w in self.weights}
        for parameter in net.collect_params().values():
            parameter.set_data(np.array(by_shape[parameter.shape], dtype="float32"))
        return net(np.array(self.X[:1], dtype="float32")).asnumpy()[0]

    def kinds(self, prediction: numpy.ndarray, third: float, fourth: float) -> numpy.ndarray:
        """The three numbers, (3, 10), at dropout ``third`` behind act3 and ``fourth`` behind act4.

        In their order: dropped behind act4, dropped behind act3, kept.
        """
        act3 = (numpy.log(prediction / (1 - prediction)) - self.BIAS) / self.GAIN
        kept = 1 / (1 + numpy.exp(-(self.GAIN * act3 / (1 - third) + self.BIAS)))
        dropped = numpy.full(10, 1 / (1 + numpy.exp(-self.BIAS)))
        return numpy.stack([numpy.zeros(10), dropped, kept]) / (1 - fourth)


def dropout_net_is_right(dropout_net: Answer, rng: Any) -> None:
    r"""No normalizer; a dropout of the given rate behind each activation of a dense layer."""
    rate = round(float(rng.choice([rng.uniform(0.15, 0.35), rng.uniform(0.65, 0.85)])), 2)
    probe = Probe(rng)
    came = dropout_net.ask(
        "outputs_with_dropout", rate=rate, weights=probe.weights, X=probe.X,
        seed=int(rng.integers(2**31)),
    )  # fmt: skip
    _is_lenet([tuple(shape) for shape in came["shapes"]], probe)
    right = probe.prediction()
    scores, in_training = came["prediction"], came["training"]
    if scores.shape != (probe.COUNT, 10):
        raise Wrong(f"Its output for {probe.COUNT} images has shape {scores.shape}; expected "
                    f"({probe.COUNT}, 10).")  # fmt: skip
    if numpy.ptp(scores, axis=0).max() > 1e-4:
        raise Wrong("In prediction, too, it drops something: equal images get other scores.")
    expect("the scores of an image in prediction", scores[0], right, rtol=1e-2, atol=1e-3)
    right = right.astype(numpy.float64)
    for third, fourth, why, credit in (
        (rate, rate, "", 1.0),
        (1 - rate, 1 - rate, "In Gluon the rate is the share that is dropped.", 0.5),
        (rate, 0, "There is no dropout behind act4.", 0.5),
        (0, rate, "There is no dropout behind act3.", 0.5),
        (0, 0, "There is no dropout in it.", 0.0),
    ):
        if _fits(in_training, probe.kinds(right, third, fourth), third, fourth):
            if credit < 1:
                raise Wrong(f"At the rate {rate}: {why}", credit)
            return
    raise Wrong(
        f"At the rate {rate}, what it drops in training is not what a dropout behind act3 and one "
        "behind act4 drop: is there another one, or does one stand before its activation?",
        credit=0.3,
    )


def _is_lenet(shapes: list[tuple], probe: Probe) -> None:
    """Do the parameters have the shapes of LeNet's?"""
    wanted = sorted(weight.shape for weight in probe.weights)
    if len(shapes) > len(wanted) and any(shapes.count((1, c, 1, 1)) for c in (6, 16)):
        raise Wrong("There is still a normalizer in it: norm=None.", 0.3)
    if len(shapes) > len(wanted) and any(shapes.count((c,)) > 1 for c in (6, 16, 120, 84)):
        raise Wrong("There is still a normalizer in it: norm=None.", 0.3)
    if sorted(shapes) != wanted:
        raise Wrong(f"Its parameters have the shapes {sorted(shapes)}; LeNet's have {wanted}.")


def _fits(scores: numpy.ndarray, kinds: numpy.ndarray, third: float, fourth: float) -> bool:
    """Is each score one of the three kinds, and as often as the rates say?"""
    gaps = numpy.abs(scores[None] - kinds[:, None])
    if gaps.min(axis=0).max() > 3e-3:
        return False
    shares = [(gaps.argmin(axis=0) == kind).mean() for kind in range(3)]
    wanted = (fourth, (1 - fourth) * third, (1 - fourth) * (1 - third))
    return all(abs(share - want) < 0.06 for share, want in zip(shares, wanted))


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
