r"""What :func:`d2l_bn.train` refuses, and the messages: all before it touches the network."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Iterator
from numbers import Real
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy
from mxnet import gluon, np

from d2l_bn._support.arguments import check_choice, check_count, check_number, check_whole
from d2l_bn._support.files import check_path
from d2l_bn.networks.batch_norm_layers import batch_norms, has_averages
from d2l_bn.norms.checks import check_array
from d2l_bn.training.history import History
from d2l_bn.training.weights import CheckpointError

__all__ = [
    "as_json",
    "check_checkpoint",
    "check_data",
    "check_fit",
    "check_numbers",
    "check_recalibrate",
    "check_same_run",
    "check_weigh_alike",
    "first_batch",
]

#: Of 256 images: within 0.002 of the accuracy by the whole training set, as the study `population`
#: measures, in less than a tenth of an epoch's time.
POPULATION_BATCHES = 20
LARGEST = float(numpy.finfo("float32").max)  # MXNet's optimizers compute with their settings so


def check_numbers(epochs: Any, lr: Any, seed: Any, optimizer_params: dict[str, Any]) -> None:
    r"""Refuse what cannot be a number of epochs, a learning rate, a seed or an optimizer's setting.

    >>> check_numbers(epochs=5, lr=0.0, seed=0, optimizer_params={})
    Traceback (most recent call last):
    ValueError: lr is 0.0; expected a finite number above 0
    >>> check_numbers(epochs=5, lr=1e39, seed=0, optimizer_params={})
    Traceback (most recent call last):
    ValueError: lr is 1e+39; expected a number that is finite in float32, up to 3.4e38
    """
    check_count("epochs", epochs)
    check_whole("seed", seed, least=0)
    check_number("lr", lr, "(0, inf)")
    for name, value in {"lr": lr, **optimizer_params}.items():
        if isinstance(value, Real) and not abs(float(value)) <= LARGEST:
            raise ValueError(
                f"{name} is {value}; expected a number that is finite in float32, up to 3.4e38"
            )


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
    if not isinstance(y, np.ndarray) or y.shape != X.shape[:1] or len(y) == 0:
        came = getattr(y, "shape", None)
        raise ValueError(
            f"the labels y are a {type(y).__name__} of shape {came}; expected an mx.np array of "
            f"shape {X.shape[:1]}, one label for each example of X"
        )
    if numpy.dtype(y.dtype).kind not in "iu":
        raise TypeError(
            f"{name}: the labels y have dtype {numpy.dtype(y.dtype)}; expected whole numbers: "
            "y.astype('int32')"
        )
    _check_values(name, X.asnumpy())
    return X, y


def _check_values(name: str, X: numpy.ndarray) -> None:
    if not numpy.isfinite(X).all():
        raise ValueError(f"{name}: X holds NaN or infinity; expected finite numbers")
    if X.ndim == 4 and X.min() >= 0 and X.max() > 1 and (X == X.round()).all():
        warnings.warn(
            f"{name}: the pixels of X are whole numbers up to {X.max():g}; expected numbers from 0 "
            "to 1: X / 255",
            stacklevel=6,
        )


def check_fit(name: str, net: gluon.Block, X: np.ndarray, labels: Any) -> None:
    r"""Refuse images that ``net`` cannot take, and labels that it has no output for.

    >>> net = gluon.nn.Dense(3)
    >>> net.initialize()
    >>> check_fit("train_iter", net, np.ones((2, 5)), numpy.array([1, 3]))
    Traceback (most recent call last):
    ValueError: train_iter: the labels reach from 1 to 3, and the network has 3 outputs; expected
        labels from 0 to 2
    """
    try:
        shape = net(X).shape
    except mx.MXNetError as error:
        reason = str(error).strip().splitlines()[-1]
        raise ValueError(
            f"{name}: the network cannot take X of shape {X.shape}: {reason}"
        ) from None
    if len(shape) != 2 or shape[0] != len(X):
        raise ValueError(
            f"{name}: the network makes {shape} of X of shape {X.shape}; expected one score per "
            "class, (N, classes)"
        )
    labels = labels.asnumpy() if isinstance(labels, np.ndarray) else numpy.asarray(labels)
    if labels.min() < 0 or labels.max() >= shape[1]:
        raise ValueError(
            f"{name}: the labels reach from {labels.min()} to {labels.max()}, and the network has "
            f"{shape[1]} outputs; expected labels from 0 to {shape[1] - 1}"
        )


def check_checkpoint(path: Any, resume: bool) -> Path | None:
    r"""The path, refused where no file can be, and ``None`` where one is to be gone on from.

    >>> check_checkpoint(None, resume=True)
    Traceback (most recent call last):
    ValueError: resume=True without a checkpoint; expected the file to go on from
    """
    if path is None:
        if resume:
            raise ValueError("resume=True without a checkpoint; expected the file to go on from")
        return None
    path = check_path("checkpoint", path)
    if path.is_dir():
        raise IsADirectoryError(f"checkpoint={path} is a folder; expected a file in it")
    return path


def check_weigh_alike(value: Any) -> None:
    r"""Refuse what is neither ``'examples'`` nor ``'batches'``."""
    check_choice("weigh_alike", value, ("examples", "batches"))


def check_recalibrate(recalibrate: Any, net: gluon.Block) -> bool | int:
    """How many batches, with a default for ``None``.

    Refuses what is not ``False``, ``True`` or a number of batches, and a network without averages.
    """
    if recalibrate is None:
        return POPULATION_BATCHES if has_averages(net) else False
    if recalibrate is False:
        return False
    if not isinstance(recalibrate, int):
        raise TypeError(f"recalibrate is {recalibrate!r}; expected True, False or a whole number")
    if recalibrate < 1:
        raise ValueError(f"recalibrate is {recalibrate}; expected at least 1 batch, or False")
    batch_norms(net)  # refuses a network without any
    return recalibrate


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
