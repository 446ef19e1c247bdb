r"""What of a text is words, and what is code, formulas and names."""

from __future__ import annotations

import re

__all__ = ["CHINESE", "has_words", "without_code"]

CHINESE = re.compile(r"[\u3400-\u9fff]")
CODE = re.compile(
    r"""
    `[^`]*`                                            # marked as code
  | \$[^$]*\$                                          # a formula
  | [^\W\d][\w.]*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)   # a call: mean(axis=(0, 1))
  | \w+\([\[\d].*                                       # the first line of array([[1, 2],
  | \{'[^{}]*\}                                        # {'a': 1}
  | (?<!\w)'[^'\n]*'(?!\w) | "[^"\s]*"                  # a quoted answer, one quoted word
  | \w+(?:[._/-]\w+)*\.\w{1,6}\b(?=\W|$)               # a.b, results/name.jsonl
  | \w*(?:\w_|_\w)\w*                                  # a_b
  | \w+=\S+                                            # axis=0
  | (?<!\w)--?\w[\w-]*                                        # --option
  | <[^\W\d][\w.]*[^<>]*>                                # <class 'a'>
  """,
    re.VERBOSE,
)
WORD = re.compile(r"(?<![^\W_])[A-Z]?[a-z]{2,}(?![^\W_])")


def without_code(text: str) -> str:
    r"""The text without what stays the same in every language.

    >>> without_code("the mean of X.mean(axis=(0, 1)) is `a b` and $x$")
    'the mean of   is   and  '
    """
    return CODE.sub(" ", text)


def has_words(text: str) -> bool:
    r"""Is there anything to translate in it?

    >>> has_words("the loss"), has_words("(32, 6)"), has_words("conv1: X.mean(axis=0) = 3")
    (True, False, False)
    >>> has_words("BN, ReLU"), has_words("批量归一化 (batch)"), has_words("mean (均值)")
    (False, False, True)
    """
    rest = without_code(text)
    letters = sum(map(len, WORD.findall(rest)))
    return letters > 0 and letters >= 2 * len(
        CHINESE.findall(rest)
    )  # a Chinese text may have English words in it
