r"""A live Chinese session: what is printed and shown is translated on its way out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

from .choice import language
from .outputs import translated_bundle, translated_lines
from .translation import translated

__all__ = ["TranslatedLines", "speak_in_notebook", "spoken_output"]


class TranslatedLines:
    r"""A stream that translates whole lines; a part of a line waits for its end or for ``flush``.

    >>> import io
    >>> lines = TranslatedLines(io.StringIO())
    >>> print("1 ", end="", file=lines); lines.getvalue()
    ''
    >>> print("2", file=lines); lines.getvalue()
    '1 2\n'
    """

    def __init__(self, stream: Any, translate: Callable[[str], str] = translated) -> None:
        self._stream, self._translate = stream, translate
        self._begun, self._lock = "", RLock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with self._lock:
            lines, end, self._begun = (self._begun + text).rpartition("\n")
            if end:
                self._stream.write(translated_lines(lines, self._translate) + end)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        with self._lock:
            begun, self._begun = self._begun, ""
            if begun:
                self._stream.write(translated_lines(begun, self._translate))
            self._stream.flush()


@contextmanager
def spoken_output() -> Iterator[None]:
    r"""While it is open, a command speaks the reader's language; in English it does nothing."""
    if language() == "en":
        yield
        return
    from .catalogue import messages

    def translate(text: str) -> str:  # no words of figures: `backward` is the name of an exercise
        return translated(text, messages())

    before = sys.stdout
    sys.stdout = TranslatedLines(before, translate)  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stdout = before


def speak_in_notebook() -> None:
    r"""From now on a notebook's printed lines and shown values are in the reader's language.

    It is called by ``import d2l_bn``, and does nothing in English, outside a notebook, or twice.
    """
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if language() == "en" or shell is None or isinstance(sys.stdout, TranslatedLines):
        return
    sys.stdout = TranslatedLines(sys.stdout)  # type: ignore[assignment]
    formatter = shell.display_formatter
    in_english = formatter.format

    def in_readers_language(value: Any, *args: Any, **kwargs: Any) -> tuple[dict, dict]:
        data, metadata = in_english(value, *args, **kwargs)
        # what has been made in the reader's language says so
        return (data if "d2l_bn" in metadata else translated_bundle(data)), metadata

    formatter.format = in_readers_language
