r"""Where submissions are graded: the code of a notebook cannot open what it is not to read.

An audit hook of the interpreter sees each file that Python opens, in every thread, and cannot be
taken away. It does not see what another process opens, nor a library's own C code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["close"]

PACKAGE = str(Path(__file__).resolve().parents[1])
IMPORTERS = ("<frozen importlib", "importlib/_bootstrap")


def close(paths: Iterable[str]) -> None:
    r"""From now on, opening one of these files, or one in these folders, is a PermissionError.

    So is opening the Python source of this package, other than to import it: to read how a
    function was written, and to write it again, is not to have understood it.
    """
    closed = tuple(os.path.realpath(path) for path in paths)

    def hook(event: str, arguments: tuple) -> None:
        if event != "open" or not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if any(path == one or path.startswith(one + os.sep) for one in closed):
            raise PermissionError(f"{path} is not open to the code of a submission")
        if path.startswith(PACKAGE + os.sep) and path.endswith(".py") and not _imports():
            raise PermissionError(f"{path} is not open to the code of a submission")

    sys.addaudithook(hook)


def _imports() -> bool:
    """Is it the import system that opens the file?"""
    frame: Any = sys._getframe(2)
    return frame.f_code.co_filename.startswith(IMPORTERS)
