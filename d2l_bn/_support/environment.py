r"""Where a result was made: versions, machine, threads, commit. It goes into every results file."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from d2l_bn import __version__, threads

if TYPE_CHECKING:
    import mxnet as mx

__all__ = ["describe_environment", "more"]

#: What a room has to say of its own: from a key to a function that gives the value.
more: dict[str, Callable[[], str]] = {}


def describe_environment(context: mx.Context | None = None) -> dict[str, Any]:
    r"""Versions, device, processor, threads and commit, as plain values.

    >>> describe_environment()["device"]
    'cpu(0)'
    """
    import mxnet as mx  # here: commands read this file before they know that they need MXNet

    return {
        "device": str(mx.cpu() if context is None else context),
        "python": platform.python_version(),
        "mxnet": mx.__version__,
        "numpy": numpy.__version__,
        "d2l_bn": __version__,
        "commit": _commit(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "omp_num_threads": os.environ.get("OMP_NUM_THREADS", "not set"),
        "threads": threads.status(),
        **{key: value() for key, value in more.items()},
    }


def _commit(root: Path = Path(__file__).parents[2]) -> str | None:
    """The commit of the package's own checkout, marked where its files have changes.

    None where there is none: an installed package may well lie inside somebody else's repository.
    """
    git = ["git", f"--git-dir={root / '.git'}", f"--work-tree={root}"]
    tracked = _output(*git, "ls-files", "--error-unmatch", str(root / "d2l_bn" / "__init__.py"))
    if tracked is None:
        return None
    return _output(*git, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")


def _output(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
