r"""Normalizers inside a recurrent network: none, batch, layer and weight normalization.

Each reads garments two rows at a time, from initial weights of the loop that are a quarter of
Xavier's, Xavier's own, and four times those. Batch normalization is trained once with one layer for
all steps, and once with a layer for each step.
"""

from __future__ import annotations

from mxnet import init

from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.experiments.lenet_training import trained
from d2l_bn.experiments.study import FINISHED, Case, Measured, Study, grid
from d2l_bn.networks.population import recalibrate
from d2l_bn.networks.row_reader import NORMS, RowReader
from d2l_bn.training.evaluation import evaluate

SETTINGS = {
    "hidden": 64,
    "optimizer": "sgd",
    "optimizer_params": {},
    "lr": 0.3,
    "batch_size": 128,
    "examples": 3000,
    "epochs": 3,
}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network, and test it after each epoch."""
    options = {"data": data, "limit": case["examples"], "seed": seed}
    train_iter, test_iter = load_fashion_mnist(case["batch_size"], **options)
    net = RowReader(case["norm"], case["hidden"])
    net.dense.initialize(init.Xavier(magnitude=3 * case["scale"] ** 2))  # 3 is the default
    outcome, measures = trained(net, train_iter, test_iter, case, seed, recalibrate=False)
    if outcome == FINISHED and case["population_batches"]:
        recalibrate(net, train_iter, batches=case["population_batches"])
        measures["test_accuracy_population"] = evaluate(net, test_iter)
    return outcome, measures


STUDY = Study(
    "recurrent",
    "Which normalizer helps inside a recurrent network?",
    [
        {**case, "population_batches": 10 if case["norm"] in ("batch", "batch_per_step") else 0}
        for case in grid(SETTINGS, scale=(0.25, 1.0, 4.0), norm=NORMS)
    ],
    run,
)
