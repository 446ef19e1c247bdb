#!/usr/bin/env python3
"""Make the data and the still pictures of the interactive figures.

    python scripts/build_figures.py                   # what is missing or stale
    python scripts/build_figures.py lagging_average   # this one, in any case
    python scripts/build_figures.py --check           # only name what is stale
    python scripts/build_figures.py --look out/look   # photograph all sizes and themes, to look at

The data come from results/ and from the package's own layers. A still picture is the figure itself
in a browser: it needs Chromium and selenium.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import d2l_bn
from d2l_bn._support.command_arguments import folder_to_write, one_of
from d2l_bn._support.command_line import ArgumentParser, Failure, run

EXPLORABLES = Path(d2l_bn.__file__).parent / "figures" / "explorables"
SOURCES = ("math.js", "figure.js", "settings.json", "texts.en.json", "data.json")
WIDTH = 800  # pixels of a still picture
LARGEST = 40_000  # bytes of a figure's script, texts and style; data may come on top


def names() -> list[str]:
    """The figures that there are; the package's own list would load MXNet for --help."""
    return sorted(path.parent.name for path in EXPLORABLES.glob("[a-z]*/settings.json"))


def folder(name: str) -> Path:
    return EXPLORABLES / name


def builder(name: str) -> ModuleType:
    return importlib.import_module(f"d2l_bn.figures.explorables.{name}.data")


def build_data(name: str) -> Any:
    """The data of a figure, computed now."""
    return builder(name).build()


def differs(old: Any, new: Any, where: str = "data") -> str | None:
    """Where two data differ by more than rounding does from machine to machine; None if nowhere."""
    import numpy

    if isinstance(old, dict) and isinstance(new, dict):
        if old.keys() != new.keys():
            return f"{where} has other keys"
        pairs = [(old[key], new[key], f"{where}.{key}") for key in old]
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return f"{where} has another length"
        pairs = [(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(old, new))]
    else:
        numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (old, new))
        same = numpy.isclose(old, new, rtol=1e-3, atol=2e-4) if numbers else old == new
        return None if same else f"{where} is {old!r}, computed now {new!r}"
    return next((found for found in (differs(*pair) for pair in pairs) if found), None)


def fingerprint(name: str) -> str:
    """Of all that the still picture shows, but for what all figures share."""
    content = b"".join((folder(name) / source).read_bytes() for source in SOURCES)
    return hashlib.sha256(content).hexdigest()[:16]


def problems(name: str) -> list[str]:
    """What is stale in a figure's folder."""
    from d2l_bn.figures.explorables.folder import SHARED, read_json
    from d2l_bn.figures.explorables.script import script

    here, found = folder(name), []
    if not (here / "data.json").exists():
        return [f"{name}: data.json is missing"]
    different = differs(read_json(here / "data.json"), build_data(name))
    if different:
        found.append(f"{name}: data.json is stale: {different}")
    still = here / "still.txt"
    if not still.exists() or still.read_text().strip() != fingerprint(name):
        found.append(f"{name}: still.png is not of this figure")
    css = (SHARED / "style.css").stat().st_size
    size = len(script(name).encode()) + (here / "texts.en.json").stat().st_size + css
    if size > LARGEST:
        found.append(f"{name}: {size:,} bytes without its data; at most {LARGEST:,}")
    return found


def write_data(name: str) -> None:
    new = build_data(name)
    text = json.dumps(new, separators=(",", ":"), allow_nan=False)
    (folder(name) / "data.json").write_text(text + "\n", encoding="utf-8")


def photograph(name: str, pictures: dict[Path, tuple[int, str]]) -> None:
    """Keep the figure, in the setting ``STILL`` of its ``data.py`` if there is one.

    ``pictures`` goes from a file to the width of the page and its theme.
    """
    from _browser import browser, open_figures, prefer, resize  # only here: needs selenium
    from PIL import Image

    from d2l_bn.figures import interactive

    with browser() as driver:
        for path, (width, theme) in pictures.items():
            prefer(driver, color_scheme=theme, reduced_motion="reduce")
            resize(driver, width, 1600)
            open_figures(driver, [interactive(name, **getattr(builder(name), "STILL", {}))])
            png = driver.find_element("css selector", "body > div").screenshot_as_png
            # with 64 colours it has a third of the bytes
            Image.open(io.BytesIO(png)).convert("RGB").quantize(64).save(path, optimize=True)


def write_still(name: str) -> None:
    here = folder(name)
    if not (here / "still.png").exists():
        (here / "still.png").write_bytes(b"")  # the page that is photographed holds it
    photograph(name, {here / "still.png": (WIDTH, "light")})
    (here / "still.txt").write_text(fingerprint(name) + "\n")


def look(name: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    cases = [(width, theme) for width in (380, 1200) for theme in ("light", "dark")]
    photograph(name, {out / f"{name}_{case[0]}_{case[1]}.png": case for case in cases})


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--check", action="store_true", help="write nothing, name what is stale")
    add("--look", type=folder_to_write, metavar="FOLDER", help="keep pictures to look at")
    which = f"of {', '.join(names())}; those that are stale if none"
    add("figure", nargs="*", metavar="FIGURE", type=one_of(names()), help=which)


def main(options: argparse.Namespace) -> None:
    chosen = options.figure or names()
    if options.look:
        for name in chosen:
            look(name, options.look)
        return
    for name in [] if options.check else chosen:
        if options.figure or problems(name):
            write_data(name)
            write_still(name)
            print(f"wrote {name}")
    left = [problem for name in chosen for problem in problems(name)]
    if left:
        raise Failure("; ".join(left) + ". Then: python scripts/build_figures.py")


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
