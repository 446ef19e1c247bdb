r"""Exercises: :func:`check` is what a notebook calls; the rest is for those who write questions."""

import d2l_bn._support.backend  # noqa: F401
from d2l_bn.exercises.marking import check
from d2l_bn.exercises.messages import Wrong, expect
from d2l_bn.exercises.question import Questions

__all__ = ["Questions", "Wrong", "check", "expect"]
