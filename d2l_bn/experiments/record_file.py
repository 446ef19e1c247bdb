r"""Records: results as lines of JSON, one for each run, appended as the runs end.

A file of records holds lines of two kinds: ``{"environment": {…}}``, where the records below it
were made, and a record, which is any other object. A line counts only with its line feed: of a
process that was killed while it wrote one, nothing is left but work to do again.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["RecordError", "RecordFile", "check_runs", "read_records", "rounded"]


class RecordError(ValueError):
    """A file of records that is damaged, or of something else."""


class RecordFile:
    r"""A file of records, open for appending by one process at a time.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "results.jsonl")
    >>> with RecordFile(path, {"python": "3.11"}) as records:
    ...     records.append({"accuracy": 0.9})
    >>> read_records(path)
    [{'accuracy': 0.9, 'environment': {'python': '3.11'}}]
    """

    def __init__(self, path: str | os.PathLike, environment: dict[str, Any]) -> None:
        self.path, self.environment = Path(path), environment

    def __enter__(self) -> RecordFile:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self.path, "ab+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # goes with the process
        except BlockingIOError:
            self._file.close()
            raise BlockingIOError(
                f"{self.path} is being written by another process; wait for it, or name another "
                "file"
            ) from None
        try:
            records, whole = _parse(self.path)
        except ValueError:
            self._file.close()
            raise
        self._file.truncate(whole)
        self._last_environment = records[-1]["environment"] if records else None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def read(self) -> list[dict[str, Any]]:
        """The records that the file holds now."""
        return read_records(self.path)

    def append(self, record: dict[str, Any]) -> None:
        """Write a record, and wait until it is on the disk."""
        if self.environment != self._last_environment:
            self._write({"environment": self.environment})
            self._last_environment = self.environment
        self._write(record)

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def read_records(path: str | os.PathLike) -> list[dict[str, Any]]:
    """The records of a file, each with its ``environment``; of a missing file, none.

    Raises:
        RecordError: a whole line is not a record.
    """
    path = Path(path)
    return _parse(path)[0] if path.exists() else []


RUN = ("study", "case", "seed", "size", "data", "outcome", "measures")


def check_runs(records: list[dict[str, Any]], path: str | os.PathLike) -> list[dict[str, Any]]:
    """The records, if each is of a study's run; RecordError otherwise."""
    for record in records:
        if missing := [name for name in RUN if name not in record]:
            raise RecordError(
                f"{path}: a record without {', '.join(missing)}; expected the records of a study: "
                "restore the file, or name another"
            )
    return records


def rounded(values: Any, digits: int = 5) -> Any:
    """``values`` with every float in it, at any depth of lists, rounded to significant digits.

    >>> rounded([0.123456789, [1234.56789, None, 3]])
    [0.12346, [1234.6, None, 3]]
    """
    if isinstance(values, float):
        return float(f"{values:.{digits}g}")
    if isinstance(values, Iterable) and not isinstance(values, (str, dict)):
        return [rounded(value, digits) for value in values]
    return values


def _parse(path: Path) -> tuple[list[dict[str, Any]], int]:
    """The records, and how many bytes of the file are whole lines."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    records, environment = [], None
    for number, line in enumerate(content[:whole].splitlines(), start=1):
        try:
            values = json.loads(line)
            if list(values) == ["environment"]:
                environment = values["environment"]
            else:
                records.append({**values, "environment": environment})
        except (ValueError, TypeError):
            raise RecordError(
                f"{path}, line {number}: not a record; expected a JSON object on each line: "
                "restore the file, or delete the line to have its run made again"
            ) from None
    return records, whole
