r"""Batch normalization in MXNet/Gluon: train the chapter's network, and what belongs to it.

`d2l-bn COMMAND --help` tells more of a command. `python -m d2l_bn` is the same as `d2l-bn`.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys

from d2l_bn import __version__, commands
from d2l_bn._support.command_line import ArgumentParser, run
from d2l_bn.language.live import spoken_output


def add_arguments(parser: ArgumentParser) -> None:
    """A sub-parser for each file of :mod:`d2l_bn.commands`."""
    parser.add_argument("--version", action="version", version=__version__)
    choices = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for found in pkgutil.iter_modules(commands.__path__):
        command = importlib.import_module(f"d2l_bn.commands.{found.name}")
        summary = (command.__doc__ or "").partition("\n")[0].replace("%", "%%")  # a format
        chosen = choices.add_parser(found.name, docstring=command.__doc__, help=summary)
        command.add_arguments(chosen)
        chosen.set_defaults(main=command.main, prog=chosen.prog)


def call(options: argparse.Namespace) -> int | None:
    """Do what the chosen command does."""
    with spoken_output():
        return options.main(options)


def main(arguments: list[str] | None = None) -> int:
    """The command line ``d2l-bn``."""
    return run(call, add_arguments, __doc__, arguments, prog="d2l-bn")


if __name__ == "__main__":
    sys.exit(main())
