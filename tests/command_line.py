"""Run a script of this project as a user does, or inside this process, which is quicker."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SYNTHETIC = ("--data", "synthetic", "--limit", "300", "--batch-size", "32")


def command(script: str, *arguments: object) -> list[str]:
    return [sys.executable, str(ROOT / "scripts" / script), *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


def start(script: str, *arguments: object, **options: object) -> subprocess.Popen:
    """A new process; its stdout and stderr are pipes unless given.

    It hears Ctrl-C even where this process does not, as in a job that a shell started with ``&``.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(
        command(script, *arguments),
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **{**pipes, **options},
    )


class InProcess:
    """``run(script, ...)`` gives (status, stdout, stderr) without the seconds of importing."""

    def __init__(self, monkeypatch, capsys) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.syspath_prepend(str(ROOT / "scripts"))

    def __call__(self, script: str, *arguments: object) -> tuple[int, str, str]:
        line = command(script, *arguments)[1:]
        self._monkeypatch.setattr(sys, "argv", line)
        self._capsys.readouterr()
        hears = signal.getsignal(signal.SIGINT)  # a script that ends early turns Ctrl-C off
        try:
            runpy.run_path(line[0], run_name="__main__")
        except SystemExit as end:
            status = end.code
        finally:
            signal.signal(signal.SIGINT, hears)
        out, err = self._capsys.readouterr()
        return status, out, err
