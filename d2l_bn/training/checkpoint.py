r"""Everything a training run needs to go on, in one file that is whole or not there.

A checkpoint is a file of named arrays (``d2l_bn._support.array_file``) with a checksum: the
parameters (with the moving averages, which are parameters), the state of the optimizer, the
weights that training would leave if it ended here, where they are others (those of the best epoch,
or with population statistics), and the history with its configuration as JSON. All of it is data:
nothing in it is ever run. No generator state is kept, because none is needed: the order of the
examples and MXNet's random numbers are set anew for each epoch from the seed and the epoch's
number.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

import numpy
from mxnet import gluon, np

from d2l_bn._support.array_file import encode
from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.files import check_path, read_whole
from d2l_bn.training.history import History
from d2l_bn.training.optimizer_state import optimizer_state, restore_optimizer_state
from d2l_bn.training.weights import (
    CheckpointError,
    check_same_network,
    read_arrays,
    weights_of,
)

__all__ = ["Checkpoint", "CheckpointError"]

KIND = "checkpoint 3"
FIRST_KIND = b'{"format": "d2l_bn checkpoint 1"'
LARGEST = 4 * 2**30  # bytes: weights, the final weights, and what an optimizer keeps for each
REMEDY = "delete it to start anew, or name another one"


@dataclass
class Checkpoint:
    r"""A moment of a training run: after the last epoch of ``history``.

    ``parameters`` are what training goes on from. ``final`` are what it leaves in the network if it
    ends here, None where they are the same: those after ``history.best_epoch`` with early stopping,
    and with population statistics for the moving averages unless ``recalibrate`` is off.
    """

    parameters: dict[str, numpy.ndarray]
    optimizer_state: dict[str, numpy.ndarray]
    history: History
    final: dict[str, numpy.ndarray] | None = None

    @classmethod
    def of(cls, net: gluon.Block, trainer: gluon.Trainer, history: History) -> Checkpoint:
        """The present moment of a run; waits for the computations under way."""
        copy = History.from_dict(history.to_dict())
        return cls(weights_of(net), optimizer_state(net, trainer), copy)

    def check(self, net: gluon.Block) -> None:
        """Refuse another network; ``net`` need not be initialized."""
        check_same_network(net, self.parameters)
        if self.final is not None:
            check_same_network(net, self.final)

    def restore(self, net: gluon.Block, trainer: gluon.Trainer | None = None) -> None:
        """Put the parameters back, and the trainer's state; ``net`` must be initialized.

        Refuses another network or another optimizer before it changes anything.
        """
        self.check(net)
        if trainer is not None:
            restore_optimizer_state(net, trainer, self.optimizer_state)
        _set_parameters(net, self.parameters)

    def finish(self, net: gluon.Block) -> None:
        """Put into the network of this run what training leaves if it ends here."""
        _set_parameters(net, self.parameters if self.final is None else self.final)

    def save(self, path: str | os.PathLike) -> None:
        """Write the checkpoint, whole or not at all."""
        history = json.dumps(self.history.to_dict()).encode()
        content = encode(
            {
                "history": numpy.frombuffer(history, "uint8"),
                **{f"parameter:{name}": value for name, value in self.parameters.items()},
                **{f"optimizer:{name}": value for name, value in self.optimizer_state.items()},
                **{f"final:{name}": value for name, value in (self.final or {}).items()},
            },
            KIND,
        )
        with replacing(check_path("path", path)) as temporary:
            temporary.write_bytes(content)

    @classmethod
    def load(cls, path: str | os.PathLike) -> Checkpoint:
        """Read and verify a checkpoint; raises :class:`CheckpointError` unless it is intact."""
        content = read_whole(check_path("path", path), LARGEST)
        if content.startswith(FIRST_KIND):
            raise CheckpointError(
                f"{path} is of an older d2l_bn, whose checkpoints could run code when they were "
                f"loaded: none is read any more; {REMEDY}"
            )
        arrays, _ = read_arrays(content, path, (KIND,), "a checkpoint of d2l_bn", REMEDY)
        group: dict[str, dict[str, Any]] = {"parameter": {}, "optimizer": {}, "final": {}}
        try:
            history = History.from_dict(json.loads(arrays.pop("history").tobytes()))
            for key, array in arrays.items():
                kind, _, name = key.partition(":")
                group[kind][name] = array
            if history.best_epoch is not None and not group["final"]:
                raise ValueError("it has a best epoch without its weights")
        except (KeyError, ValueError, RecursionError) as error:
            raise CheckpointError(f"{path} is no checkpoint of a run: {error}; {REMEDY}") from None
        return cls(group["parameter"], group["optimizer"], history, group["final"] or None)


def _set_parameters(net: gluon.Block, values: dict[str, numpy.ndarray]) -> None:
    for name, parameter in net._collect_params_with_prefix().items():
        parameter.set_data(np.array(values[name], dtype=values[name].dtype))
