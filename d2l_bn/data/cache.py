"""The first source that has the files wins; what came over the network is kept."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import pooch

from d2l_bn._support.atomic_write import replacing
from d2l_bn._support.files import check_path

from .idx import Archive, DataError
from .sources import Source

WAYS_OUT = """\
Three ways out:
  - get the four files elsewhere and name their folder: --data DIR (in Python: data=DIR), or set
    the variable D2L_BN_DATA;
  - on Debian or Ubuntu: sudo apt-get update && sudo apt-get install dataset-fashion-mnist;
  - work without them, on drawn garments: --data synthetic (data='synthetic')."""


def cache_folder(given: str | os.PathLike | None = None) -> Path:
    """The folder given, or the variable D2L_BN_CACHE, or the user's cache of this system."""
    if given is not None:
        return check_path("cache", given).expanduser()
    chosen = os.environ.get("D2L_BN_CACHE") or pooch.os_cache("d2l_bn")
    return Path(chosen).expanduser()


def obtain(
    archives: Sequence[Archive], sources: Sequence[Source], cache: Path
) -> tuple[list[bytes], str]:
    r"""Return the verified content of all archives and the name of the source that had them.

    A source that fails is left for the next one. Where the user's own folder was no use, or a
    source had bad files, a warning says so.

    Raises:
        DataError: all sources failed; the message lists each one and why, and the ways out.
    """
    failures, bad = [], []
    for source in sources:
        if not source.local:
            print(f"Fashion-MNIST: trying {source.name} ...", file=sys.stderr)
        try:
            contents = source.fetch(archives)
        except (OSError, DataError, subprocess.SubprocessError) as error:
            failures.append(f"{source.name}: {' '.join(str(error).split())}")
            if isinstance(error, DataError) or source.name == "D2L_BN_DATA":
                bad.append(failures[-1])
            continue
        for failure in bad:
            warnings.warn(
                f"Fashion-MNIST taken from {source.name}, not from {failure}", stacklevel=3
            )
        if not source.local:
            _keep(contents, archives, cache)
        return contents, source.name
    tried = "".join(f"  - {failure}\n" for failure in failures)
    raise DataError(f"Fashion-MNIST was not found. Tried:\n{tried}{WAYS_OUT}")


def _keep(contents: Sequence[bytes], archives: Sequence[Archive], cache: Path) -> None:
    """Write the files to the cache, unpacked: the next run then only reads and verifies."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        for content, archive in zip(contents, archives):
            with replacing(cache / archive.name) as part:
                part.write_bytes(content)
    except OSError as error:
        warnings.warn(f"the cache cannot be written, nothing is kept: {error}", stacklevel=4)
