r"""Exercises: checks of a student's answers, for notebooks and for the grade.

:func:`check` is what a notebook calls; the rest is for those who write checks.
"""

from d2l_bn.exercises.checking import check
from d2l_bn.exercises.checks import Checks, ours
from d2l_bn.exercises.messages import Wrong, expect

__all__ = ["Checks", "Wrong", "check", "expect", "ours"]
