"""Pictures out of the HTML of outputs into files of their own, as small as may be without loss."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Callable

IMAGE = re.compile(
    r'<img(?P<before>[^>]*?) src="data:image/(?P<kind>png|gif|svg\+xml);base64,(?P<data>[^"]*)"'
    r"(?P<after>[^>]*)>"
)
WIDTH = re.compile(r' width="(\d+)"')
FOLDER = "pictures"

Write = Callable[[str, bytes], None]


def moved_out(html: str, write: Write, up: str) -> str:
    """``html`` with its pictures in files, which ``write`` writes and ``up`` leads to."""

    def place(found: re.Match) -> str:
        content = base64.b64decode(found["data"])
        kind, size = found["kind"].removesuffix("+xml"), ""
        rest = found["before"] + found["after"]
        if kind == "png":
            kind, content, size = smallest(content)
            given = WIDTH.search(rest)
            across = int(given[1]) if given else size[0]
            # the page keeps the room of a picture that is yet to come
            rest = WIDTH.sub("", rest) + f' width="{across}" height="{across * size[1] // size[0]}"'
        name = f"{FOLDER}/{hashlib.sha256(content).hexdigest()[:16]}.{kind}"
        write(name, content)
        return f'<img src="{up}{name}"{rest} loading="lazy">'

    return IMAGE.sub(place, html)


def smallest(png: bytes) -> tuple[str, bytes, tuple[int, int]]:
    """The same pixels as PNG or WebP, whichever is shorter, and their numbers across and down."""
    from PIL import Image

    image = Image.open(io.BytesIO(png))
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, quality=100, method=4)
    webp = file.getvalue()
    kind, content = ("webp", webp) if len(webp) < len(png) else ("png", png)
    return kind, content, image.size
