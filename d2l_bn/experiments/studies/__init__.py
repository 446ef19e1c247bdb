r"""The studies behind the lessons' figures and verdicts, one file each; a new file is found.

A file defines ``STUDY``, a :class:`d2l_bn.experiments.study.Study` of the file's name. Its records
are in ``results/NAME.jsonl``, and ``d2l-bn run NAME`` makes those that are missing.
"""

from __future__ import annotations

import importlib
import pkgutil

from d2l_bn.experiments.study import Study

__all__ = ["find_study", "study_names"]


def study_names() -> list[str]:
    r"""The names of all studies, in alphabetical order; nothing is imported for it.

    >>> "learning_rate" in study_names()
    True
    """
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find_study(name: str) -> Study:
    r"""The study of this name.

    >>> find_study("learning_rate").question
    'How large can the learning rate be, with and without batch normalization?'

    Raises:
        ValueError: there is none.
    """
    if name not in study_names():
        raise ValueError(f"no study {name!r}; expected one of {', '.join(study_names())}")
    return importlib.import_module(f"{__name__}.{name}").STUDY
