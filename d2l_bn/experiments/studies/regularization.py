r"""Few examples, many epochs: which of BN, dropout and weight decay lessens overfitting?

A network is trained on a small set for each variant and seed, and tested on a large one. The last
variants change the order of the examples and nothing else: the same batches in each epoch (fixed),
or batches of one class each (one class).
"""

from __future__ import annotations

import numpy
from mxnet import np

from d2l_bn.data.batches import Batches
from d2l_bn.diagnostics.batch_noise import score_spread
from d2l_bn.experiments.lenet_training import chosen_images, lenet_case, network, trained
from d2l_bn.experiments.study import DIVERGED, Case, Measured, Study
from d2l_bn.networks.population import recalibrate
from d2l_bn.norms.ghost_batch import GhostBatchNorm
from d2l_bn.training.evaluation import evaluate

DROPOUT = {"act4": 0.5}  # behind the last normalization
WEIGHT_DECAY = 0.005  # of all parameters, as MXNet does it
VARIANTS: dict[str, Case] = {
    "none": {},
    "BN": {"norm": "gluon"},
    "dropout": {"dropout": DROPOUT},
    "L2": {"wd": WEIGHT_DECAY},
    "BN, dropout": {"norm": "gluon", "dropout": DROPOUT},
    "BN, L2": {"norm": "gluon", "wd": WEIGHT_DECAY},
    "BN of 8": {"norm": "ghost", "ghost_size": 8},
    "BN of 4": {"norm": "ghost", "ghost_size": 4},
    "none, fixed": {"order": "fixed"},
    "BN, fixed": {"norm": "gluon", "order": "fixed"},
    "none, one class": {"order": "one class"},
    "BN, one class": {"norm": "gluon", "order": "one class"},
}
NOISE = ("BN", "BN of 8", "BN of 4")  # small differences need more seeds
ORDERS = ("none", "none, fixed", "BN, fixed")
MORE_SEEDS = {**dict.fromkeys((3, 4), ORDERS + NOISE), **dict.fromkeys((5, 6, 7), NOISE)}
SPREAD_SIZES, SPREAD_EXAMPLES = (4, 8, 16, 32, 64, 128), 256


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network and test it; if it is the plain BN, also measure its batch noise."""
    shuffled, test_iter = chosen_images(case, seed, data)
    net = network({**case, "norm": _norm(case)})
    train_iter = ordered(shuffled, case["order"])
    outcome, measures = trained(net, train_iter, None, case, seed)
    if outcome == DIVERGED:
        return outcome, measures
    measures["train_accuracy_moving"] = evaluate(net, shuffled)
    measures["test_accuracy_moving"] = evaluate(net, test_iter)
    if case["norm"] is not None:
        if case["variant"] == "BN":
            X = np.array(test_iter.images[:SPREAD_EXAMPLES, None] / 255, dtype="float32")
            for size in (size for size in SPREAD_SIZES if size <= len(X) // 2):
                measures[f"score_spread/{size}"] = round(score_spread(net, X, size), 5)
        recalibrate(net, shuffled)  # in mixed batches, whatever the order was
        measures["test_accuracy_population"] = evaluate(net, test_iter)
    return outcome, measures


def _norm(case: Case):
    if case["norm"] == "ghost":  # batch normalization with the statistics of fewer examples
        return lambda channels, rank: GhostBatchNorm(channels, case["ghost_size"])
    return case["norm"]


def ordered(batches: Batches, order: str | None) -> Batches:
    """The same examples, in one of three orders."""
    if order == "fixed":
        once = batches.order(0)
        return batches.in_order(lambda epoch: once)
    if order == "one class":
        return batches.in_order(lambda epoch: one_class_batches(batches, epoch))
    return batches


def one_class_batches(batches: Batches, epoch: int) -> numpy.ndarray:
    """Batches of one class, in random order; at the end, mixed, what does not fill one."""
    mixed, size = batches.order(epoch), batches.batch_size
    full, rest = [], []
    for label in range(10):
        members = mixed[batches.labels[mixed] == label]
        cut = len(members) // size * size
        full += numpy.split(members[:cut], range(size, cut, size)) if cut else []
        rest.append(members[cut:])
    random = numpy.random.default_rng([batches.seed, epoch])
    parts = [full[i] for i in random.permutation(len(full))]
    return numpy.concatenate([*parts, random.permutation(numpy.concatenate(rest))])


def _case(name: str) -> Case:
    choice: Case = {"norm": None, "order": None, "ghost_size": None, "wd": 0.0, **VARIANTS[name]}
    extra = {key: choice.pop(key) for key in ("order", "ghost_size")}
    case = lenet_case(
        activation="relu",
        lr=0.03,
        batch_size=32,
        examples=1024,
        epochs=15,
        test_examples=5000,
        optimizer_params={"momentum": 0.9, "wd": choice.pop("wd")},
        **choice,
    )
    return {**case, **extra, "variant": name}


STUDY = Study(
    "regularization",
    "Which of BN, dropout and weight decay lessens overfitting to few examples?",
    lambda seed: [_case(name) for name in MORE_SEEDS.get(seed, VARIANTS)],
    run,
    seeds=tuple(range(8)),
)
