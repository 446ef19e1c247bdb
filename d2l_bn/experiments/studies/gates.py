r"""Layer norm in a plain recurrent cell, group norm and standardized weights in an LSTM, tuned.

Each network reads garments two rows at a time, for 72 steps of 128 images. The learning rate that
is best on validation images, over two seeds (:data:`CHOSEN`), is run with the others, and
compared by the test images.
"""

from __future__ import annotations

from mxnet import init
from mxnet.gluon import nn

from d2l_bn.experiments.lenet_training import trained
from d2l_bn.experiments.study import FINISHED, Case, Measured, Study
from d2l_bn.experiments.validated_training import final_accuracies, images_in_three
from d2l_bn.networks.gated_reader import GatedReader
from d2l_bn.networks.row_reader import RowReader

ARMS = (("tanh", None), ("tanh", "layer"), ("lstm", None), ("lstm", "group+standardized"))
RATES = {"tanh": (0.03, 0.1, 0.3, 1.0), "lstm": (0.1, 0.3, 1.0, 3.0, 10.0)}
#: learning rate of each arm, (cell, norm), best on validation images
CHOSEN: dict[tuple[str, str | None], float] = {
    ("tanh", None): 0.1,
    ("tanh", "layer"): 0.1,
    ("lstm", None): 3.0,
    ("lstm", "group+standardized"): 0.3,
}
TUNING_SEEDS, SEEDS = 2, 8
SETTINGS: Case = {
    "hidden": 64,
    "optimizer": "sgd",
    "optimizer_params": {},
    "batch_size": 128,
    "shuffle": True,
    "examples": 3000,
    "validation_examples": 1000,
    "test_examples": 3000,
    "epochs": 3,
    "population_batches": 0,
}


def reader(cell: str, norm: str | None, hidden: int) -> nn.Block:
    """The network of a case."""
    if cell == "tanh":
        return RowReader(norm, hidden)
    name, _, weights = (norm or "").partition("+")
    net = GatedReader(cell, name or None, weights or None, hidden)
    net.hybridize()
    return net


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network, and test it."""
    train_iter, validation, test_iter = images_in_three(case, seed, data)
    net = reader(case["cell"], case["norm"], case["hidden"])
    net.initialize(init.Xavier())
    outcome, measures = trained(net, train_iter, None, case, seed)
    if outcome == FINISHED:
        sets = {"validation": validation, "test": test_iter}
        measures.update(final_accuracies(net, train_iter, sets, case["population_batches"]))
    return outcome, measures


def cases(seed: int) -> list[Case]:
    """All rates with the first seed, and the chosen ones with all."""
    return [
        {**SETTINGS, "lr": lr, "cell": cell, "norm": norm}
        for cell, norm in ARMS
        for lr in RATES[cell]
        if seed < TUNING_SEEDS or CHOSEN.get((cell, norm)) == lr
    ]


STUDY = Study(
    "gates",
    "What do normalizers buy inside a plain recurrent cell and inside an LSTM, each tuned?",
    cases,
    run,
    seeds=tuple(range(SEEDS)),
)
