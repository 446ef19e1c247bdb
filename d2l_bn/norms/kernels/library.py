r"""Which library belongs to these sources on this machine, and where it is kept.

There are two of each: one for every x86-64 processor, and one for those with AVX2 and FMA (Intel
since 2013, AMD since 2015), which adds eight numbers at once instead of four and takes two thirds
of the time. AVX-512 gained nothing more: these loops wait for memory.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from pathlib import Path

import mxnet as mx

__all__ = [
    "FLAGS",
    "GCC_FLAGS",
    "SOURCES",
    "VARIANTS",
    "best_first",
    "digest",
    "folder",
    "not_to_be_trusted",
]

SOURCES = Path(__file__).parent
# `omp simd` marks the loops whose additions may be done in any order. Not -ffast-math: that takes
# it for granted that there is no NaN.
FLAGS = ("-std=c++17", "-O3", "-fopenmp-simd", "-fPIC")
# `omp parallel for` marks those that threads share. For GCC alone: MXNet brings GCC's OpenMP, and
# another compiler's beside it would make threads of its own.
GCC_FLAGS = ("-fopenmp",)
VARIANTS = {"avx2": ("-mavx2", "-mfma"), "any": ()}  # the best one first


def digest(*more: str) -> str:
    r"""A short name of the sources, how they are compiled, and for what.

    >>> digest() == digest(), digest() == digest("another compiler")
    (True, False)
    """
    content = hashlib.sha256()
    for source in sorted([*SOURCES.glob("*.cc"), *SOURCES.glob("*.h")]):
        content.update(source.read_bytes())
    for part in (*FLAGS, *GCC_FLAGS, str(VARIANTS), mx.__version__, platform.machine(), *more):
        content.update(part.encode())
    return content.hexdigest()[:16]


def folder() -> Path:
    """In the virtual environment, so that it goes when that goes; or in the user's cache."""
    if sys.prefix != sys.base_prefix and os.access(sys.prefix, os.W_OK):
        return Path(sys.prefix) / "d2l_bn_kernels"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("D2L_BN_CACHE") or Path(cache) / "d2l_bn") / "kernels"


def not_to_be_trusted(path: Path) -> str | None:
    """Why what lies at ``path`` may be of somebody else's making, who would then run as this user.

    Whoever owns this Python can do so anyway, and so can root.
    """
    status = path.stat()
    if status.st_uid not in (os.getuid(), os.stat(sys.prefix).st_uid, 0):
        return f"{path} belongs to another user, number {status.st_uid}"
    own_group = status.st_gid == os.getegid()
    if status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and not own_group):
        return f"others can write {path} ({stat.filemode(status.st_mode)})"
    return None


def best_first() -> list[str]:
    """The variants that this processor can run."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return ["any"]
    return [variant for variant in VARIANTS if variant == "any" or _has(("avx2", "fma"))]


def _has(features: tuple[str, ...]) -> bool:
    try:
        with open("/proc/cpuinfo") as lines:
            flags = next((line.split() for line in lines if line.startswith("flags")), [])
    except OSError:
        return False
    return all(feature in flags for feature in features)
