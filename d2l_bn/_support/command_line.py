r"""What every command line of this project does alike.

A command is two functions, ``add_arguments(parser)`` and ``main(options)``, and :func:`run` puts
them together:

=============================================  ===========  =================================
what happens                                   exit status  what is seen
=============================================  ===========  =================================
the work is done                               0            its output
``main`` returns a number                      that         its output
a bad argument, ``UsageError``, ``ValueError``  2            one line on stderr
``OSError``, or an error of this package       1            one line on stderr
Ctrl-C, SIGTERM                                130, 143     one line on stderr
nobody reads the output any more (``| head``)  as else      the work goes on
the output cannot be written (a full disk)     1            the work goes on; then one line
=============================================  ===========  =================================

Any other exception is a fault of the program and keeps its traceback.

MXNet is imported in ``main`` or by what it calls, not before: a bad argument is answered at once.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from d2l_bn._support import patient_output

__all__ = ["ArgumentParser", "Failure", "Terminated", "UsageError", "finish_undisturbed", "run"]


class Failure(Exception):
    """Ends a command with a line for its user."""

    status = 1


class UsageError(Failure):
    """The arguments do not go together, or do not fit what is there."""

    status = 2


class Terminated(KeyboardInterrupt):
    """SIGTERM: what stops for Ctrl-C stops for it in the same way."""


class ArgumentParser(argparse.ArgumentParser):
    """Takes its help from a docstring: first line above the options, the rest below."""

    def __init__(self, docstring: str | None, prog: str | None = None) -> None:
        description, _, epilog = (docstring or "").partition("\n")
        super().__init__(prog=prog, description=description, epilog=epilog, formatter_class=_Help)

    def error(self, message: str) -> Any:
        line = " ".join(message.splitlines())
        self.exit(2, f"{self.prog}: {line}\n")  # argparse would print the usage above it


class _Help(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    def _get_help_string(self, action: argparse.Action) -> str | None:
        silent = action.default is None or action.default is False
        return action.help if silent else super()._get_help_string(action)


def run(
    main: Callable[[argparse.Namespace], int | None],
    add_arguments: Callable[[ArgumentParser], None],
    docstring: str | None,
    arguments: list[str] | None = None,
    prog: str | None = None,
) -> int:
    r"""Parse the arguments, do the work, and return the exit status; see the table above.

    Arguments:
        main: does the work. What it prints about a stop is the message of the KeyboardInterrupt
            that it raises anew, ``raise type(stop)("go on with ...") from None``.
        add_arguments: adds the arguments; see :mod:`d2l_bn._support.command_arguments` for types.
        docstring: its first line, and what is below, are the help.
        arguments: those of the process unless given.
        prog: the name in messages; the file's unless given.

    >>> def greet(options):
    ...     print("good", options.time)
    >>> run(greet, lambda parser: parser.add_argument("time"), "Greet.", ["morning"])
    good morning
    0
    """
    patient_output.install()
    _listen_to_sigterm()
    parser = ArgumentParser(docstring, prog)
    add_arguments(parser)
    name = parser.prog
    try:
        options = parser.parse_args(arguments)
        name = getattr(options, "prog", name)  # of a command within the command
        status = main(options) or 0
    except SystemExit as end:  # argparse: help, or a bad argument, which it has told
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt as stop:
        finish_undisturbed()
        status = _tell(name, stop if stop.args else "stopped", _status_of_stop(stop))
    except (ValueError, OSError, ImportError, MemoryError, Failure) as error:
        status = _tell(name, _message(error), _status(error))
    except Exception as error:
        if not _is_ours(error):
            raise
        status = _tell(name, error, 1)
    lost = patient_output.lost()
    return _tell(name, f"standard output: {lost}", status or 1) if lost else status


def finish_undisturbed() -> None:
    """From here to the end of the process, Ctrl-C and SIGTERM are ignored.

    For the last writing of a command that was stopped: a second Ctrl-C would leave half of it.
    """
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _listen_to_sigterm() -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated

    if threading.current_thread() is threading.main_thread():
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # who ignores it has a reason
            signal.signal(signal.SIGTERM, stop)


def _status_of_stop(stop: KeyboardInterrupt) -> int:
    return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)


def _status(error: Exception) -> int:
    if isinstance(error, Failure):
        return error.status
    usage = isinstance(error, ValueError) and not _is_ours(error)
    return 2 if usage else 1


def _is_ours(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] == "d2l_bn"


def _message(error: Exception) -> object:
    if isinstance(error, MemoryError):
        return f"not enough memory: {error}" if error.args else "not enough memory"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return error


def _tell(name: str, message: object, status: int) -> int:
    print(f"{name}: {message}", file=sys.stderr, flush=True)
    return status
