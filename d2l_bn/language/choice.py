r"""Which language the reader has chosen.

The environment variable ``D2L_BN_LANGUAGE`` says it: ``en`` or ``zh``. Where it is not set, a file
``.d2l_bn_language`` in the working folder does, which holds the same: ``notebooks/zh/`` has one, so
that a notebook there is Chinese in Jupyter without any setting. Else it is English.

``D2L_BN_LANGUAGE=en,zh`` is for building a book: outputs are English, and each figure carries its
Chinese version in the metadata of the output, so that one run of a notebook serves both editions.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["LANGUAGES", "language", "second_languages"]

LANGUAGES = ("en", "zh")
VARIABLE, MARKER = "D2L_BN_LANGUAGE", ".d2l_bn_language"


def language() -> str:
    r"""The language in which the package speaks: ``'en'`` or ``'zh'``.

    Raises:
        ValueError: the variable or the file names another one.

    >>> language()
    'en'
    """
    return _chosen()[0]


def second_languages() -> tuple[str, ...]:
    r"""Those that figures carry beside it, when a book is built.

    >>> second_languages()
    ()
    """
    return _chosen()[1:]


def _chosen() -> tuple[str, ...]:
    said, where = os.environ.get(VARIABLE, ""), VARIABLE
    if not said:
        try:
            said, where = Path(MARKER).read_text(encoding="utf-8"), MARKER
        except OSError:
            return LANGUAGES[:1]
    chosen = tuple(name.strip() for name in said.split(","))
    unknown = [name for name in chosen if name not in LANGUAGES]
    if unknown:
        raise ValueError(f"{where} is {said.strip()!r}; expected {' or '.join(LANGUAGES)}")
    return chosen
