r"""Paths and files that somebody else may have written: looked at before they are read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

__all__ = ["check_path", "read_whole"]


def check_path(name: str, path: Any) -> Path:
    r"""A path, refused where it is empty: that would mean the folder of the moment.

    >>> check_path("checkpoint", "")
    Traceback (most recent call last):
    ValueError: checkpoint is an empty path; expected the name of a file or folder
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name} is a {type(path).__name__}; expected a path")
    text = os.fspath(path)
    if not text or "\0" in os.fsdecode(text):
        what = "an empty path" if not text else f"{text!r}, which no path can be"
        raise ValueError(f"{name} is {what}; expected the name of a file or folder")
    return Path(os.fsdecode(text))


def read_whole(path: str | os.PathLike, largest: int) -> bytes:
    r"""The content of a file of at most ``largest`` bytes.

    A pipe would keep the reader waiting for ever, and a file without end would fill the memory:
    both are refused without a byte read.

    Raises:
        OSError: there is no such file, it is none, it cannot be read, or it is larger.

    >>> read_whole("/dev/zero", largest=10)
    Traceback (most recent call last):
    OSError: /dev/zero is no plain file; expected one of at most 10 bytes
    """
    # Without O_NONBLOCK, opening a pipe waits for somebody who writes to it.
    with open(path, "rb", opener=lambda name, how: os.open(name, how | os.O_NONBLOCK)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is no plain file; expected one of at most {largest:,} bytes")
        if status.st_size > largest:
            raise OSError(
                f"{path} has {status.st_size:,} bytes; expected at most {largest:,}: it is not the "
                "file that is meant"
            )
        return file.read(largest + 1)
