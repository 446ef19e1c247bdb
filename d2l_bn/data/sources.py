r"""The places that may have the files, in the order in which they are tried.

A source never gives a part of the set: the files of one set come from one place.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from d2l_bn._support.files import read_whole

from .download import download
from .idx import Archive, DataError, verified

INSTALLED = Path("/usr/share/datasets/fashion-mnist")  # where Debian's package puts the files


class Source(Protocol):
    """A place that may have the files: its name in words, and whether it is on this machine."""

    @property
    def name(self) -> str: ...

    @property
    def local(self) -> bool: ...

    def fetch(self, archives: Sequence[Archive]) -> list[bytes]:
        """Return the content of all archives, uncompressed and verified, or raise."""


@dataclass(frozen=True)
class Folder:
    """Files on this machine, each one compressed (`name.gz`) or not (`name`)."""

    path: Path
    name: str
    local = True

    def fetch(self, archives: Sequence[Archive]) -> list[bytes]:
        if not self.path.is_dir():
            raise NotADirectoryError(f"there is no folder {self.path}")
        return [self._first_good(archive, archives) for archive in archives]

    def _first_good(self, archive: Archive, archives: Sequence[Archive]) -> bytes:
        """The content of the unpacked file, or of the packed one where that is bad or missing."""
        failures: list[Exception] = []
        for path in (self.path / archive.name, self.path / f"{archive.name}.gz"):
            if not path.exists():
                continue
            try:
                # One under another one's name is to be named, not only to be too large.
                stored = read_whole(path, max(other.largest for other in archives))
                content = verified(stored, archive, archives)
            except (OSError, DataError) as failure:
                failures.append(failure)
                continue
            if failures:
                warnings.warn(f"{path} is used, since {failures[0]}", stacklevel=2)
            return content
        if failures:
            raise failures[0]
        raise FileNotFoundError(f"{self.path} has no {archive.name}[.gz]")


@dataclass(frozen=True)
class Mirror:
    """A web folder with the files, compressed."""

    url: str
    name: str
    patience: float = 10.0
    local = False

    def fetch(self, archives: Sequence[Archive]) -> list[bytes]:
        return [verified(self._read(a), a, archives) for a in archives]

    def _read(self, archive: Archive) -> bytes:
        url = f"{self.url}/{archive.name}.gz"
        return download(url, largest=archive.largest, patience=self.patience)


@dataclass(frozen=True)
class DebianPackage:
    """The package of Debian and Ubuntu, only unpacked, not installed: needs no root."""

    package: str = "dataset-fashion-mnist"
    name: str = "Debian package by apt-get download"
    local = False

    def fetch(self, archives: Sequence[Archive]) -> list[bytes]:
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise FileNotFoundError("this machine has no apt-get and dpkg-deb")
        with tempfile.TemporaryDirectory(prefix="d2l_bn-") as folder:
            self._run(
                folder, "apt-get", "-o", "Acquire::http::Timeout=10", "download", self.package
            )
            (archive_file,) = Path(folder).glob("*.deb")
            self._run(folder, "dpkg-deb", "-x", archive_file.name, "unpacked")
            unpacked = Path(folder) / "unpacked" / INSTALLED.relative_to("/")
            return Folder(unpacked, self.name).fetch(archives)

    def _run(self, folder: str, *command: str) -> None:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=600,
        )
        if done.returncode:
            said = " ".join(line for line in done.stderr.splitlines() if line.startswith("E:"))
            lists = "Unable to locate" in said or "No packages found" in said
            remedy = "; update the package lists once: sudo apt-get update" if lists else ""
            raise OSError(f"{command[0]} failed: {said or done.stderr.strip()[-200:]}{remedy}")


# The S3 site speaks no HTTPS; whatever the way, the SHA-256 keeps out a changed file.
MIRRORS = (
    Mirror(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "publisher on GitHub",
    ),
    Mirror("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com", "publisher on S3"),
    Mirror(
        "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/dataset/fashion-mnist",
        "MXNet on S3",
    ),
)


def standard_sources(cache: Path) -> list[Source]:
    """The order of `data='auto'`: this machine first, then the network."""
    given = os.environ.get("D2L_BN_DATA")
    return [
        *([Folder(Path(given).expanduser(), "D2L_BN_DATA")] if given else []),
        Folder(cache, "cache"),
        Folder(INSTALLED, "installed Debian package"),
        *MIRRORS,
        DebianPackage(),
    ]
