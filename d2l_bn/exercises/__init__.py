r"""Exercises: checks of a student's answers, for notebooks and for the grade.

:func:`check` is what a notebook calls; the rest is for those who write checks.
"""

import d2l_bn._support.backend  # noqa: F401
from d2l_bn.exercises.marking import check
from d2l_bn.exercises.messages import Wrong, expect
from d2l_bn.exercises.question import Questions, ours

__all__ = ["Questions", "Wrong", "check", "expect", "ours"]
