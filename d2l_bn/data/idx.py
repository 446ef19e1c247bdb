r"""The files of Fashion-MNIST: what each must contain, and how to read it.

A file is accepted only for its *uncompressed* content, compared by SHA-256: the same images
circulate under several gzip compressions, and unpacked. The content is in the IDX format of Y.
LeCun's MNIST page: two zero bytes, a type (8 for unsigned bytes), the number of dimensions, each
dimension as a big-endian 32-bit integer, then the values.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


class DataError(RuntimeError):
    """Data that is not there, cannot be read, or is not what it should be."""


@dataclass(frozen=True)
class Archive:
    """A file of the data set: its name, and the size and SHA-256 of its uncompressed content."""

    name: str
    size: int
    sha256: str

    @property
    def largest(self) -> int:
        """The most bytes that it has, packed or not: gzip adds to what it cannot compress."""
        return self.size + self.size // 100 + 1_000


# The order matters: training images and labels, then test images and labels.
FASHION_MNIST = (
    Archive(
        "train-images-idx3-ubyte",
        47040016,
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    ),
    Archive(
        "train-labels-idx1-ubyte",
        60008,
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    ),
    Archive(
        "t10k-images-idx3-ubyte",
        7840016,
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    Archive(
        "t10k-labels-idx1-ubyte",
        10008,
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
)


def verified(stored: bytes, archive: Archive, archives: Sequence[Archive]) -> bytes:
    r"""Return the uncompressed content of `stored`, or say what is wrong with it.

    Arguments:
        stored: the file as found, compressed by gzip or not; its first bytes tell, not its name.
        archive: what the content must be.
        archives: the whole set, to recognise a file that stands under another one's name.

    Raises:
        DataError: the content is truncated, damaged, or another file.

    >>> two = Archive('two', 2, hashlib.sha256(b'ab').hexdigest())
    >>> verified(gzip.compress(b'ab'), two, [two])
    b'ab'
    >>> verified(b'a', two, [two])
    Traceback (most recent call last):
        ...
    d2l_bn.data.idx.DataError: two is truncated: 1 of 2 bytes
    """
    content = _uncompressed(stored, archive)
    digest = hashlib.sha256(content).hexdigest()
    if digest == archive.sha256:
        return content
    for other in archives:
        if digest == other.sha256:
            raise DataError(f"{archive.name} is the wrong file: it holds {other.name}")
    if stored[:100].lstrip().startswith(b"<"):
        raise DataError(
            f"{archive.name} is a web page, not data (does the network ask for a login?)"
        )
    if len(content) < archive.size:
        raise DataError(f"{archive.name} is truncated: {len(content):,} of {archive.size:,} bytes")
    if len(content) > archive.size:
        raise DataError(f"{archive.name} is the wrong file: more than {archive.size:,} bytes")
    raise DataError(
        f"{archive.name} is damaged: its SHA-256 is {digest[:8]}…, expected {archive.sha256[:8]}…"
    )


def _uncompressed(stored: bytes, archive: Archive) -> bytes:
    if not stored.startswith(b"\x1f\x8b"):
        return stored
    try:
        # One byte too many is enough to know, however much a hostile file would unpack to.
        return gzip.GzipFile(fileobj=io.BytesIO(stored)).read(archive.size + 1)
    except EOFError:
        raise DataError(f"{archive.name} is truncated: its gzip stream ends early") from None
    except (OSError, zlib.error) as error:
        raise DataError(f"{archive.name} is damaged: {error}") from None


def parse(content: bytes) -> np.ndarray:
    r"""Read an IDX file of unsigned bytes, already verified, without copying it.

    >>> parse(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3]) + b'abc')
    array([[97, 98, 99]], dtype=uint8)
    """
    dimensions = content[3]
    shape = np.frombuffer(content, dtype=">u4", count=dimensions, offset=4)
    values = np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * dimensions)
    return values.reshape(tuple(int(n) for n in shape))
