r"""Six settings that each break a training: a lesson's reader finds out which."""

from __future__ import annotations

from typing import Any

from d2l_bn._support.arguments import check_choice

__all__ = ["PATIENTS", "broken"]

_SETTINGS: dict[str, dict[str, Any]] = {
    "A": {"own_labels": False},
    "B": {"lr": 0.002},
    "C": {"deviation": 1.0},
    "D": {"shuffle": False},
    "E": {"lr": 1.5},
    "F": {"clear": False},
}
#: The names of the broken runs.
PATIENTS = tuple(_SETTINGS)


def broken(patient: str, **cure: Any) -> dict[str, Any]:
    r"""What a broken run is called with, and what of it has been mended.

    Arguments:
        patient: its name, one of :data:`PATIENTS`.
        cure: settings that take the place of its own.

    Raises:
        ValueError: there is no such patient.

    >>> len(broken("B")), broken("B", lr=0.3)
    (1, {'lr': 0.3})
    """
    check_choice("patient", patient, PATIENTS)
    return {**_SETTINGS[patient], **cure}
