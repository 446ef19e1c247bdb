r"""The languages of the course: texts are written in English and translated where they come out.

Nothing in the package asks for a translation of its own words, but for what shows them: figures
(:func:`d2l_bn.figures.show`), printed lines and tables. There a whole text is looked up in the
catalogues ``language/zh_CN``, which are gettext files: English as ``msgid``, Chinese as ``msgstr``.
In a ``msgid``, ``{0}``, ``{1}``, … stand for any number, and ``{name}`` for any text, which is
translated by itself. In English nothing of this is loaded.

:mod:`~d2l_bn.language.choice` says how a reader chooses; ``scripts/build_catalogues.py`` keeps the
catalogues; :func:`d2l_bn.language.notebook.chinese_notebook` translates an executed notebook.
"""

from .choice import LANGUAGES, language, second_languages
from .translation import forget_missed, missed, translated

__all__ = [
    "LANGUAGES",
    "forget_missed",
    "language",
    "missed",
    "second_languages",
    "translated",
]
