r"""Exercises: the checks that a notebook calls; the rest is for those who write questions.

MXNet is loaded when one of these names is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

__all__ = ["Questions", "Wrong", "check", "expect"]

if TYPE_CHECKING:  # the same for those who read without running
    from d2l_bn.exercises.marking import check
    from d2l_bn.exercises.messages import Wrong, expect
    from d2l_bn.exercises.question import Questions

_HOMES = {"check": "marking", "expect": "messages", "Questions": "question", "Wrong": "messages"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import d2l_bn._support.backend  # noqa: F401  before anything that imports MXNet

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
