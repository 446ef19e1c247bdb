r"""Named arrays as the bytes of one file: data that cannot run, and damage that shows.

The layout is MXNet's own, which ``save_parameters`` writes, so that MXNet reads it, too. All
numbers are little-endian::

    8 bytes   0x112                    a list of arrays
    8 bytes   0
    8 bytes   number of arrays, then each one:
                4 bytes  0xF993FACA    (0xF993FAC9: written without NumPy semantics)
                4 bytes  0             dense
                4 bytes  number of axes, then 8 bytes for each size
                8 bytes  the device that it was on
                4 bytes  what the values are; then the values, row by row
    8 bytes   number of names, then each one: 8 bytes, its length in bytes; then UTF-8
    a line    "d2l_bn weights 1 sha256 …": the kind of the file, and SHA-256 of all that is before

The last line is this package's; MXNet stops reading before it. A file without it is read, too, and
has no kind. MXNet's own reader trusts what it reads: a damaged length makes it crash, or take all
memory. Here each size is compared with what is there before it is believed.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping

import numpy

__all__ = ["decode", "encode"]

LIST = 0x112
DENSE = {0xF993FAC9, 0xF993FACA}
DTYPES = ("<f4", "<f8", "<f2", "|u1", "<i4", "|i1", "<i8")  # by MXNet's number for them
CPU = (1, 0)
MOST_AXES, MOST_ARRAYS = 32, 100_000
LAST_LINE = b"\nd2l_bn "


def encode(arrays: Mapping[str, numpy.ndarray], kind: str) -> bytes:
    r"""The bytes of a file of this ``kind``.

    Raises:
        TypeError: an array of another type than float16, 32, 64, int8, 32, 64 and uint8.

    >>> content = encode({"a": numpy.ones(2, "float32")}, "example 1")
    >>> decode(content)
    ({'a': array([1., 1.], dtype=float32)}, 'example 1')
    """
    parts = [struct.pack("<QQQ", LIST, 0, len(arrays))]
    for name, array in arrays.items():
        dtype = array.dtype.newbyteorder("<").str
        if dtype not in DTYPES:
            raise TypeError(f"{name} has dtype {array.dtype}; a file of arrays cannot hold it")
        axes = struct.pack(f"<IIi{array.ndim}q", 0xF993FACA, 0, array.ndim, *array.shape)
        parts += [axes, struct.pack("<iii", *CPU, DTYPES.index(dtype))]
        parts.append(numpy.ascontiguousarray(array, dtype).tobytes())
    parts.append(struct.pack("<Q", len(arrays)))
    for name in arrays:
        parts.append(struct.pack("<Q", len(name.encode())) + name.encode())
    content = b"".join([*parts, LAST_LINE, kind.encode(), b" sha256 "])
    return content + hashlib.sha256(content).hexdigest().encode() + b"\n"


def decode(content: bytes) -> tuple[dict[str, numpy.ndarray], str | None]:
    r"""The arrays by name, and the kind of the file; None where it has no checksum.

    Raises:
        ValueError: what is wrong with the bytes.

    >>> decode(encode({}, "example 1")[:-1])
    Traceback (most recent call last):
    ValueError: it does not have the checksum that it was written with
    """
    arrays, end = _arrays(content)
    if end == len(content):
        return arrays, None
    kind, found, digest = content[end:].removeprefix(LAST_LINE).partition(b" sha256 ")
    signed = content[: len(content) - len(digest)]
    if not found or digest != hashlib.sha256(signed).hexdigest().encode() + b"\n":
        raise ValueError("it does not have the checksum that it was written with")
    return arrays, kind.decode()


def _arrays(content: bytes) -> tuple[dict[str, numpy.ndarray], int]:
    """The arrays, and where the last name ends."""
    position = 0

    def take(size: int) -> memoryview:
        nonlocal position
        if not 0 <= size <= len(content) - position:
            raise ValueError("it ends early")
        position += size
        return memoryview(content)[position - size : position]

    def numbers(layout: str) -> tuple[int, ...]:
        return struct.unpack(f"<{layout}", take(struct.calcsize(f"<{layout}")))

    def array() -> numpy.ndarray:
        magic, storage, axes = numbers("IIi")
        if magic not in DENSE or storage != 0 or not 0 <= axes <= MOST_AXES:
            raise ValueError("it holds something that is not a dense array")
        shape = numbers(f"{axes}q")
        *_, number = numbers("iii")
        if number not in range(len(DTYPES)) or any(size < 0 for size in shape):
            raise ValueError("it holds an array of an unknown type, or of a negative size")
        dtype = numpy.dtype(DTYPES[number])
        values = take(math.prod(shape) * dtype.itemsize)
        return numpy.frombuffer(values, dtype).reshape(shape).copy()

    def name() -> str:
        (length,) = numbers("Q")
        return bytes(take(length)).decode()

    if numbers("QQ") != (LIST, 0):
        raise ValueError("it does not begin as one")
    (count,) = numbers("Q")
    if count > MOST_ARRAYS:
        raise ValueError(f"it announces {count} arrays")
    arrays = [array() for _ in range(count)]
    (named,) = numbers("Q")
    if named != count:
        raise ValueError(f"{count} arrays have {named} names")
    names = [name() for _ in range(count)]
    if len(set(names)) != count:
        raise ValueError("two of its arrays have one name")
    return dict(zip(names, arrays)), position
