r"""One small training run, for exercises that compare settings over seeds: about a second."""

from __future__ import annotations

import math
import os
import traceback
from collections.abc import Callable
from typing import Any

from mxnet import gluon

from d2l_bn.data.fashion_mnist import load_fashion_mnist
from d2l_bn.networks.lenet import lenet
from d2l_bn.training.loop import DivergenceError, train

__all__ = ["attempt", "losses", "run"]


def run(seed: int, lr: float = 1.0, **options: Any) -> float:
    r"""The training loss in the last epoch; NaN if the loss or a weight left the finite numbers.

    Arguments as for :func:`losses`.

    >>> run(0, lr=0.5, examples=100, epochs=1) > 0
    True
    """
    return losses(seed, lr, **options)[-1]


def losses(
    seed: int,
    lr: float = 1.0,
    *,
    net: gluon.Block | None = None,
    prepare: Callable[[gluon.Block], Any] | None = None,
    epochs: int = 3,
    examples: int = 400,
    **options: Any,
) -> list[float]:
    r"""The training loss in each epoch; a single NaN if the run diverged.

    The data are drawn garments (:mod:`d2l_bn.data.garments`), **not** Fashion-MNIST: what comes out
    shows how to make such a study, and not what the answer is for real data.

    Arguments:
        seed: of the initial weights and the order of the examples.
        lr: learning rate of plain descent, batches of 20.
        net: the network; :func:`d2l_bn.lenet` with ``options`` unless given (``norm='gluon'``
            unless they say otherwise).
        prepare: called with the network before training.
        epochs, examples: how long.
    """
    batches, _ = load_fashion_mnist(20, data="synthetic", limit=examples, seed=seed)
    net = lenet(**{"norm": "gluon", **options}) if net is None else net
    if prepare is not None:
        prepare(net)
    try:
        return list(train(net, batches, epochs=epochs, lr=lr, seed=seed)["loss"])
    except DivergenceError:
        return [math.nan]


def attempt(study: Callable[[], Any]) -> None:
    r"""Call ``study``, if what it needs is written; so a notebook runs to its end in any state.

    An error is shown, and goes no further. Where submissions are graded, studies are not run again:
    no point depends on them.

    >>> def not_yet():
    ...     raise NotImplementedError
    >>> attempt(not_yet)
    Not written yet.
    """
    if os.environ.get("D2L_BN_JUDGE"):
        print("Not run again for the grade; its output is in the notebook that was handed in.")
        return
    try:
        study()
    except NotImplementedError:
        print("Not written yet.")
    except Exception:
        print(traceback.format_exc())
