r"""Types of command-line arguments; each refuses in one line, before any work.

They look only: a folder to write to is not made before there is something to write.
"""

from __future__ import annotations

import os
import struct
import tempfile
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable
from pathlib import Path

__all__ = [
    "data_source",
    "existing_file",
    "file_to_write",
    "folder_to_write",
    "host_names",
    "one_of",
    "positive_int",
    "positive_number",
    "seed_number",
]


def positive_int(text: str) -> int:
    """A whole number of at least 1."""
    return _whole(text, least=1)


def seed_number(text: str) -> int:
    """A whole number of at least 0."""
    return _whole(text, least=0)


def positive_number(text: str) -> float:
    """A number above 0 that is one in float32, too, in which networks compute.

    >>> positive_number("1e-3")
    0.001
    >>> positive_number("1e39")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: '1e39' is not a finite number above 0 (in float32)
    """
    try:
        value = float(text)
        (rounded,) = struct.unpack("f", struct.pack("f", value))
    except (ValueError, OverflowError):
        rounded = 0.0
    if not 0 < rounded < float("inf"):
        raise ArgumentTypeError(f"{text!r} is not a finite number above 0 (in float32)")
    return value


def host_names(text: str) -> tuple[str, ...]:
    """The names in a list with commas.

    >>> host_names("a,user@b")
    ('a', 'user@b')
    """
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or any(name.startswith("-") for name in names):
        raise ArgumentTypeError(f"{text!r}; expected names of hosts, such as a,b,user@c")
    return names


def one_of(names: Iterable[str]) -> Callable[[str], str]:
    """One of several names: ``choices`` of argparse, for any number of arguments.

    >>> one_of(["shapes", "family"])("shape")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: 'shape' is none of shapes, family
    """
    known = list(names)

    def check(text: str) -> str:
        if text not in known:
            raise ArgumentTypeError(f"{text!r} is none of {', '.join(known)}")
        return text

    return check


def data_source(text: str) -> str:
    """``auto``, ``synthetic``, or a folder that is there."""
    if text not in ("auto", "synthetic") and not os.path.isdir(text):
        raise ArgumentTypeError(f"{text!r} is neither 'auto', 'synthetic', nor a folder")
    return text


def existing_file(text: str) -> Path:
    """A file to read."""
    if not os.path.isfile(text):
        raise ArgumentTypeError(f"there is no file {text!r}")
    return Path(text)


def folder_to_write(text: str) -> Path:
    """A folder that can be written to, or made."""
    if not text:
        raise ArgumentTypeError("'' is no folder; '.' is the one that you are in")
    path = Path(text)
    places = (path, *path.parents)
    there = next((place for place in places if os.path.exists(place)), Path())
    if not os.path.isdir(there):
        raise ArgumentTypeError(f"{str(there)!r} is no folder")
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise ArgumentTypeError(
            f"{str(there)!r} cannot be written to ({error.strerror}); give another folder"
        ) from None
    return path


def file_to_write(*endings: str) -> Callable[[str], Path]:
    """A file that can be written; ``endings``, if any, are those that it may have.

    >>> file_to_write(".png", ".svg")("picture.xyz")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: 'picture.xyz': give a name that ends in .png or .svg
    """

    def check(text: str) -> Path:
        if not text or os.path.isdir(text):
            raise ArgumentTypeError(f"{text!r} is no name for a file")
        path = Path(text)
        if endings and path.suffix not in endings:
            *first, last = endings
            named = f"{', '.join(first)} or {last}" if first else last
            raise ArgumentTypeError(f"{text!r}: give a name that ends in {named}")
        folder_to_write(str(path.parent))
        return path

    return check


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return value
