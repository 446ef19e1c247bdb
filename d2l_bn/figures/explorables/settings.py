r"""The settings of a figure, checked before it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any


def check_settings(name: str, specs: Mapping[str, dict], settings: Mapping[str, Any]) -> None:
    r"""Raise if a setting is none of the figure's, or out of its bounds.

    Arguments:
        name: of the figure, for the message.
        specs: its ``settings.json``: from a setting to its type, default and bounds.
        settings: what was asked for.

    Raises:
        TypeError: a setting that the figure does not have, or of another type.
        ValueError: a value that is out of bounds.

    >>> check_settings("f", {"m": {"type": "number", "min": 0, "max": 1}}, {"m": 2})
    Traceback (most recent call last):
    ...
    ValueError: f: m is 2; expected a number from 0 to 1
    >>> check_settings("f", {"m": {"type": "number", "min": 0, "max": 1}}, {"n": 2})
    Traceback (most recent call last):
    ...
    TypeError: f has no setting 'n'; it has: m
    """
    for key, value in settings.items():
        if key not in specs:
            raise TypeError(f"{name} has no setting {key!r}; it has: {', '.join(specs)}")
        _CHECKS[specs[key]["type"]](f"{name}: {key}", value, specs[key])


def _check_number(what: str, value: Any, spec: dict) -> None:
    whole = spec.get("log") or spec.get("step") == 1
    kind = "a whole number" if whole else "a number"
    expected = f"{what} is {value!r}; expected {kind} from {spec['min']} to {spec['max']}"
    if isinstance(value, bool) or not isinstance(value, Integral if whole else Real):
        raise TypeError(expected)
    if not spec["min"] <= value <= spec["max"]:
        raise ValueError(expected)


def _check_flag(what: str, value: Any, spec: dict) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{what} is {value!r}; expected True or False")


def _check_choice(what: str, value: Any, spec: dict) -> None:
    if value not in spec["choices"]:
        raise ValueError(f"{what} is {value!r}; expected one of {', '.join(spec['choices'])}")


def _check_numbers(what: str, value: Any, spec: dict) -> None:
    if not isinstance(value, (list, tuple)) or len(value) != spec["length"]:
        raise ValueError(f"{what} is {value!r}; expected a list of {spec['length']} numbers")
    for one in value:
        _check_number(what, one, spec)


def _check_points(what: str, value: Any, spec: dict) -> None:
    pairs = isinstance(value, (list, tuple)) and all(
        isinstance(point, (list, tuple)) and len(point) == 2 for point in value
    )
    if not pairs or len(value) > spec["most"]:
        raise ValueError(f"{what} is {value!r}; expected up to {spec['most']} pairs of numbers")
    for point in value:
        for one, low, high in zip(point, spec["min"], spec["max"]):
            _check_number(what, one, {"min": low, "max": high})


_CHECKS = {
    "number": _check_number,
    "flag": _check_flag,
    "choice": _check_choice,
    "numbers": _check_numbers,
    "points": _check_points,
}
