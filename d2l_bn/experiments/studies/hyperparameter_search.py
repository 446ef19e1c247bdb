r"""Nine settings of learning rate and weight decay, on a grid and at random."""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import chosen_images, network, trained
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.search import grid_points, random_points
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.technique_case import technique_case
from d2l_bn.training.early_stopping import EarlyStopping

RANGES = {"lr": (1e-3, 10.0), "wd": (1e-6, 1e-1)}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train, and test on the validation data that the choice is made by."""
    train_iter, test_iter = chosen_images(case, seed, data)
    train_iter, validation = train_iter.hold_out(case["examples"] // 4)
    watched = EarlyStopping(validation, patience=case["epochs"])
    return trained(network(case), train_iter, test_iter, case, seed, early_stopping=watched)


def cases(seed: int) -> list[Case]:
    """The same grid for each seed, and random points of its own."""
    searches = {"grid": grid_points(RANGES, 3), "random": random_points(RANGES, 9, seed=seed)}
    return [
        {
            **technique_case(
                lr=rounded(point["lr"]),
                optimizer_params={"wd": rounded(point["wd"]), "momentum": 0.9},
                examples=3000,
                epochs=1,
            ),
            "strategy": strategy,
            "point": number,
        }
        for strategy, points in searches.items()
        for number, point in enumerate(points)
    ]


STUDY = Study(
    "hyperparameter_search",
    "Does random search find better settings than a grid?",
    cases,
    run,
)
