r"""Write a file whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["replacing"]


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    r"""Give a temporary path to write to; put it in the place of ``path`` when the block is left.

    The new content reaches the disk before it takes the name, so that a process killed at any
    moment leaves either the old file or the new one. If the block raises, the old file stays and
    the temporary one is removed. That of a process that was killed is removed by the next one that
    writes to ``path``; it tells by the lock, which ends with the process, and not by the time.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "notes.txt") as temporary:
    ...         _ = temporary.write_text("whole")
    ...     (Path(folder) / "notes.txt").read_text()
    'whole'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_dead(path)
    handle, temporary = _locked_part(path)
    try:
        yield temporary
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp gives the file to its owner alone
        os.replace(temporary, path)
    except OSError as error:  # that of a full disk names no file
        if error.errno is None or error.filename not in (None, str(temporary)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        os.close(handle)


def _locked_part(path: Path) -> tuple[int, Path]:
    """A new file for what is to be ``path``, and its open handle with a lock on it."""
    while True:
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=f".part{path.suffix}"
        )
        with contextlib.suppress(OSError):  # a network drive may know no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.path.exists(name):
            return handle, Path(name)
        os.close(handle)  # taken for a dead one, in the moment before it was locked


def _remove_dead(path: Path) -> None:
    part = re.compile(rf"\.{re.escape(path.stem)}-[a-z0-9_]{{8}}\.part{re.escape(path.suffix)}")
    with contextlib.suppress(OSError):  # a folder may be closed to reading
        for name in filter(part.fullmatch, os.listdir(path.parent)):
            _remove_if_dead(path.parent / name)


def _remove_if_dead(part: Path) -> None:
    with contextlib.suppress(OSError):  # locked: its process lives; not there: it has finished
        handle = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
        finally:
            os.close(handle)
