r"""Weight decay with and without batch normalization: what it does to weights and to accuracy.

Decay reaches the weights of the two convolutions and the first two dense layers only, which the
batch normalizations make scale invariant. One network is trained a second time without decay, but
with the growing learning rate that stands for it. Lengths of weights and gradients are recorded
every 50 steps.
"""

from __future__ import annotations

from mxnet import gluon, np

from d2l_bn.data.batches import Batches
from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.diagnostics.scale_invariance import decay_only, weight_norms
from d2l_bn.experiments.lenet_training import lenet_case, network, trained
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import DIVERGED, Case, Measured, Study
from d2l_bn.networks.population import recalibrate
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.running_totals import RunningTotals

LAYERS = ("conv1", "conv2", "dense1", "dense2")
DECAYS = (0.0, 0.01, 0.03)


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network, watch its weights, and test it."""
    options = {"data": data, "limit": case["examples"], "seed": seed}
    train_iter, test_iter = load_fashion_mnist(case["batch_size"], **options)
    net = network(case)
    weights = {name: net._children[name].weight for name in LAYERS}
    decay_only(net, weights)
    watched = Watch(weights, train_iter)
    outcome, measures = trained(
        net, train_iter, None, case, seed, recalibrate=False, on_batches=watched.on_batches
    )
    measures["steps"] = watched.steps
    for name in LAYERS:
        measures[f"weight_norm/{name}"] = rounded(watched.norms[name])
        measures[f"gradient_norm/{name}"] = rounded(watched.gradients[name])
    if outcome == DIVERGED:
        return outcome, measures
    measures["test_accuracy_moving"] = evaluate(net, test_iter)
    if case["norm"] is not None:
        recalibrate(net, train_iter, batches=case["population_batches"])
        measures["test_accuracy_population"] = evaluate(net, test_iter)
    return outcome, measures


class Watch:
    """The lengths of weights, and of the mean gradient of the batch before, at every report."""

    def __init__(self, weights: dict[str, gluon.Parameter], batches: Batches) -> None:
        self._weights, self._batches = weights, batches
        self.steps: list[int] = []
        self.norms: dict[str, list[float]] = {name: [] for name in weights}
        self.gradients: dict[str, list[float]] = {name: [] for name in weights}

    def on_batches(self, number: int, totals: RunningTotals) -> None:
        step = (number - 1) * len(self._batches) + totals.batches
        if step in self.steps:  # the end of one epoch and the start of the next
            return
        self.steps.append(step)
        for name, norm in weight_norms(self._weights).items():
            self.norms[name].append(norm)
            gradient = self._weights[name].grad() / self._batches.batch_size  # it is a sum
            self.gradients[name].append(float(np.sqrt(np.square(gradient).sum())))


def _case(norm: str | None, decay: float, way: str = "decay") -> Case:
    grows = way == "growing rate"
    case = lenet_case(
        norm=norm,
        activation="relu",
        lr=0.1,
        examples=8000,
        epochs=4,
        optimizer="growingsgd" if grows else "sgd",
        optimizer_params={"decay" if grows else "wd": decay},
        population_batches=40 if norm else 0,
    )
    return {**case, "weight_decay": decay, "way": way}


STUDY = Study(
    "weight_decay",
    "What does weight decay do with batch normalization, and without?",
    [
        *(_case("gluon", decay) for decay in DECAYS),
        _case("gluon", 0.03, "growing rate"),
        *(_case(None, decay) for decay in DECAYS),
    ],
    run,
    seeds=tuple(range(8)),
)
