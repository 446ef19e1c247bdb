r"""A page of Markdown in Chinese, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .words import has_words

__all__ = ["blocks", "chinese_markdown", "wants_translation"]

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
FENCE = re.compile(r"^(```+|~~~+|:::+)")


def blocks(text: str) -> Iterator[str]:
    r"""What stands between empty lines; a fence is one block.

    >>> list(blocks("# A\n\nOne\nline.\n\n```\na\n\nb\n```\n"))
    ['# A', 'One\nline.', '```\na\n\nb\n```']
    """
    block: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif fence and line.rstrip() == fence:
            fence = ""
        if line.strip() or fence:
            block.append(line)
        elif block:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)


def wants_translation(block: str) -> bool:
    r"""Whether a block has words; code has none for a translator.

    >>> list(map(wants_translation, ["A line.", "```python\na line\n```", "<!-- a line -->"]))
    [True, False, False]
    """
    code = block.startswith(("```", "~~~")) and not block.startswith(("```{", "~~~{"))
    return not code and has_words(COMMENT.sub("", block))


def chinese_markdown(text: str, translations: Mapping[str, str]) -> tuple[str, list[str]]:
    r"""The page in Chinese, and its blocks that have no translation and stay in English.

    Arguments:
        text: the page.
        translations: from each block to its translation: ``catalogue.entries(path)``.

    >>> chinese_markdown("# A title\n\n\nMore.\n", {"# A title": "# 标题"})
    ('# 标题\n\n\nMore.\n', ['More.'])
    """
    missed: list[str] = []
    made, end = [], 0
    for block in blocks(text):
        start = text.index(block, end)
        if wants_translation(block) and block not in translations:
            missed.append(block)
        made += [text[end:start], translations.get(block, block)]
        end = start + len(block)
    return "".join([*made, text[end:]]), missed
