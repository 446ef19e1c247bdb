r"""One run at a time: a lock that goes with the process that holds it, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

__all__ = ["locked"]


@contextlib.contextmanager
def locked(path: str | os.PathLike) -> Iterator[None]:
    r"""Hold the lock of a file or folder, or say which process holds it.

    The lock is a file: ``.lock`` in a folder, ``.name.lock`` beside the file ``name``, whether that
    is there or not. What counts is the system's lock on it, not that it is there: one that a killed
    process left is taken over.

    Raises:
        BlockingIOError: another run holds the lock, in this process or in another one.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with locked(folder):
    ...     with locked(folder):
    ...         pass
    Traceback (most recent call last):
    BlockingIOError: /tmp/... is being written by process ...; wait for it, or name another one
    """
    path = Path(path)
    name = path / ".lock" if path.is_dir() else path.with_name(f".{path.name}.lock")
    name.parent.mkdir(parents=True, exist_ok=True)
    with _taken(name, path) as file:
        owner = os.getpid()
        try:
            with contextlib.suppress(OSError):  # on a full disk, too, the lock holds
                os.write(file.fileno(), f"{owner}\n".encode())
            yield
        finally:
            if os.getpid() == owner:  # and not a fork of it
                with contextlib.suppress(OSError):
                    name.unlink()  # while it is held: it can be nobody else's


def _taken(name: Path, path: Path) -> IO[str]:
    while True:
        file = open(name, "a+", errors="replace", opener=_no_link)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            number = file.read(20).strip()
            file.close()
            holder = f"process {number}" if number else "another process"
            raise BlockingIOError(
                f"{path} is being written by {holder}; wait for it, or name another one"
            ) from None
        except OSError as error:  # a network drive may know no locks
            warnings.warn(f"{path} cannot be locked ({error}): start no second run", stacklevel=4)
        if _is(file, name):
            if os.fstat(file.fileno()).st_size == 0:
                return file
            name.unlink()  # what a killed process left: nothing that is there is written into
        file.close()  # it was given back, and removed, after it was opened here; or just now


def _no_link(name: str, how: int) -> int:
    """Whoever made the folder may have made a link to another file."""
    return os.open(name, how | os.O_NOFOLLOW, 0o666)


def _is(file: IO[str], name: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(name))
    except FileNotFoundError:
        return False
