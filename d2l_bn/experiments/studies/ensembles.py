r"""Five networks that differ by the seed of their first weights and of the order alone."""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import chosen_images, network
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.study import FINISHED, Case, Measured, Study
from d2l_bn.experiments.technique_case import technique_case
from d2l_bn.training.ensemble import Ensemble
from d2l_bn.training.evaluation import evaluate
from d2l_bn.training.loop import train


def run(case: Case, seed: int, data: str) -> Measured:
    """Test each network alone, and the first one, two, ... of them together."""
    train_iter, test_iter = chosen_images(case, seed, data)
    members = []
    for number in range(case["members"]):
        net = network(case)
        train_iter.seed = 10 * seed + number
        train(
            net,
            train_iter,
            epochs=case["epochs"],
            lr=case["lr"],
            seed=train_iter.seed,
            weigh_alike="batches",
            recalibrate=case["population_batches"],
        )
        members.append(net)
    together = [evaluate(Ensemble(members[: k + 1]), test_iter) for k in range(len(members))]
    return FINISHED, {
        "test_accuracy_population/alone": rounded([evaluate(net, test_iter) for net in members]),
        "test_accuracy_population/together": rounded(together),
    }


STUDY = Study(
    "ensembles",
    "How much better are five networks together than alone?",
    [{**technique_case(norm="gluon", examples=4000, epochs=2), "members": 5}],
    run,
)
