r"""How many threads compute: as many as are fastest for networks of this size on this machine.

A step of LeNet is made of operations of a millisecond, and these are soon not worth the sharing.
On four cores Gluon's layers and PyTorch's were slower with four threads than with two. So it is
two, or one on a machine that has no more to give. How long a step takes with either stands in the
README, from ``results/benchmark.json``, which ``python scripts/benchmark.py`` measures.

Threads that wait for each other can count in a circle (``OMP_WAIT_POLICY=ACTIVE``) or sleep
(``PASSIVE``). The first are sooner awake, as long as there is a core for each; where others compute
on the same cores, they do little but wait. On a machine with twice as much work as it had cores, a
step took five times as long with two that count as with one, and less with two that sleep. So they
sleep.

OpenMP reads both settings once, when MXNet is loaded: they must be made before.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["available", "choose_threads", "chosen", "one_thread", "status"]

MOST_USEFUL = 2
_chosen = False


def choose_threads() -> int | None:
    r"""Set ``OMP_NUM_THREADS`` and ``OMP_WAIT_POLICY``, unless you have; before MXNet is loaded.

    The package calls it when it loads MXNet. Call it where you import MXNet yourself, first.

    Returns:
        The number of threads; None where MXNet was loaded without a setting and has made a choice
        of its own, half of the processors.
    """
    global _chosen
    if "OMP_NUM_THREADS" not in os.environ:
        if "mxnet" in sys.modules:
            return None
        os.environ["OMP_NUM_THREADS"] = str(min(available(), MOST_USEFUL))
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        _chosen = True
    first = os.environ["OMP_NUM_THREADS"].partition(",")[0].strip()  # "4,2": of nested loops
    return int(first) if first.isdigit() else None


def chosen() -> bool:
    """True if the number is the package's choice and not the user's."""
    return _chosen


def one_thread() -> None:
    """The choice for one of several processes that share the cores; called in it, first."""
    os.environ["OMP_NUM_THREADS"] = "1"


def status() -> str:
    r"""The number of threads and whose choice it is, for a line in a results file.

    >>> "OMP_NUM_THREADS" in os.environ or status() == "MXNet's choice"
    True
    """
    number = os.environ.get("OMP_NUM_THREADS")
    if number is None:
        return "MXNet's choice"
    return f"{number} ({'chosen for this machine' if _chosen else 'OMP_NUM_THREADS'})"


def available() -> int:
    r"""The cores that this process may use: physical ones, of its affinity, within its quota.

    >>> 1 <= available() <= os.cpu_count()
    True
    """
    affinity = getattr(os, "sched_getaffinity", None)
    processors = affinity(0) if affinity else set(range(os.cpu_count() or 1))
    return max(1, min(_physical(processors), _quota()))


def _physical(processors: set[int]) -> int:
    """Two processors of one core share its arithmetic: they count once."""
    cores = set()
    for number in processors:
        topology = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        cores.add(_read(topology) or str(number))
    return len(cores)


def _quota() -> int:
    """What a container's control group allows, rounded up; very many where there is none."""
    quota, _, period = (_read(Path("/sys/fs/cgroup/cpu.max")) or "max").partition(" ")
    if not quota.isdigit():  # the older interface, where -1 is no quota
        quota = _read(Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")) or ""
        period = _read(Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")) or ""
    if not (quota.isdigit() and period.isdigit() and int(period) > 0):
        return 1 << 16
    return -(-int(quota) // int(period))


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
