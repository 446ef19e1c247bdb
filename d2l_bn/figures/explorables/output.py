r"""A figure as the output of a cell: a still picture, and a script that takes its place."""

from __future__ import annotations

import json
from base64 import b64encode
from html import escape
from typing import Any
from uuid import uuid4

from d2l_bn.language import language as chosen_language
from d2l_bn.language import second_languages, translated

from .folder import SHARED, folder, languages, read_json, texts
from .script import script
from .settings import check_settings

WORDS = ("source", "effect", "remark", "name")  # keys of data that a reader reads


def interactive(name: str, *, language: str | None = None, **settings: Any) -> Interactive:
    r"""An interactive figure, to be the last line of a cell.

    It works in Jupyter Lab, in the classic notebook, in VS Code and on a page made from a notebook,
    without network and without kernel. Where scripts may not run, as in a notebook that is not
    trusted, a still picture stands in its place.

    Arguments:
        name: of the figure, such as ``"lagging_average"``.
        language: of its texts; by default the reader's (:func:`d2l_bn.language.language`), or
            English where the figure does not speak it.
        settings: what it shows at first. "Copy this setting" gives this call for what it shows now.

    Returns:
        An object that a notebook can show; ``html`` is the page's part of it.

    Raises:
        TypeError: a setting that the figure does not have, or of another type.
        ValueError: an unknown figure, language or value.

    >>> interactive("lagging_average", m=0.99)
    <interactive figure 'lagging_average', m=0.99>
    >>> interactive("lagging_average", momentum=0.99)
    Traceback (most recent call last):
    ...
    TypeError: lagging_average has no setting 'momentum'; it has: ...
    """
    words = texts(name, _spoken(name, chosen_language()) if language is None else language)
    check_settings(name, read_json(folder(name) / "settings.json"), settings)
    return Interactive(name, words, settings)


def _spoken(name: str, language: str) -> str:
    return language if language in languages(name) else "en"


class Interactive:
    r"""What :func:`interactive` returns."""

    def __init__(self, name: str, words: dict[str, str], settings: dict[str, Any]):
        self.name, self.texts, self.settings = name, words, settings

    def __repr__(self) -> str:
        settings = "".join(f", {key}={value!r}" for key, value in self.settings.items())
        return f"<interactive figure {self.name!r}{settings}>"

    @property
    def html(self) -> str:
        r"""The still picture, and the script that mounts the figure over it."""
        where = f"figure-{uuid4().hex}"  # a page may hold one figure twice
        given = _script_json(self._given())
        picture = f"data:image/png;base64,{b64encode(self._still()).decode()}"
        # Its own shadow, not a frame: a frame loads anew and forgets its setting whenever a
        # notebook takes the cell out of the page and puts it back.
        return (
            f'<div id="{where}"><img src="{picture}" alt="{escape(self.texts["alt"])}"'
            f' style="max-width: 100%"></div>\n'
            f"<script>(() => {{\nconst mount = {script(self.name)};\n"
            f"for (const host of document.querySelectorAll('[id=\"{where}\"]'))\n"
            f"if (!host.shadowRoot) try {{ mount(host, {given}) }} catch (error) {{\n"
            # the picture again
            "host.shadowRoot?.replaceChildren(document.createElement('slot'));\n"
            "console.error(error) }\n})()</script>"
        )

    def _given(self) -> dict[str, Any]:
        here = folder(self.name)
        data = read_json(here / "data.json")
        return {
            "name": self.name,
            "data": data if self.texts["language"] == "en" else _in_chinese(data),
            "texts": self.texts,
            "specs": read_json(here / "settings.json"),
            "options": self.settings,
            "css": (SHARED / "style.css").read_text(encoding="utf-8"),
        }

    def _still(self) -> bytes:
        return (folder(self.name) / "still.png").read_bytes()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        if chosen_language() == "en" and not second_languages():
            return self._data()
        ours: dict[str, Any] = {"figure": self.name}
        for other in second_languages():
            if other in languages(self.name):
                words = texts(self.name, other)
                ours[other] = Interactive(self.name, words, self.settings)._data()
        return self._data(), {"d2l_bn": ours}

    def _data(self) -> dict[str, str]:
        return {
            "text/html": self.html,
            "image/png": b64encode(self._still()).decode(),  # for LaTeX and code hosts
            "text/plain": f"{self.texts['title']}: {self.texts['alt']}",
        }

    def _repr_html_(self) -> str:
        return self.html


def _in_chinese(data: Any) -> Any:
    """Data with the words in them translated."""
    if isinstance(data, list):
        return [_in_chinese(value) for value in data]
    if not isinstance(data, dict):
        return data
    return {
        key: translated(value) if key in WORDS and isinstance(value, str) else _in_chinese(value)
        for key, value in data.items()
    }


def _script_json(value: Any) -> str:
    """JSON that may stand in a script: nothing in it can close the script."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
