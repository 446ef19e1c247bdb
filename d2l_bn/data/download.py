"""One download that either arrives or fails in bounded time."""

from __future__ import annotations

import io
import threading
from typing import Any

import pooch
from tqdm import tqdm


class _Bounded(io.BytesIO):
    """Memory that refuses to grow beyond `largest` bytes."""

    def __init__(self, largest: int) -> None:
        super().__init__()
        self.largest = largest

    def write(self, chunk: Any) -> int:
        if self.tell() + len(chunk) > self.largest:
            raise OSError(f"more than {self.largest:,} bytes: not the file that is meant")
        return super().write(chunk)


def download(url: str, *, largest: int, patience: float = 10.0, slowest: int = 8_000) -> bytes:
    r"""Fetch `url` into memory, with a progress bar when standard error is a terminal.

    An HTTP library's time limit holds for each single read, so a server that sends a byte now and
    then can hold it for days, and a name look-up has no limit at all. Hence the download runs in a
    thread of its own, and the caller gives up when too little has come.

    Arguments:
        url: what to fetch, over HTTP or HTTPS.
        largest: size in bytes beyond which it cannot be the file that is meant.
        patience: seconds between two looks at the progress.
        slowest: bytes a second that count as progress.

    Raises:
        OSError: refused, not found, broken off, too large, or too slow (`TimeoutError`).
    """
    received = _Bounded(largest)
    failures: list[Exception] = []

    def work() -> None:
        try:
            name = url.rpartition("/")[2]
            with tqdm(desc=name, total=largest, unit="B", unit_scale=True, disable=None) as bar:
                pooch.HTTPDownloader(progressbar=bar, timeout=patience)(url, received, None)
        except Exception as failure:  # carried over to the thread that waits
            failures.append(failure)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    before = 0
    try:
        worker.join(patience)
        while worker.is_alive():
            arrived = received.tell() - before
            if arrived < patience * slowest:
                raise TimeoutError(f"stalled: {arrived:,} bytes in {patience:g} seconds")
            before += arrived
            worker.join(patience)
        if failures:
            raise OSError(_root_cause(failures[0])) from failures[0]
        return received.getvalue()
    finally:
        received.close()  # a thread left behind fails at its next write, and ends


def _root_cause(error: BaseException) -> str:
    """The first error of a chain: HTTP libraries wrap a short cause in long ones."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return str(error) or type(error).__name__
