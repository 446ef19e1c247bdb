"""The pages of the lessons: notebooks with outputs, fitted to a site."""

from __future__ import annotations

import copy
import re
from typing import Any

import build_notebooks

from . import pictures, translation
from .places import NOTEBOOKS, Folder

HEADING = re.compile(r"^(#+) ", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
LINTER = re.compile(r"  # noqa: .*$", re.MULTILINE)
TITLES = re.compile(r"^# ", re.MULTILINE)


def sources() -> dict[str, Any]:
    """The lessons by name, as notebooks without outputs."""
    import nbformat

    return {
        path.stem: nbformat.reads(build_notebooks.notebook_text(path), as_version=4)
        for path in sorted((NOTEBOOKS / "source").glob("[0-9]*.py"))
    }


def write_lessons(executed: dict[str, Any], folder: Folder, extra: Folder, language: str) -> None:
    """The page of each lesson, and the notebook to download, without outputs."""
    import nbformat

    for name, notebook in executed.items():
        empty = translation.empty_lesson(without_outputs(notebook), name, language)
        extra.write(f"downloads/{name}.ipynb", nbformat.writes(empty) + "\n")
        spoken = translation.lesson(notebook, name, language)
        made = page(copy.deepcopy(spoken), name, extra, translation.words(language))
        folder.write(f"lessons/{name}.ipynb", nbformat.writes(made) + "\n")


def without_outputs(notebook: Any) -> Any:
    empty = copy.deepcopy(notebook)
    for cell in empty.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return empty


def page(notebook: Any, name: str, extra: Folder, words: dict[str, Any]) -> Any:
    """One title, the rest below it; the download behind the title; pictures in files."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = LINTER.sub("", cell.source)
            for output in cell.outputs:
                fit_output(output, extra)
    with_bar(notebook, bar(name, words))
    return notebook


def with_bar(notebook: Any, bar: str) -> None:
    """A line of links behind the title, and one title: parts of a lesson stand below it."""
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    titles = sum(len(TITLES.findall(FENCE.sub("", cell.source))) for cell in texts)
    title, _, texts[0].source = texts[0].source.partition("\n")
    levels = Levels(lower=titles > 1)
    for cell in texts:
        cell.source = levels.fit(cell.source)
    texts[0].source = f"{title}\n\n{bar}\n\n{texts[0].source}"


def bar(name: str, words: dict[str, Any]) -> str:
    """What one can do with the page."""
    download = f'<a href="../downloads/{name}.ipynb" download>{words["download_notebook"]}</a>'
    return f'<p class="lesson-bar">{download}<a href="../run.html">{words["how_to_open"]}</a></p>'


class Levels:
    """Levels of headings from the top of a page to its end: none is left out on the way down."""

    def __init__(self, lower: bool) -> None:
        self.lower, self.last = lower, 1

    def fit(self, text: str) -> str:
        """A Markdown text with its headings fitted; what stands in code fences stays."""
        parts, end = [], 0
        for fence in FENCE.finditer(text):
            parts += [HEADING.sub(self._fitted, text[end : fence.start()]), fence[0]]
            end = fence.end()
        return "".join([*parts, HEADING.sub(self._fitted, text[end:])])

    def _fitted(self, heading: re.Match) -> str:
        self.last = min(len(heading[1]) + self.lower, self.last + 1)
        return "#" * self.last + " "


def fit_output(output: Any, extra: Folder) -> None:
    """Of several formats the one for pages; pictures in files beside it."""
    data = output.get("data")
    if data is None:
        return
    html = data.get("text/html")
    if html is not None:
        html = "".join(html) if isinstance(html, list) else html
        output["data"] = {"text/html": pictures.moved_out(html, extra.write, "../")}
        output["metadata"] = {}
