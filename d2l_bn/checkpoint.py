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

import numpy
from mxnet import gluon, np

from d2l_bn.atomic import replacing
from d2l_bn.history import History

__all__ = ["Checkpoint", "CheckpointError", "save_weights"]

FORMAT = "d2l_bn checkpoint 1"


class CheckpointError(RuntimeError):
    """A checkpoint that is damaged, of another format, or of another network."""


@dataclass
class Checkpoint:
    r"""A moment of a training run: after the last epoch of ``history``."""

    parameters: dict[str, numpy.ndarray]
    trainer_state: bytes
    history: History

    @classmethod
    def of(cls, net: gluon.Block, trainer: gluon.Trainer, history: History) -> Checkpoint:
        """The present moment of a run; waits for the computations under way."""
        values = {
            name: parameter.data(parameter.list_ctx()[0]).asnumpy()
            for name, parameter in net._collect_params_with_prefix().items()
        }
        return cls(values, _trainer_state(trainer), History.from_dict(history.to_dict()))

    def restore(self, net: gluon.Block, trainer: gluon.Trainer) -> None:
        """Put parameters and trainer state back; refuses another network before it changes any."""
        parameters = net._collect_params_with_prefix()
        _check_same_network(parameters, self.parameters)
        for name, parameter in parameters.items():
            parameter.set_data(np.array(self.parameters[name], dtype=self.parameters[name].dtype))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "trainer"
            file.write_bytes(self.trainer_state)
            trainer.load_states(str(file))

    def save(self, path: str | os.PathLike) -> None:
        """Write the checkpoint, whole or not at all."""
        archive = io.BytesIO()
        numpy.savez(
            archive,
            history=numpy.frombuffer(json.dumps(self.history.to_dict()).encode(), dtype="uint8"),
            trainer=numpy.frombuffer(self.trainer_state, dtype="uint8"),
            **{f"parameter:{name}": value for name, value in self.parameters.items()},
        )
        content = archive.getvalue()
        header = {"format": FORMAT, "sha256": hashlib.sha256(content).hexdigest()}
        with replacing(path) as temporary:
            temporary.write_bytes(json.dumps(header).encode() + b"\n" + content)

    @classmethod
    def load(cls, path: str | os.PathLike) -> Checkpoint:
        """Read and verify a checkpoint; raises :class:`CheckpointError` unless it is intact."""
        line, _, content = Path(path).read_bytes().partition(b"\n")
        try:
            header = json.loads(line)
            written_as, digest = header["format"], header["sha256"]
        except (ValueError, KeyError, TypeError):
            raise CheckpointError(f"{path} is not a checkpoint of d2l_bn; {REMEDY}") from None
        if written_as != FORMAT:
            raise CheckpointError(f"{path} is a {written_as!r}, expected {FORMAT!r}; {REMEDY}")
        if hashlib.sha256(content).hexdigest() != digest:
            raise CheckpointError(
                f"{path} is damaged: its content does not have the checksum that it was written "
                f"with; {REMEDY}"
            )
        with numpy.load(io.BytesIO(content), allow_pickle=False) as archive:
            return cls(
                parameters={
                    key.partition(":")[2]: archive[key]
                    for key in archive.files
                    if key.startswith("parameter:")
                },
                trainer_state=archive["trainer"].tobytes(),
                history=History.from_dict(json.loads(archive["history"].tobytes())),
            )


REMEDY = "delete it to start anew, or name another one"


def save_weights(net: gluon.Block, path: str | os.PathLike) -> None:
    r"""``net.save_parameters(path)``, whole or not at all: Gluon itself writes in place."""
    with replacing(path) as temporary:
        net.save_parameters(str(temporary))


def _trainer_state(trainer: gluon.Trainer) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trainer"
        trainer.save_states(str(file))
        return file.read_bytes()


def _check_same_network(
    parameters: dict[str, gluon.Parameter], saved: dict[str, numpy.ndarray]
) -> None:
    if parameters.keys() != saved.keys():
        other = sorted(parameters.keys() ^ saved.keys())
        raise CheckpointError(
            f"the checkpoint is of another network: {', '.join(other)} are in one of the two only; "
            "build the network as it was built then"
        )
    for name, parameter in parameters.items():
        # An unknown size in a shape (-1 or 0) is known only after the first forward pass.
        known = [size if size > 0 else None for size in parameter.shape]
        fits = len(known) == saved[name].ndim and all(
            size in (None, there) for size, there in zip(known, saved[name].shape)
        )
        if not fits:
            raise CheckpointError(
                f"the checkpoint is of another network: {name} has shape {saved[name].shape} there "
                f"and {parameter.shape} here; build the network as it was built then"
            )
