r"""Weights in a file: written whole, and looked at before a network takes them."""

from __future__ import annotations

import hashlib
import os
import warnings
from typing import Any

import mxnet as mx
import numpy
from mxnet import gluon, np

from d2l_bn._support.array_file import decode, encode
from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.files import check_path, read_whole

__all__ = [
    "CheckpointError",
    "check_same_network",
    "load_weights",
    "read_arrays",
    "save_weights",
    "weights_of",
]

KIND = "weights 1"
LARGEST = 2**30  # bytes; LeNet's weights are 183,000


class CheckpointError(RuntimeError):
    """A saved file that is damaged, of another format, or of another network."""


def save_weights(net: gluon.Block, path: str | os.PathLike) -> str:
    r"""Write what ``net.save_parameters`` writes, whole or not at all, with a checksum in it.

    ``net.load_parameters`` reads the file, too, but looks neither at the checksum nor at much else;
    :func:`load_weights` does. Returns the SHA-256 of the whole file.
    """
    path = check_path("path", path)
    content = encode(weights_of(net), KIND)
    with replacing(path) as temporary:
        temporary.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def load_weights(
    net: gluon.Block,
    path: str | os.PathLike,
    *,
    sha256: str | None = None,
    context: mx.Context | None = None,
) -> None:
    r"""Give ``net`` the weights of a file; a file from anywhere can do no more than that.

    Arguments:
        net: the network, initialized or not.
        path: a file that :func:`save_weights` or ``net.save_parameters`` wrote. In the second one
            there is no checksum: a warning says that damaged values would pass unseen.
        sha256: what :func:`save_weights` returned; it tells that the file is that very one.
        context: where to put the parameters; the current device unless given.

    Raises:
        CheckpointError: the file has another checksum, is no file of weights, or is of another
            network. The network is as it was.
        OSError: there is no such file, or it cannot be read.
    """
    content = read_whole(check_path("path", path), LARGEST)
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise CheckpointError(
            f"{path} does not have the checksum that was recorded when it was written: it is "
            "damaged, or of another run; train again"
        )
    values, kind = read_arrays(content, path, (KIND, None), "a file of weights", "train again")
    check_same_network(net, values)
    if kind is None and sha256 is None:
        warnings.warn(
            f"{path} has no checksum: damaged values would pass unseen; d2l_bn.save_weights "
            "writes one",
            stacklevel=2,
        )
    for name, parameter in net._collect_params_with_prefix().items():
        # What Gluon's load_parameters calls: it knows what to do before an initialization, too.
        parameter._load_init(np.array(values[name], dtype=values[name].dtype), context)


def weights_of(net: gluon.Block) -> dict[str, numpy.ndarray]:
    """A copy of all parameters, by their places in ``net``; waits for computations under way."""
    return {
        name: parameter.data(parameter.list_ctx()[0]).asnumpy()
        for name, parameter in net._collect_params_with_prefix().items()
    }


def read_arrays(
    content: bytes, path: str | os.PathLike, kinds: tuple[str | None, ...], what: str, remedy: str
) -> tuple[dict[str, numpy.ndarray], str | None]:
    """The arrays of a file and its kind, which must be one of ``kinds``."""
    try:
        arrays, kind = decode(content)
    except ValueError as reason:
        raise CheckpointError(f"{path} is damaged, or not {what}: {reason}; {remedy}") from None
    if kind not in kinds:
        came = "has no checksum" if kind is None else f"is of kind {kind!r}"
        raise CheckpointError(f"{path} is not {what}: it {came}, expected {kinds[0]!r}; {remedy}")
    return arrays, kind


def check_same_network(net: gluon.Block, saved: dict[str, Any]) -> None:
    """Refuse arrays that are not those of ``net``, which need not be initialized."""
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
