r"""Everything a training run needs to go on, in one file that is whole or not there.

A checkpoint is one line of JSON, which names the format and the SHA-256 of the rest, and then a
NumPy ``.npz`` archive: the parameters (with the moving averages, which are parameters), the state
of the trainer, and the history with its configuration. No generator state is kept, because none is
needed: the order of the examples and MXNet's random numbers are set anew for each epoch from the
seed and the epoch's number.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy
from mxnet import gluon, np, npx

from d2l_bn._support.atomic_write import replacing
from d2l_bn.training.history import History

__all__ = ["Checkpoint", "CheckpointError", "load_weights", "save_weights"]

FORMAT = "d2l_bn checkpoint 1"


class CheckpointError(RuntimeError):
    """A saved file that is damaged, of another format, or of another network."""


@dataclass
class Checkpoint:
    r"""A moment of a training run: after the last epoch of ``history``.

    ``best`` holds the parameters after ``history.best_epoch``, None without early stopping.
    """

    parameters: dict[str, numpy.ndarray]
    trainer_state: bytes
    history: History
    best: dict[str, numpy.ndarray] | None = None

    @classmethod
    def of(cls, net: gluon.Block, trainer: gluon.Trainer, history: History) -> Checkpoint:
        """The present moment of a run; waits for the computations under way."""
        values = {
            name: parameter.data(parameter.list_ctx()[0]).asnumpy()
            for name, parameter in net._collect_params_with_prefix().items()
        }
        return cls(values, _trainer_state(trainer), History.from_dict(history.to_dict()))

    def check(self, net: gluon.Block) -> None:
        """Refuse another network; ``net`` need not be initialized."""
        _check_same_network(net, self.parameters)

    def restore(self, net: gluon.Block, trainer: gluon.Trainer | None = None) -> None:
        """Put the parameters back, and the trainer's state; ``net`` must be initialized.

        Refuses another network before it changes any parameter.
        """
        self.check(net)
        _set_parameters(net, self.parameters)
        if trainer is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "trainer"
            file.write_bytes(self.trainer_state)
            trainer.load_states(str(file))

    def restore_best(self, net: gluon.Block) -> None:
        """Put the parameters of the best epoch into the network of this run."""
        _set_parameters(net, self.best)

    def save(self, path: str | os.PathLike) -> None:
        """Write the checkpoint, whole or not at all."""
        archive = io.BytesIO()
        numpy.savez(
            archive,
            history=numpy.frombuffer(json.dumps(self.history.to_dict()).encode(), dtype="uint8"),
            trainer=numpy.frombuffer(self.trainer_state, dtype="uint8"),
            **{f"parameter:{name}": value for name, value in self.parameters.items()},
            **{f"best:{name}": value for name, value in (self.best or {}).items()},
        )
        content = archive.getvalue()
        with replacing(path) as temporary:
            temporary.write_bytes(_header(content) + b"\n" + content)

    @classmethod
    def load(cls, path: str | os.PathLike) -> Checkpoint:
        """Read and verify a checkpoint; raises :class:`CheckpointError` unless it is intact."""
        line, _, content = Path(path).read_bytes().partition(b"\n")
        try:
            written_as = json.loads(line)["format"]
        except (ValueError, KeyError, TypeError):
            raise CheckpointError(f"{path} is not a checkpoint of d2l_bn; {REMEDY}") from None
        if written_as != FORMAT:
            raise CheckpointError(f"{path} is a {written_as!r}, expected {FORMAT!r}; {REMEDY}")
        if line != _header(content):
            raise CheckpointError(
                f"{path} is damaged: its content does not have the checksum that it was written "
                f"with; {REMEDY}"
            )
        with numpy.load(io.BytesIO(content), allow_pickle=False) as archive:
            return cls(
                parameters=_group(archive, "parameter:"),
                trainer_state=archive["trainer"].tobytes(),
                history=History.from_dict(json.loads(archive["history"].tobytes())),
                best=_group(archive, "best:") or None,
            )


REMEDY = "delete it to start anew, or name another one"


def save_weights(net: gluon.Block, path: str | os.PathLike) -> str:
    r"""``net.save_parameters(path)``, whole or not at all: Gluon itself writes in place.

    Returns the SHA-256 of the file. Keep it for :func:`load_weights`: MXNet loads a file with a
    flipped byte without a word.
    """
    with replacing(path) as temporary:
        net.save_parameters(str(temporary))
        return hashlib.sha256(temporary.read_bytes()).hexdigest()


def load_weights(
    net: gluon.Block,
    path: str | os.PathLike,
    *,
    sha256: str | None = None,
    context: mx.Context | None = None,
) -> None:
    r"""``net.load_parameters(path, context)``, after a look at the file.

    Arguments:
        net: the network, initialized or not.
        path: a file that :func:`save_weights` or ``net.save_parameters`` wrote.
        sha256: what :func:`save_weights` returned; without it damage may pass unseen.
        context: where to put the parameters; the current device unless given.

    Raises:
        CheckpointError: the file has another checksum, is no file of weights, or is of another
            network. The network is as it was.
        OSError: there is no such file, or it cannot be read.
    """
    if sha256 is not None and hashlib.sha256(Path(path).read_bytes()).hexdigest() != sha256:
        raise CheckpointError(
            f"{path} does not have the checksum that was recorded when it was written: it is "
            "damaged, or of another run; train again"
        )
    with open(path, "rb"):  # a file that cannot be read is the system's error, not MXNet's
        pass
    try:
        values = npx.load(str(path))
    except mx.MXNetError:
        values = None
    if not isinstance(values, dict):
        raise CheckpointError(f"{path} is not a file of weights, or not a whole one; train again")
    _check_same_network(net, values)
    net.load_parameters(str(path), ctx=context)


def _set_parameters(net: gluon.Block, values: dict[str, numpy.ndarray]) -> None:
    for name, parameter in net._collect_params_with_prefix().items():
        parameter.set_data(np.array(values[name], dtype=values[name].dtype))


def _group(archive: Any, prefix: str) -> dict[str, numpy.ndarray]:
    """The arrays whose names begin with ``prefix``, by the rest of their names."""
    return {key[len(prefix) :]: archive[key] for key in archive.files if key.startswith(prefix)}


def _header(content: bytes) -> bytes:
    return json.dumps({"format": FORMAT, "sha256": hashlib.sha256(content).hexdigest()}).encode()


def _trainer_state(trainer: gluon.Trainer) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trainer"
        trainer.save_states(str(file))
        return file.read_bytes()


def _check_same_network(net: gluon.Block, saved: dict[str, Any]) -> None:
    parameters = net._collect_params_with_prefix()
    if parameters.keys() != saved.keys():
        other = sorted(parameters.keys() ^ saved.keys())
        raise CheckpointError(
            f"the file is of another network: {', '.join(other)} are in one of the two only; "
            "build the network as it was built then"
        )
    for name, parameter in parameters.items():
        # An unknown size in a shape (-1 or 0) is known only after the first forward pass.
        known = [size if size > 0 else None for size in parameter.shape]
        there = saved[name]
        fits = len(known) == there.ndim and all(
            size in (None, size_there) for size, size_there in zip(known, there.shape)
        )
        if not fits or numpy.dtype(parameter.dtype) != there.dtype:
            raise CheckpointError(
                f"the file is of another network: {name} is {there.dtype} {there.shape} there and "
                f"{numpy.dtype(parameter.dtype)} {parameter.shape} here; build the network as it "
                "was built then"
            )
