r"""A study: a question, the cases that answer it, and how one case is measured.

A *case* is a dict of everything that a run depends on but its seed, in values that JSON knows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from d2l_bn._support.arguments import check_count

__all__ = ["DIVERGED", "FINISHED", "Case", "Measured", "Study", "grid"]

Case = dict[str, Any]
#: how the run ended, :data:`FINISHED` or :data:`DIVERGED`, and what was measured, by name
Measured = tuple[str, dict[str, Any]]

#: The outcome of a run that came to its end.
FINISHED = "finished"
#: The outcome of a run whose loss, or a weight, became infinite or NaN.
DIVERGED = "diverged"
#: What a small run has at most; the number of training and test images is asked for.
SMALL = {"epochs": 1, "steps": 4, "every": 2, "power_iterations": 1}


@dataclass(frozen=True)
class Study:
    r"""A question, and the runs that answer it: every case with every seed.

    Arguments:
        name: that of the file of records, ``NAME.jsonl``.
        question: what it is about, in one sentence.
        cases: the cases; where they depend on the seed, a function of it.
        run: measures one run, ``run(case, seed, data)``, with ``data`` as in
            :func:`d2l_bn.load_fashion_mnist`. A measure's name says by which statistics it was
            taken (:mod:`d2l_bn.experiments.load`).
        seeds: of the study at full size.
        makes_data: ``run`` makes what is learned from by the seed, and reads no images.

    >>> study = Study("toss", "Heads?", grid({}, coin=("fair", "bent")), run=None, seeds=(0, 1))
    >>> study.plan()[:3]
    [({'coin': 'fair'}, 0), ({'coin': 'bent'}, 0), ({'coin': 'fair'}, 1)]
    """

    name: str
    question: str
    cases: Sequence[Case] | Callable[[int], Sequence[Case]]
    run: Callable[[Case, int, str], Measured]
    seeds: tuple[int, ...] = (0, 1, 2)
    makes_data: bool = False

    def plan(
        self, seeds: Iterable[int] | None = None, *, examples: int | None = None
    ) -> list[tuple[Case, int]]:
        r"""All runs, each a case and a seed; with ``examples``, small ones of so many images."""
        return [
            (case if examples is None else small(case, examples), seed)
            for seed in (self.seeds if seeds is None else seeds)
            for case in (self.cases(seed) if callable(self.cases) else self.cases)
        ]


def small(case: Case, examples: int) -> Case:
    r"""The same case at a size for the classroom: few images, one epoch or a few steps.

    >>> small({"lr": 0.1, "examples": None, "epochs": 5}, examples=500)
    {'lr': 0.1, 'examples': 500, 'epochs': 1}
    """
    most = {
        **SMALL,
        **dict.fromkeys(("examples", "test_examples"), check_count("examples", examples)),
    }
    return {
        name: value if name not in most else most[name] if value is None else min(value, most[name])
        for name, value in case.items()
    }


def grid(case: Case, **choices: Iterable[Any]) -> list[Case]:
    r"""Every combination of ``choices``, the first one slowest, with ``case`` for the rest.

    >>> grid({"epochs": 3}, norm=(None, "batch"), lr=(0.1, 1.0))[1]
    {'epochs': 3, 'norm': None, 'lr': 1.0}
    """
    return [
        {**case, **dict(zip(choices, values))} for values in itertools.product(*choices.values())
    ]
