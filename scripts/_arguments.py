"""Command-line arguments of the scripts: a bad one is one line on stderr and status 2."""

from __future__ import annotations

import argparse
import math
import sys


class ArgumentParser(argparse.ArgumentParser):
    """Takes its help from a script's docstring: first line above the options, the rest below."""

    def __init__(self, docstring: str) -> None:
        description, _, epilog = docstring.partition("\n")
        super().__init__(description=description, epilog=epilog, formatter_class=_Help)

    def error(self, message: str) -> None:
        self.exit(2, f"{self.prog}: {message}\n")  # argparse would print the usage above it


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    def _get_help_string(self, action: argparse.Action) -> str:
        silent = action.default is None or action.default is False
        return action.help if silent else super()._get_help_string(action)


def fail(message: object, status: int = 1) -> int:
    """Say why the script ends, and return its status."""
    print(f"{sys.argv[0].rpartition('/')[2]}: {message}", file=sys.stderr)
    return status


def positive_int(text: str) -> int:
    return _whole(text, least=1)


def seed_number(text: str) -> int:
    return _whole(text, least=0)


def positive_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a finite number above 0")
    return value


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return value
