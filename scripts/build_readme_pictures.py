#!/usr/bin/env python3
"""Make the pictures of the READMEs: a figure of lesson 2, played, and a page of the book.

    make book
    python scripts/build_readme_pictures.py    # writes into notebooks/pictures

It needs Chromium and selenium, and for Chinese a font that has the characters.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any

from d2l_bn._support.command_arguments import folder_to_write
from d2l_bn._support.command_line import ArgumentParser, Failure, run

ROOT = Path(__file__).resolve().parent.parent
PICTURES, BOOK = ROOT / "notebooks/pictures", ROOT / "book/_build/html"
FIGURE = "lagging_average"
WIDTH = 760  # pixels
BATCHES = range(1, 301, 6)
MILLISECONDS, PAUSE = 90, 2000  # of a frame, and of the last one
PAGE, PAGE_SIZE = "lessons/02_two_momentums.html", (1200, 1080)
LANGUAGES = ("en", "zh")


def play(language: str) -> list[Any]:
    """The figure at one batch after the other, as pictures of one palette."""
    from _browser import browser, open_figures, prefer
    from PIL import Image

    from d2l_bn.figures import interactive

    frames = []
    with browser(WIDTH, 1200) as driver:
        prefer(driver, color_scheme="light", reduced_motion="reduce")
        open_figures(driver, [interactive(FIGURE, language=language)])
        root = driver.find_element("css selector", "body > div")
        slider = root.shadow_root.find_element("css selector", "input[name=batch]")
        for batch in BATCHES:
            driver.execute_script(
                "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))",
                slider,
                batch,
            )
            png = root.screenshot_as_png
            frames.append(Image.open(io.BytesIO(png)).convert("RGB"))
    palette = frames[len(frames) // 2].quantize(48)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


def book_page(language: str) -> Any:
    """The top of a lesson in the book, as it stands in book/_build."""
    from _browser import browser, prefer
    from PIL import Image

    with browser(*PAGE_SIZE) as driver:
        prefer(driver, color_scheme="light")
        driver.get((BOOK / language / PAGE).as_uri())
        picture = Image.open(io.BytesIO(driver.get_screenshot_as_png()))
    return picture.convert("RGB").quantize(256)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=folder_to_write, default=str(PICTURES), help="folder")


def main(options: argparse.Namespace) -> None:
    from _browser import missing

    if why := missing():
        raise Failure(why)
    if not (BOOK / "zh" / PAGE).is_file():
        raise Failure(f"{BOOK}: no Chinese book here; make book")
    for language in LANGUAGES:
        path = Path(options.out) / f"{FIGURE}.{language}.gif"
        first, *rest = play(language)
        times = [MILLISECONDS] * len(rest) + [PAUSE]
        first.save(path, save_all=True, append_images=rest, duration=times, loop=0, optimize=True)
        book_page(language).save(Path(options.out) / f"book.{language}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(run(main, add_arguments, __doc__))
