r"""Results of ``scripts/run_landscape.py``: lines through training, and a number for each seed.

A run is told by its *network* (``'none'``, ``'batch'``, ``'noisy'``, ``'very_noisy'``,
``'detached'``), its activation and the factor of its learning rate. Its columns, a number for each
look (``'step'``), are

=======================================  =========================================================
``moment_shift/act1`` … ``act4``         what one step moves the inputs of an activation by, in
                                         units of their deviation
``absolute_shift/act1`` … ``act4``       the same in units of the inputs
``gradient_shift/conv2`` … ``output``    :math:`\|G - G'\| / \|G\|`, the layers before it updated
``gradient_cosine/conv2`` … ``output``   the cosine between G and G′
``loss``, ``gradient_norm``              of the batch, before the step
``losses_along_gradient``                the loss at each of ``config['step_factors']`` × rate
``gradient_distances``                   :math:`\|g(w) - g(w - \eta g)\|` at the same places
``smoothness``                           the effective β
``layer_gradient_norm/conv1`` …          of each layer's weight; ``layer_weight_norm/…`` likewise
``largest_eigenvalue``                   of the Hessian, its magnitude, and the root mean square
                                         of all, ``rms_eigenvalue``; at ``curvature_step``
=======================================  =========================================================
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from d2l_bn.experiments.statistics import CHANCE, Estimate, difference

__all__ = ["LandscapeResults", "times"]

GUESS = {"final_loss": -math.log(CHANCE), "final_accuracy": CHANCE, "test_accuracy": CHANCE}


@dataclass(frozen=True)
class LandscapeResults:
    r"""The file ``results/landscape.json``, read by :meth:`read`."""

    config: dict[str, Any]
    data: str
    runs: list[dict[str, Any]]

    @classmethod
    def read(cls, path: str | os.PathLike) -> LandscapeResults:
        """Read the file that the script wrote."""
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(content["config"], content["data"], content["runs"])

    def of(self, network: str, activation: str, lr_factor: float = 1) -> list[dict[str, Any]]:
        r"""The runs of one configuration, in the order of their seeds.

        Raises:
            ValueError: there is none.
        """
        chosen = [
            run
            for run in self.runs
            if (run["network"], run["activation"], run["lr_factor"])
            == (network, activation, lr_factor)
        ]
        if not chosen:
            raise ValueError(
                f"no run of {network!r} with {activation} at {lr_factor:g} times the rate; "
                "run scripts/run_landscape.py"
            )
        return sorted(chosen, key=lambda run: run["seed"])

    def column(
        self, name: str, network: str, activation: str, lr_factor: float = 1
    ) -> numpy.ndarray:
        r"""One column of the measurements, (seeds, looks), or (seeds, looks, step sizes).

        ``'losses'`` and ``'accuracies'``, the means over the steps between two looks, are there for
        every run. What was not finite is NaN.
        """
        runs = self.of(network, activation, lr_factor)
        rows = [run[name] if name in run else run["measurements"][name] for run in runs]
        return numpy.array(rows, dtype=float)

    def per_seed(
        self, name: str, network: str, activation: str, lr_factor: float = 1
    ) -> dict[int, float]:
        r"""One number for each seed.

        ``'final_loss'`` and ``'final_accuracy'`` are the means over the last steps, on training
        images; ``'test_accuracy'`` is that of the trained network; any other name is a column, of
        which the mean over the looks is taken, and a name that ends in ``/*`` the mean over all its
        columns. A run that diverged has the loss and the accuracy of a guess.
        """
        found = {}
        for run in self.of(network, activation, lr_factor):
            if run["outcome"] == "diverged" and name in GUESS:
                value = GUESS[name]
            elif name == "test_accuracy":
                value = run[name]
            elif name.startswith("final_"):
                value = run[{"final_loss": "losses", "final_accuracy": "accuracies"}[name]][-1]
            else:
                value = _mean(run["measurements"], name)
            found[run["seed"]] = float(value)
        return found


def times(first: Mapping[int, float], second: Mapping[int, float]) -> Estimate:
    r"""By what factor ``first`` is larger than ``second``, as an estimate of its logarithm to 10.

    >>> print(times({0: 100.0, 1: 10.0}, {0: 1.0, 1: 1.0}))
    1.500 ± 6.353 (n=2)
    """
    logarithms = ({seed: math.log10(v) for seed, v in side.items()} for side in (first, second))
    return difference(*logarithms)


def _mean(columns: Mapping[str, Any], name: str) -> float:
    if name.endswith("/*"):
        chosen = [values for key, values in columns.items() if key.startswith(name[:-1])]
    else:
        chosen = [columns[name]]
    return numpy.mean(numpy.array(chosen, dtype=float))
