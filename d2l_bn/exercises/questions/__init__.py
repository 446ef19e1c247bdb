r"""The visible questions, one module for each assignment; a name that begins with _ is none."""

from __future__ import annotations

import pkgutil

__all__ = ["assignments"]


def assignments() -> list[str]:
    r"""The names of all assignments, in the order of the alphabet: the modules in this folder.

    >>> "batchnorm" in assignments()
    True
    """
    return [m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_")]
