r"""What :func:`d2l_bn.train` refuses, and the messages: all before it touches the network."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from mxnet import gluon, np

from d2l_bn._support.arguments import check_count, check_number, check_whole
from d2l_bn.networks.batch_norm_layers import batch_norms
from d2l_bn.norms.checks import check_array
from d2l_bn.training.history import History
from d2l_bn.training.weights import CheckpointError

__all__ = ["check_data", "check_numbers", "check_recalibrate", "check_same_run", "first_batch"]


def check_numbers(epochs: Any, lr: Any, seed: Any) -> None:
    r"""Refuse what cannot be a number of epochs, a learning rate or a seed.

    >>> check_numbers(epochs=5, lr=0.0, seed=0)
    Traceback (most recent call last):
    ValueError: lr is 0.0; expected a finite number above 0
    """
    check_count("epochs", epochs)
    check_whole("seed", seed, least=0)
    check_number("lr", lr, "(0, inf)")


def check_data(name: str, data: Any) -> None:
    r"""Refuse what cannot be gone through again and again.

    >>> check_data("train_iter", iter([]))
    Traceback (most recent call last):
    TypeError: train_iter is a list_iterator, which can be gone through only once; expected ...
    """
    kind = type(data).__name__
    if isinstance(data, Iterator):
        raise TypeError(
            f"{name} is a {kind}, which can be gone through only once; expected something "
            "re-iterable, such as a list or what load_fashion_mnist returns"
        )
    if isinstance(data, np.ndarray) or not isinstance(data, Iterable):
        raise TypeError(f"{name} is a {kind}; expected something that gives batches (X, y)")


def first_batch(data: Iterable[Any], name: str = "train_iter") -> tuple[np.ndarray, np.ndarray]:
    r"""The first batch, refused unless it is a pair (X, y) with one label for each example."""
    batch = next(iter(data), None)
    if batch is None:
        raise ValueError(f"{name} gives no batch; expected at least one (X, y)")
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise TypeError(f"{name} gives a {type(batch).__name__}; expected batches (X, y)")
    X, y = batch
    check_array("X", X)
    if not isinstance(y, np.ndarray) or y.shape != X.shape[:1]:
        came = getattr(y, "shape", None)
        raise ValueError(
            f"the labels y are a {type(y).__name__} of shape {came}; expected an mx.np array of "
            f"shape {X.shape[:1]}, one label for each example of X"
        )
    return X, y


def check_recalibrate(recalibrate: Any, net: gluon.Block) -> None:
    """Refuse what is not ``False``, ``True`` or a number of batches, or a net without averages."""
    if recalibrate is False:
        return
    if not isinstance(recalibrate, int):
        raise TypeError(f"recalibrate is {recalibrate!r}; expected True, False or a whole number")
    if recalibrate < 1:
        raise ValueError(f"recalibrate is {recalibrate}; expected at least 1 batch, or False")
    batch_norms(net)  # refuses a network without any


def as_json(config: dict[str, Any]) -> dict[str, Any]:
    r"""``config`` as it will be read back: a tuple becomes a list, and what JSON lacks is refused.

    >>> as_json({"betas": (0.9, 0.999)})
    {'betas': [0.9, 0.999]}
    """
    try:
        return json.loads(json.dumps(config))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"the configuration is recorded as JSON, and {error}; expected numbers, strings, lists "
            "and dicts in config and optimizer_params"
        ) from None


def check_same_run(saved: History, config: dict[str, Any], path: str | os.PathLike) -> None:
    """Refuse to go on with another configuration; more epochs are what resuming is for."""
    for name in sorted(saved.config.keys() | config.keys()):
        if name != "epochs" and saved.config.get(name) != config.get(name):
            raise CheckpointError(
                f"{path} was written with {name}={saved.config.get(name)!r}, and this run has "
                f"{name}={config.get(name)!r}; resume with the same configuration, or start anew"
            )
    if len(saved) > config["epochs"]:
        raise CheckpointError(
            f"{path} is {len(saved)} epochs on, and this run has epochs={config['epochs']}; "
            "resume with at least as many, or start anew"
        )
