r"""Studies: the grids of trials behind the lessons' figures and verdicts, each under a name.

The results of study ``NAME`` are in ``results/sweeps/NAME.jsonl``; ``python scripts/sweep.py NAME
--full`` makes them anew.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

from d2l_bn.experiments.trial import Trial, grid

__all__ = ["SEEDS", "STUDIES", "Study"]

SEEDS = (0, 1, 2)
SHORT = Trial(examples=12_000, epochs=3)  # 564 steps of 64 examples
BATCHES = 50  # of the training set, for population statistics


@dataclass(frozen=True)
class Study:
    r"""A question, and the trials that answer it.

    >>> study = Study("Does it train?", grid(seed=(0, 1)))
    >>> study.small(500)[0].examples, study.small(500)[0].epochs
    (500, 1)
    """

    question: str
    trials: list[Trial]

    def small(self, examples: int) -> list[Trial]:
        """The same grid at a size for the classroom: one epoch of so many examples."""
        return [
            dataclasses.replace(
                trial,
                examples=min(trial.examples, examples),
                test_examples=min(trial.test_examples or examples, examples),
                epochs=1,
            )
            for trial in self.trials
        ]


def _with_and_without(**choices) -> list[Trial]:
    """Each choice without a normalizer and with Gluon's, tested with population statistics, too."""
    return [
        *grid(SHORT, norm=(None,), **choices, seed=SEEDS),
        *grid(dataclasses.replace(SHORT, recalibrate=BATCHES), **choices, seed=SEEDS),
    ]


def _variants() -> list[Trial]:
    """The chapter's exercises: one thing about the normalizer changed at a time."""
    base = dataclasses.replace(SHORT, recalibrate=BATCHES)
    return [
        *grid(SHORT, norm=(None,), seed=SEEDS),
        *grid(base, seed=SEEDS),
        *grid(base, use_bias=(False,), seed=SEEDS),
        *grid(base, placement=("after",), seed=SEEDS),
        *grid(base, places=((1,), (2,), (3,), (4,)), seed=SEEDS),
        *grid(base, norm=("mean_only", "variance_only", "frozen"), seed=SEEDS),
        *grid(SHORT, norm=("local_response",), seed=SEEDS),
    ]


def _family() -> list[Trial]:
    """The siblings at a large batch size; ReLU, with which the plain network trains as well."""
    relu = dataclasses.replace(SHORT, activation="relu", lr=0.1)
    plain = dataclasses.replace(relu, norm=None)
    return [
        *grid(plain, seed=SEEDS),
        *grid(relu, recalibrate=(BATCHES,), seed=SEEDS),
        *grid(relu, norm=("layer", "instance", "group", "local_response"), seed=SEEDS),
        *grid(plain, weights=("normalized", "standardized"), seed=SEEDS),
        *grid(relu, norm=("group",), weights=("standardized",), seed=SEEDS),
        *grid(plain, weights=("normalized",), lr=(1.0, 3.0), seed=SEEDS),
    ]


def _small_batches() -> list[Trial]:
    """Every batch size sees the same examples once; the rate grows with the batch (Wu & He 2018).

    In the order of what matters most, since steps of one example take long.
    """
    once = Trial(
        activation="relu", examples=6000, epochs=1, test_examples=5000, compiled=True, norm="batch"
    )
    first = [{"norm": "batch"}, {"norm": "group"}, {"norm": "group", "weights": "standardized"}]
    then = [{"norm": "layer"}, {"norm": "instance"}, {"norm": "renorm"}]
    trials = []
    for networks in (first, then):
        for size, seed, network in itertools.product((2, 4, 8, 32, 256), SEEDS, networks):
            averages = network["norm"] in ("batch", "renorm")
            trials.append(
                dataclasses.replace(
                    once,
                    batch_size=size,
                    lr=size / 640,  # 0.05 for 32, 0.4 for 256
                    recalibrate=max(8, 512 // size) if averages else 0,
                    seed=seed,
                    **network,
                )
            )
    for network, seed in itertools.product(first + then, SEEDS):
        trials.append(dataclasses.replace(once, batch_size=1, lr=1 / 640, seed=seed, **network))
    return trials


def _optimizers() -> list[Trial]:
    """Five settings for each optimizer, a factor of √10 of step length apart, around the usual."""
    momentum, rates = {"momentum": 0.9}, (0.01, 0.03, 0.1, 0.3, 1.0)
    small = (0.0003, 0.001, 0.003, 0.01, 0.03)
    settings = [
        *({"optimizer": "sgd", "lr": lr} for lr in (0.03, 0.1, 0.3, 1.0, 3.0)),
        *({"optimizer": "sgd", "optimizer_params": momentum, "lr": lr} for lr in rates),
        *({"optimizer": "nag", "optimizer_params": momentum, "lr": lr} for lr in rates),
        *({"optimizer": "adagrad", "lr": lr} for lr in (0.003, 0.01, 0.03, 0.1, 0.3)),
        # no learning rate: its first steps are as long as the root of epsilon
        *(
            {"optimizer": "adadelta", "optimizer_params": {"epsilon": eps}}
            for eps in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
        ),
        *({"optimizer": "rmsprop", "lr": lr} for lr in small),
        *({"optimizer": "adam", "lr": lr} for lr in small),
    ]
    short = Trial(examples=9600, epochs=1, test_examples=2500)  # 150 steps of 64 examples
    networks = (
        dataclasses.replace(short, norm=None),
        dataclasses.replace(short, recalibrate=20),
    )
    return [
        dataclasses.replace(network, seed=seed, **setting)
        for seed in SEEDS
        for network in networks
        for setting in settings
    ]


STUDIES: dict[str, Study] = {
    "learning_rate": Study(
        "How large can the learning rate be, with and without batch normalization?",
        _with_and_without(
            activation=("sigmoid", "relu"), lr=(0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
        ),
    ),
    "initialization": Study(
        "How much does the scale of the first weights matter, with and without it?",
        [
            *_with_and_without(init=("xavier", 0.01, 0.1, 1.0)),
            *_with_and_without(activation=("relu",), lr=(0.1,), init=("xavier", 0.01, 0.1, 1.0)),
        ],
    ),
    "variants": Study("Which part of batch normalization does the work, and where?", _variants()),
    "family": Study("How do the siblings compare when batches are large?", _family()),
    "small_batches": Study(
        "Which normalizer learns from the same examples in batches of 1, 2, ... 256?",
        _small_batches(),
    ),
    "optimizers": Study(
        "Which optimizer is best, and how much does its learning rate matter?", _optimizers()
    ),
}
