r"""An output whose reader may leave: what cannot be written is lost, and the work goes on."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any

__all__ = ["install", "lost"]


class _Patient(io.FileIO):
    """A file that notes an error of writing instead of raising it."""

    error: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self.error = error
            return len(data)


def install() -> None:
    """Make stdout and stderr patient, unless they are a notebook's or a test's."""
    for name in ("stdout", "stderr"):
        stream, real = getattr(sys, name), getattr(sys, f"__{name}__")
        if stream is None:  # closed by who started the process
            setattr(sys, name, open(os.devnull, "w"))
        elif stream is real:
            stream.flush()
            raw = _Patient(stream.fileno(), "w", closefd=False)
            patient = io.TextIOWrapper(
                raw if stream.write_through else io.BufferedWriter(raw),
                encoding=stream.encoding,
                errors="backslashreplace",
                line_buffering=stream.line_buffering,
                write_through=stream.write_through,
            )
            setattr(sys, name, patient)


def lost() -> str:
    """Why output was lost, empty if none was; a reader who left (``| head``) has seen enough."""
    with contextlib.suppress(ValueError):  # it is closed
        sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    error = getattr(getattr(buffer, "raw", buffer), "error", None)
    return "" if error is None or isinstance(error, BrokenPipeError) else str(error.strerror)
