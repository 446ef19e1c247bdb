r"""Schedules of the learning rate and of the momentum, each with four or five peak rates.

A LeNet with ReLU, stochastic descent with momentum 0.9, 600 steps of 64 images. A fifth of the
images is held out: for each schedule the peak rate is chosen by its accuracy on these, over three
seeds; the chosen ones (:data:`CHOSEN`) are compared by the test images. With more :data:`SEEDS`
they alone are run, and a constant rate and one cycle at the largest peak. The lengths of the
weights in front of a normalization are recorded, for the effective rate, and weight decay reaches
these weights only.
"""

from __future__ import annotations

from mxnet import gluon

from d2l_bn.data.batches import Batches
from d2l_bn.diagnostics.scale_invariance import decay_only, weight_norms
from d2l_bn.experiments.lenet_training import lenet_case, network, trained
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import DIVERGED, Case, Measured, Study
from d2l_bn.experiments.validated_training import part_held_out
from d2l_bn.networks.population import recalibrate
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.running_totals import RunningTotals
from d2l_bn.training.schedules import SCHEDULES, Line, OneCycleMomentum

LAYERS = ("conv1", "conv2", "dense1", "dense2")
RATES = {None: (0.01, 0.03, 0.1, 0.3), "gluon": (0.01, 0.03, 0.1, 0.3, 1.0)}
DECAY = 0.001
POPULATION_BATCHES = 30
MOMENTA = {"one_cycle": OneCycleMomentum(), "momentum 0.5 to 0.9": Line(0.5, 0.9, until=0.1)}
ARMS = ["constant", "step", "cosine", "warmup", "one_cycle", "momentum 0.5 to 0.9"]
DECAYED = ("constant", "cosine")  # these with weight decay, too
#: The peak rate of each arm, (normalizer, schedule, weight decay), that was best on held-out images
CHOSEN: dict[tuple[str | None, str, float], float] = {
    (None, "constant", 0.0): 0.03,
    (None, "step", 0.0): 0.03,
    (None, "cosine", 0.0): 0.03,
    (None, "warmup", 0.0): 0.1,
    (None, "one_cycle", 0.0): 0.1,
    (None, "momentum 0.5 to 0.9", 0.0): 0.03,
    ("gluon", "constant", 0.0): 0.03,
    ("gluon", "step", 0.0): 0.03,
    ("gluon", "cosine", 0.0): 0.03,
    ("gluon", "warmup", 0.0): 0.3,
    ("gluon", "one_cycle", 0.0): 0.1,
    ("gluon", "momentum 0.5 to 0.9", 0.0): 0.03,
    ("gluon", "constant", 0.001): 0.03,
    ("gluon", "cosine", 0.001): 0.03,
}
TUNING_SEEDS, SEEDS = 3, 8


def run(case: Case, seed: int, data: str) -> Measured:
    """Train, watch the lengths of the weights, and test."""
    train_iter, validation, test_iter = part_held_out(case, seed, data, parts=5)
    net = network(case)
    weights = {name: net._children[name].weight for name in LAYERS}
    decay_only(net, weights)
    lengths = Lengths(weights, train_iter)
    outcome, measures = trained(
        net,
        train_iter,
        None,
        case,
        seed,
        recalibrate=False,  # once, at the end
        schedule=SCHEDULES.get(case["schedule"]),
        momentum_schedule=MOMENTA.get(case["schedule"]),
        on_batches=lengths.on_batches,
    )
    measures["steps"] = lengths.steps
    measures |= {f"weight_norm/{name}": rounded(norms) for name, norms in lengths.norms.items()}
    if outcome == DIVERGED:
        return outcome, measures
    kind = "moving"
    if case["norm"] is not None:
        kind = "population"
        recalibrate(net, train_iter, batches=case["population_batches"])
    measures["validation_accuracy"] = evaluate(net, validation)
    measures[f"test_accuracy_{kind}"] = evaluate(net, test_iter)
    return outcome, measures


class Lengths:
    """The lengths of the weights at every report."""

    def __init__(self, weights: dict[str, gluon.Parameter], batches: Batches) -> None:
        self._weights = weights
        self._batches = len(batches)
        self.steps: list[int] = []
        self.norms: dict[str, list[float]] = {name: [] for name in LAYERS}

    def on_batches(self, number: int, totals: RunningTotals) -> None:
        step = (number - 1) * self._batches + totals.batches
        if step in self.steps:  # the end of one epoch and the start of the next
            return
        self.steps.append(step)
        for name, norm in weight_norms(self._weights).items():
            self.norms[name].append(norm)


def _case(norm: str | None, schedule: str, decay: float, lr: float) -> Case:
    case = lenet_case(
        norm=norm,
        activation="relu",
        lr=lr,
        optimizer_params={"momentum": 0.9, "wd": decay},
        examples=12_000,
        epochs=4,
        population_batches=POPULATION_BATCHES if norm else 0,
    )
    return {**case, "schedule": schedule}


def _on_the_edge(arm: tuple[str | None, str, float], lr: float) -> bool:
    """At the largest peak: a constant rate and one that rises to it."""
    return arm[1:] in (("constant", 0.0), ("one_cycle", 0.0)) and lr == max(RATES[arm[0]])


def cases(seed: int) -> list[Case]:
    """All rates with the first seeds, and the chosen ones and the edge with all."""
    arms = [(norm, name, 0.0) for norm in (None, "gluon") for name in ARMS]
    arms += [("gluon", name, DECAY) for name in DECAYED]
    return [
        _case(*arm, lr)
        for arm in arms
        for lr in RATES[arm[0]]
        if seed < TUNING_SEEDS or CHOSEN.get(arm) == lr or _on_the_edge(arm, lr)
    ]


STUDY = Study(
    "schedules",
    "Does a schedule of the learning rate help, with and without batch normalization?",
    cases,
    run,
    seeds=tuple(range(SEEDS)),
)
