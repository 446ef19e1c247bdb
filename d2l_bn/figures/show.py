r"""A figure as the output of a cell: once, closed, and with words for who cannot see it."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from html import escape
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from d2l_bn.language import language, second_languages

from .style import plt, style

SHARPNESS = 1.5  # pixels of the file for one on the page
TYPES = {b"\x89PNG": "image/png", b"GIF8": "image/gif", b"<svg": "image/svg+xml"}


def show(picture: Any, *, alt: str) -> None:
    r"""Show a figure as the output of a notebook's cell, with an alternative text, and close it.

    Jupyter Lab gives an image of its own no alternative text, so the picture is a piece of HTML
    that has it; pages made by nbconvert or MyST keep it. Outside a notebook nothing is shown.
    In Chinese (:func:`d2l_bn.language.language`) its words and ``alt`` are translated.

    Arguments:
        picture: an Axes, several of them (array, list, dict), a Figure, or the bytes of a GIF, PNG
            or SVG.
        alt: what the picture shows, in a sentence or two, for a reader who does not see it: what
            is drawn against what, and what one is to notice.

    Raises:
        TypeError: ``picture`` is none of these, or ``alt`` is no text.
        ValueError: ``alt`` is empty.

    >>> show(plt.figure().subplots(), alt="")
    Traceback (most recent call last):
    ...
    ValueError: alt is empty; expected a sentence that says what the picture shows
    """
    if not isinstance(alt, str):
        raise TypeError(f"alt is {type(alt).__name__}; expected text that says what is shown")
    if not alt.strip():
        raise ValueError("alt is empty; expected a sentence that says what the picture shows")
    figure = picture if isinstance(picture, bytes) else figure_of(picture)
    if _in_notebook():
        from IPython.display import display

        alt = " ".join(alt.split())
        data, metadata = _shown(figure, alt, language())
        if "zh" in second_languages():
            texts = [alt, *_words(figure)]
            metadata["d2l_bn"] = {"zh": _shown(figure, alt, "zh")[0], "texts": texts}
        display(data, metadata=metadata, raw=True)
    if isinstance(figure, Figure):
        plt.close(figure)  # or the notebook would show it again


def _shown(figure: Figure | bytes, alt: str, language: str) -> tuple[dict, dict]:
    """What a notebook gets, in one language."""
    if language == "en":
        return _bundle(figure, alt)
    from d2l_bn.language import translated

    from .chinese import in_chinese

    with nullcontext() if isinstance(figure, bytes) else in_chinese(figure):
        return _bundle(figure, translated(alt))


def _bundle(figure: Figure | bytes, alt: str) -> tuple[dict, dict]:
    content, width = (figure, None) if isinstance(figure, bytes) else png(figure)
    return bundle(content, alt, width)


def _words(figure: Figure | bytes) -> list[str]:
    from .chinese import words_of

    return [] if isinstance(figure, bytes) else words_of(figure)


def figure_of(picture: Any) -> Figure:
    r"""The figure of an Axes, of several, or itself.

    Raises:
        TypeError: there is none.
    """
    if isinstance(picture, Figure):
        return picture
    if isinstance(picture, Axes):
        return picture.get_figure()
    if isinstance(picture, Mapping):
        picture = picture.values()
    first = next(iter(picture), None) if isinstance(picture, Iterable) else None
    if first is None or isinstance(picture, str):
        raise TypeError(
            f"picture is {type(picture).__name__}; expected an Axes, several of them, a Figure, "
            "or the bytes of a GIF, PNG or SVG"
        )
    return figure_of(first)


def png(figure: Figure) -> tuple[bytes, int]:
    r"""The figure as PNG, cut to what is drawn, and its width on the page in pixels."""
    file = BytesIO()
    with style():
        figure.savefig(file, format="png", bbox_inches="tight", dpi=SHARPNESS * figure.dpi)
    content = file.getvalue()
    return content, round(int.from_bytes(content[16:20], "big") / SHARPNESS)  # IHDR: the width


def bundle(content: bytes, alt: str, width: int | None = None) -> tuple[dict, dict]:
    r"""The formats of one picture that a notebook chooses from, and their metadata."""
    kind = next((kind for start, kind in TYPES.items() if content.lstrip().startswith(start)), None)
    if kind is None:
        raise TypeError(f"picture starts with {content[:4]!r}; expected a GIF, PNG or SVG")
    encoded = b64encode(content).decode()
    size = f' width="{width}"' if width else ""
    html = (
        f'<img src="data:{kind};base64,{encoded}" alt="{escape(alt)}"{size}'
        ' style="max-width: 100%; height: auto">'
    )
    # HTML comes first where it may be shown; the image itself is for LaTeX and other converters
    image = content.decode() if kind == "image/svg+xml" else encoded
    data = {"text/html": html, kind: image, "text/plain": f"Figure: {alt}"}
    return data, {kind: {"alt": alt}}


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
