"""Run a script of this project as a user does, or inside this process, which is quicker."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

from d2l_bn import __main__ as d2l_bn_command

ROOT = Path(__file__).parents[1]
SYNTHETIC = ("--data", "synthetic", "--limit", "300", "--batch-size", "32")


def command(name: str, *arguments: object) -> list[str]:
    """``name`` is a file of scripts/, or a command: ``d2l-bn train``."""
    program, *of_it = name.split()
    start = ["-m", "d2l_bn"] if program == "d2l-bn" else [str(ROOT / "scripts" / program)]
    return [sys.executable, *start, *of_it, *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}


def start(name: str, *arguments: object, **options: object) -> subprocess.Popen:
    """A new process; its stdout and stderr are pipes unless given.

    It hears Ctrl-C even where this process does not, as in a job that a shell started with ``&``.
    """
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(
        command(name, *arguments),
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **{**pipes, **options},
    )


class InProcess:
    """``run(name, ...)`` gives (status, stdout, stderr) without the seconds of importing."""

    def __init__(self, monkeypatch, capsys) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, name: str, *arguments: object) -> tuple[int, str, str]:
        _, *line = command(name, *arguments)
        self._monkeypatch.setattr(sys, "argv", line)
        self._capsys.readouterr()
        # A command hears SIGTERM, and one that ends early hears nothing more.
        hears = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            if line[0] == "-m":
                status = d2l_bn_command.main(line[2:])
            else:
                runpy.run_path(line[0], run_name="__main__")
        except SystemExit as end:
            status = end.code
        finally:
            for number, handler in hears.items():
                signal.signal(number, handler)
        out, err = self._capsys.readouterr()
        return status, out, err
