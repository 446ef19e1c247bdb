r"""Nine settings of learning rate and weight decay, on a grid and at random."""

from __future__ import annotations

from d2l_bn.experiments.lenet_training import network
from d2l_bn.experiments.record_file import rounded
from d2l_bn.experiments.search import grid_points, random_points
from d2l_bn.experiments.study import Case, Measured, Study
from d2l_bn.experiments.technique_case import technique_case
from d2l_bn.experiments.validated_training import part_held_out, trained_and_watched

RANGES = {"lr": (1e-3, 10.0), "wd": (1e-6, 1e-1)}


def run(case: Case, seed: int, data: str) -> Measured:
    """Train, and test on the validation data that the choice is made by."""
    images = part_held_out(case, seed, data, parts=4)
    return trained_and_watched(network(case), images, case, seed)


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
