r"""Dropout before, behind or after all batch normalizations: the variance shift, its cost."""

from __future__ import annotations

import itertools

from d2l_bn.diagnostics.variance_shift import variance_shift, without_dropout
from d2l_bn.experiments.lenet_training import chosen_images, lenet_case, network, trained
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import DIVERGED, Case, Measured, Study
from d2l_bn.networks.population import recalibrate
from d2l_bn.training.evaluation import evaluate

PLACES = {  # the layers with a dropout right behind them
    "before each BN": ("conv1", "conv2", "dense1", "dense2"),
    "behind each BN": ("pool1", "pool2", "act3", "act4"),
    "behind the last BN": ("act4",),
}
RATES = (0.1, 0.3, 0.5)


def run(case: Case, seed: int, data: str) -> Measured:
    """Train one network, measure the shift, and test it by each sort of statistics.

    The statistics of the training set are taken with dropout at work and without.
    """
    train_iter, test_iter = chosen_images(case, seed, data)
    net = network(case)
    outcome, measures = trained(net, train_iter, None, case, seed, recalibrate=False)
    if outcome == DIVERGED:
        return outcome, measures
    some = list(itertools.islice(train_iter, case["population_batches"]))
    lagging = variance_shift(net, some)
    tested = {"moving": evaluate(net, test_iter)}
    recalibrate(net, some)  # now the stored statistics are those of the final weights
    shifts = variance_shift(net, some)
    tested["population_with_dropout"] = evaluate(net, test_iter)
    with without_dropout(net):
        recalibrate(net, some)
    tested["population"] = evaluate(net, test_iter)
    for name, accuracy in tested.items():
        measures[f"test_accuracy_{name}"] = rounded(accuracy)
    for name, shift in shifts.items():
        measures[f"variance_ratio/{name}"] = rounded(float(shift.ratio))
        measures[f"expected_variance_ratio/{name}"] = rounded(float(shift.expected_ratio))
        moving = float(lagging[name].stored_ratio)
        measures[f"variance_ratio_moving/{name}"] = rounded(moving)
    return outcome, measures


def _case(where: str, rate: float) -> Case:
    case = lenet_case(
        activation="relu",
        lr=0.1,
        examples=10_000,
        population_batches=40,
        dropout=dict.fromkeys(PLACES.get(where, ()), rate),
    )
    return {**case, "dropout_where": where, "rate": rate}


STUDY = Study(
    "variance_shift",
    "How does dropout shift the variance that batch normalization sees, and what does it cost?",
    [_case("none", 0.0), *itertools.starmap(_case, itertools.product(PLACES, RATES))],
    run,
    seeds=tuple(range(6)),
)
