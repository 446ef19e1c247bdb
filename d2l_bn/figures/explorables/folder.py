r"""The folder of a figure, and what is in it.

=================  ================================================================================
``math.js``        the mathematics: pure functions, tested against the package's own numbers
``figure.js``      the drawing: one exported function ``draw(figure)``
``settings.json``  what can be set: type, default, bounds; read by Python and by JavaScript
``texts.en.json``  every word of the figure, the title and the alternative text of the still picture
``data.py``        ``build()``: the data, from ``results/`` or from the package's own layer
``data.json``      what ``build()`` gave, so that a figure costs no computation
``still.png``      the figure as a picture, for where no scripts run
=================  ================================================================================

``scripts/build_figures.py`` makes the last two.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SHARED = HERE / "shared"


def names() -> list[str]:
    r"""The figures that there are.

    >>> "lagging_average" in names()
    True
    """
    return sorted(path.parent.name for path in HERE.glob("*/figure.js") if path.parent != SHARED)


def folder(name: str) -> Path:
    r"""The folder of a figure.

    >>> folder("lagging_averages")
    Traceback (most recent call last):
    ...
    ValueError: no figure 'lagging_averages'; there are: ...
    """
    if name not in names():
        raise ValueError(f"no figure {name!r}; there are: {', '.join(names())}")
    return HERE / name


def languages(name: str) -> list[str]:
    r"""The languages of a figure, such as ``['en', 'zh']``."""
    return sorted(path.name.split(".")[1] for path in folder(name).glob("texts.*.json"))


def texts(name: str, language: str = "en") -> dict[str, str]:
    r"""Every text of a figure in one language: those of all figures, and its own.

    >>> texts("lagging_average", "la")
    Traceback (most recent call last):
    ...
    ValueError: 'lagging_average' speaks en, zh, not 'la'
    """
    if language not in languages(name):
        raise ValueError(f"{name!r} speaks {', '.join(languages(name))}, not {language!r}")
    return {
        **read_json(SHARED / f"texts.{language}.json"),
        **read_json(folder(name) / f"texts.{language}.json"),
    }


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
