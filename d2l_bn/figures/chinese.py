r"""A figure with its words in Chinese, and the fonts that have the characters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import Formatter

from d2l_bn.language import translated
from d2l_bn.language.words import CHINESE

from .style import CODE, plt

__all__ = ["chinese_font", "in_chinese", "words_of"]

# As matplotlib calls them; drawn for simplified Chinese, and with Latin letters of their own
FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
)
OTHER_FONTS = ("Noto Sans CJK JP", "Arial Unicode MS")  # some characters in their Japanese form
# Their files, for those installed since matplotlib looked last
FILES = ("NotoSansCJK", "NotoSansSC", "SourceHanSans", "PingFang", "msyh", "wqy-", "simhei")
NOTE = (
    "图中的文字保持英文：没有找到中文字体。Debian、Ubuntu 上可安装：apt install fonts-wqy-microhei"
)


def words_of(figure: Figure) -> list[str]:
    r"""Every text of a figure as it is drawn, tick labels included.

    >>> ax = plt.figure().subplots()
    >>> _ = ax.set_title("a title")
    >>> "a title" in words_of(ax.figure)
    True
    """
    figure.canvas.draw()  # tick labels are made when they are drawn
    texts = (text for text in _translatable(figure) if text.get_visible())
    return [shown for shown in dict.fromkeys(text.get_text() for text in texts) if shown.strip()]


def _translatable(figure: Figure) -> list[Text]:
    """Its texts but those that are names in a program."""
    return [text for text in figure.findobj(Text) if text.get_gid() != CODE]


@contextmanager
def in_chinese(figure: Figure, translate: Callable[[str], str] = translated) -> Iterator[bool]:
    r"""While it is open, the figure is drawn in Chinese; False, and in English, without a font.

    What is translated is each text as a whole: titles, labels, legends, notes, tick labels.
    """
    font = chinese_font()
    if font is None:
        _note_once()
        yield False
        return
    texts = [(text, text.get_text(), text.get_fontfamily()) for text in _translatable(figure)]
    tickers = {
        id(ticker): (ticker, ticker.formatter)
        for axes in figure.axes
        for axis in axes._axis_map.values()
        for ticker in (axis.major, axis.minor)
    }
    family = plt.rcParams["font.family"]
    plt.rcParams["font.family"] = [*family, font]  # for ticks that are made while drawing
    try:
        for text, said, families in texts:
            shown = translate(said) if said.strip() else said
            text.set_text(shown)
            if CHINESE.search(shown):
                # TeX's part of a text has fonts of its own; for the rest it takes the first one
                text.set_fontfamily([font] if "$" in shown else _with(font, families))
        for ticker, formatter in tickers.values():
            ticker.formatter = _TranslatedTicks(formatter, translate)
        for axes in figure.axes:
            for axis in axes._axis_map.values():
                for label in axis.get_ticklabels(which="both"):
                    label.set_fontfamily(_with(font, label.get_fontfamily()))
        yield True
    finally:
        plt.rcParams["font.family"] = family
        for ticker, formatter in tickers.values():
            ticker.formatter = formatter
        for text, said, families in texts:
            text.set_text(said)
            text.set_fontfamily(families)


class _TranslatedTicks(Formatter):
    """The labels of another formatter in Chinese."""

    def __init__(self, formatter: Formatter, translate: Callable[[str], str]) -> None:
        self.inner, self.translate = formatter, translate

    def __getattr__(self, name: str):
        return getattr(self.inner, name)

    def __call__(self, x, pos=None) -> str:
        return self._shown(self.inner(x, pos))

    def format_ticks(self, values) -> list[str]:
        return [self._shown(label) for label in self.inner.format_ticks(values)]

    def set_locs(self, locs) -> None:
        self.inner.set_locs(locs)

    def get_offset(self) -> str:
        return self.inner.get_offset()

    def _shown(self, label: Any) -> str:  # functions may give numbers
        return self.translate(str(label)) if str(label).strip() else ""


def _with(font: str, families: list[str]) -> list[str]:
    """The fonts of a text, and after them the one that has what they lack.

    The generic name must be spelt out: matplotlib looks for missing characters in a list of fonts,
    but takes "sans-serif" for one font.
    """
    latin = plt.rcParams["font.sans-serif"][:1] if "sans-serif" in families else []
    return [*(name for name in families if name != "sans-serif"), *latin, font]


@lru_cache(maxsize=1)
def chinese_font() -> str | None:
    r"""The name of a font with Chinese characters, as matplotlib calls it; None without one."""
    if not _known() & set(FONTS):
        for path in font_manager.findSystemFonts():
            if Path(path).name.startswith(FILES):
                font_manager.fontManager.addfont(path)
    return next((name for name in (*FONTS, *OTHER_FONTS) if name in _known()), None)


def _known() -> set[str]:
    return {font.name for font in font_manager.fontManager.ttflist}


@lru_cache(maxsize=1)
def _note_once() -> None:
    print(NOTE)
