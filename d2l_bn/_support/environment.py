r"""Where a result was made: versions, machine, threads, commit. It goes into every results file."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy

import d2l_bn

__all__ = ["describe_environment"]


def describe_environment(context: mx.Context | None = None) -> dict[str, Any]:
    r"""Versions, device, processor, threads and commit, as plain values.

    >>> describe_environment(mx.cpu())["device"]
    'cpu(0)'
    """
    return {
        "device": str(mx.cpu() if context is None else context),
        "python": platform.python_version(),
        "mxnet": mx.__version__,
        "numpy": numpy.__version__,
        "d2l_bn": d2l_bn.__version__,
        "commit": _commit(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "omp_num_threads": os.environ.get("OMP_NUM_THREADS", "not set"),
    }


def _commit() -> str | None:
    """The commit of this checkout, marked where the tree has changes; None outside a checkout."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    folder = Path(__file__).parent
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=10)
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
