r"""Start a scheduler, a server and the workers; end all of them when one dies.

MXNet's store finds its processes by the variables ``DMLC_…``: a scheduler, at an address that all
know, tells servers and workers of each other. A worker that waits for a dead one waits for ever;
hence somebody must watch, and that is the process that launches.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from d2l_bn._support.command_line import Failure

__all__ = ["is_worker", "launch"]

LOOPBACK = "127.0.0.1"
SECONDS_BETWEEN_LOOKS = 0.1
SERVE = [sys.executable, "-c", "import mxnet"]  # with such a role, the import is the service
#: Told to other hosts. DMLC_INTERFACE: by which of several networks they reach each other.
KEPT = ("OMP_NUM_THREADS", "D2L_BN_KERNELS", "D2L_BN_CACHE", "D2L_BN_DATA", "DMLC_INTERFACE")


def is_worker() -> bool:
    """Was this process started by a launcher?"""
    return os.environ.get("DMLC_ROLE") == "worker"


def launch(command: Sequence[str], workers: int, hosts: Sequence[str] = ()) -> None:
    r"""Run ``command`` as so many workers, and come back when all of them are done.

    What the first worker prints goes where this process prints; of the others nothing is shown but
    the last line of what one of them died of.

    Arguments:
        command: program and arguments.
        workers: how many.
        hosts: where workers run, in turn: names that ``ssh`` reaches without a password, with the
            same files in the same places. None: all on this machine, over the loopback.

    Raises:
        Failure: a worker or a service died; says which, and of what. No process is left behind.
    """
    address = _address_towards(hosts[0]) if hosts else LOOPBACK
    common = {
        "DMLC_PS_ROOT_URI": address,
        "DMLC_PS_ROOT_PORT": str(_free_port(address)),
        "DMLC_NUM_WORKER": str(workers),
        "DMLC_NUM_SERVER": "1",
    }
    here = {**common, "DMLC_NODE_HOST": address}
    with contextlib.ExitStack() as stack:
        services = [
            stack.enter_context(_running(role, SERVE, {**here, "DMLC_ROLE": role}))
            for role in ("scheduler", "server")
        ]
        crew = []
        for number in range(workers):
            told = {**(common if hosts else here), "DMLC_ROLE": "worker"}
            told["D2L_BN_WORKER"] = str(number)
            told.setdefault("OMP_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
            words = _over_ssh(hosts[number % len(hosts)], command, told) if hosts else command
            name = f"worker {number} of {workers}"
            crew.append(stack.enter_context(_running(name, words, told, shown=number == 0)))
        _watch(services, crew)


@dataclass
class Member:
    """A process of the group, and the file that takes its errors if nobody sees them."""

    name: str
    process: subprocess.Popen
    errors: IO[bytes]

    def obituary(self) -> str:
        code = self.process.returncode
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").strip().splitlines()
        return f"{self.name} ended {how}" + (f": {lines[-1]}" if lines else "")


def _watch(services: Sequence[Member], crew: Sequence[Member]) -> None:
    """Wait for the end of the workers; the first death ends the waiting."""
    while any(member.process.poll() is None for member in crew):
        for member in (*crew, *services):
            ended = member.process.poll()
            if ended or (ended == 0 and member in services):
                raise Failure(f"{member.obituary()}; the others were stopped")
        time.sleep(SECONDS_BETWEEN_LOOKS)
    for member in crew:
        if member.process.returncode:
            raise Failure(member.obituary())


@contextlib.contextmanager
def _running(
    name: str, command: Sequence[str], told: Mapping[str, str], shown: bool = False
) -> Iterator[Member]:
    """A process, which does not outlive the context, nor (on Linux) this process.

    A service is never told to stop: it ends here.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            env={**os.environ, **told},
            stdin=subprocess.DEVNULL,
            stdout=None if shown else subprocess.DEVNULL,
            stderr=None if shown else errors,
            start_new_session=True,  # Ctrl-C comes to the launcher alone
            preexec_fn=_die_with_the_launcher if sys.platform == "linux" else None,
        )
        try:
            yield Member(name, process, errors)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _die_with_the_launcher() -> None:
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _over_ssh(host: str, command: Sequence[str], told: Mapping[str, str]) -> list[str]:
    """``command`` on ``host``, in the same folder; -tt: it ends when the connection does."""
    told = {**told, **{name: os.environ[name] for name in KEPT if name in os.environ}}
    words = ["env", *(f"{name}={value}" for name, value in told.items()), *command]
    there = f"cd {shlex.quote(os.getcwd())} && exec {shlex.join(words)}"
    return ["ssh", "-tt", "-o", "BatchMode=yes", host, there]


def _address_towards(host: str) -> str:
    """The address of this machine by which ``host`` can reach it."""
    name = host.rpartition("@")[2]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((name, 9))  # sends nothing
            return probe.getsockname()[0]
    except OSError as error:
        raise Failure(f"--hosts {host}: {error}") from None


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]
