"""Types of command-line arguments, shared by the scripts: a bad value is one line and status 2."""

from __future__ import annotations

import argparse
import math


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
